import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { INSPECTABLE } from '../support/inspector.ts';
import { processesIn } from '../support/left-behind.ts';
import { type RunningInformer, startInformer } from '../support/program.ts';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';
import { inspect } from './footprint.ts';
import { admin, type Page, resourcesOf, scrapePage, sum } from './page.ts';
import { pick, report } from './report.ts';
import { VICTIM } from './victims.ts';

/** One of each in a round; `outside` is well, and is killed by somebody else. */
const MODES = ['hang', 'spin', 'exit', 'abort', 'children', 'outside'];
const VICTIMS = MODES.flatMap((mode) => [1, 2].map((number) => ({ name: `${mode}-${number}`, mode })));
const KILLS = pick({ short: 40, long: 200 });
/** What the heap may grow by: what V8 learns of code that goes on running, and this much with each kill. */
const HEAP_ALLOWANCE = 512 * 1024;
const HEAP_PER_KILL = 1024;
const PATIENCE_MS = 60_000;

const HEAD = 'plugin_dirs: [plugins]\nplugins: {victim: {host: dedicated}}\nresources:\n';
const STEADY = '  steady: {plugin: victim, config: {mode: well, turn: 7}}\n';
const withVictims = (turn: number) =>
  HEAD +
  STEADY +
  VICTIMS.map(
    ({ name, mode }) =>
      `  ${name}: {plugin: victim, timeout: 200ms, config: {mode: ${mode}, turn: ${turn}}}\n`,
  ).join('');

const endedOf = (page: Page, name: string) => sum(page, 'informer_host_restarts_total', `host="${name}`);

/** Every victim's host ends at least once. Gives how many hosts have ended since the agent began. */
async function round(run: RunningInformer, turn: number): Promise<number> {
  const before = await scrapePage(run.url, 5);
  await run.configure(withVictims(turn));
  await admin(run.folder, 'POST', '/-/reload');
  for (const pid of await outsidersOf(run)) process.kill(pid, 'SIGKILL');
  const page = await waitFor(
    async () => {
      const now = await scrapePage(run.url, 5);
      const missing = VICTIMS.filter(({ name }) => endedOf(now, name) <= endedOf(before, name));
      if (missing.length > 0) throw new Error(`not ended: ${missing.map(({ name }) => name).join()}`);
      return now;
    },
    { what: 'the hosts of all victims to have ended', timeout: PATIENCE_MS },
  );
  return sum(page, 'informer_host_restarts_total');
}

/** The processes of the victims that are well. */
function outsidersOf(run: RunningInformer): Promise<number[]> {
  const running = async () => {
    const shown = (await resourcesOf(run.folder)).filter(({ name }) => name.startsWith('outside'));
    return shown.map(({ name, hostPid }) => {
      if (hostPid === undefined) throw new Error(`${name} does not run`);
      return hostPid;
    });
  };
  return waitFor(running, { what: 'the healthy victims to run', timeout: PATIENCE_MS });
}

/** Takes the victims away, and waits until nothing but the steady resource's host is left. */
async function calmDown(run: RunningInformer): Promise<void> {
  await run.configure(HEAD + STEADY);
  await admin(run.folder, 'POST', '/-/reload');
  await waitFor(() => processesIn(run.folder).length === 2, {
    what: 'only the agent and the host of the steady resource to be left',
    timeout: PATIENCE_MS,
  });
  await scrapePage(run.url, 5);
}

it(
  'an agent whose hosts ended again and again holds what it held before',
  async (test) => {
    await using folder = await temporaryFolder('leaks');
    const temporary = join(folder.path, 'tmp');
    await mkdir(temporary);
    await using run = await startInformer({
      config: HEAD + STEADY,
      files: { 'plugins/victim.ts': VICTIM },
      env: { ...INSPECTABLE, TMPDIR: temporary },
    });
    using inspector = await inspect(run);
    let turn = 0;
    // The first round compiles, caches and starts what is only needed once.
    const first = await round(run, turn++);
    await calmDown(run);
    const before = await inspector.footprint();
    let ended = first;
    while (ended - first < KILLS) ended = await round(run, turn++);
    await calmDown(run);
    const kills = ended - first;
    const leaks = await inspector.leaksSince(before, HEAP_ALLOWANCE + kills * HEAP_PER_KILL);
    leaks.push(...(await readdir(temporary)).map((name) => `the temporary file ${name}`));
    report(test, { case: 'hosts that end again and again', kills, leaks: leaks.length });
    expect(leaks).toEqual([]);
  },
  pick({ short: 120_000, long: 600_000 }),
);
