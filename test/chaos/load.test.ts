import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startHttp } from '../support/http-server.ts';
import { INSPECTABLE } from '../support/inspector.ts';
import { killIfThere, processesIn } from '../support/left-behind.ts';
import { type RunningInformer, startInformer } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';
import { Fleet, STEADY } from './fleet.ts';
import { inspect } from './footprint.ts';
import { admin, resourcesOf, scrapePage } from './page.ts';
import { pick, report } from './report.ts';

const SCRAPERS = 4;
const SCRAPE_SECONDS = pick({ short: 20, long: 10 });
const LOAD_MS = pick({ short: 6_000, long: 60_000 });
const RELOADS = pick({ short: 12, long: 1000 });
const TIMEOUT = pick({ short: 300_000, long: 600_000 });
/** What the heap may grow by: what V8 learns of code that goes on running. */
const HEAP_ALLOWANCE = 1024 * 1024;
const PATIENCE_MS = 120_000;

/** What the load did, and what was wrong. */
class Tally {
  readonly wrong: string[] = [];
  pages = 0;
  down = 0;
  reloads = 0;
  kills = 0;
  worstOverrunMs = 0;
}

/** Looks at one page, of which nothing may be wrong. Gives how many resources are down in it. */
async function lookAt(run: RunningInformer, fleet: Fleet, tally: Tally): Promise<number> {
  const since = fleet.expectation();
  const page = await scrapePage(run.url, SCRAPE_SECONDS);
  const { wrong, down } = fleet.judge(page, since);
  tally.wrong.push(...wrong);
  tally.pages++;
  tally.down += down;
  tally.worstOverrunMs = Math.max(tally.worstOverrunMs, Math.ceil(page.overrunMs));
  return down;
}

/** Scrapes without pause. */
async function scrapeOn(run: RunningInformer, fleet: Fleet, tally: Tally, end: AbortSignal): Promise<void> {
  while (!end.aborted) await lookAt(run, fleet, tally);
}

/** Changes one resource every 200 ms, and asks for a reload, which the watcher may have begun by itself. */
async function reloadOn(run: RunningInformer, fleet: Fleet, tally: Tally, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    const turn = pause(200);
    const member = any(fleet.members);
    fleet.change(member);
    const version = member.versions.length - 1;
    await run.configure(fleet.config);
    await admin(run.folder, 'POST', '/-/reload');
    member.confirmed = version;
    tally.reloads++;
    await turn;
  }
}

/** Kills a host every second, as somebody else would. */
async function killOn(run: RunningInformer, fleet: Fleet, tally: Tally, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    const turn = pause(1000);
    const resources = await resourcesOf(run.folder);
    const pid = any([...new Set(resources.flatMap(({ hostPid }) => hostPid ?? []))]);
    fleet.disturb(resources.filter(({ hostPid }) => hostPid === pid).map(({ name }) => name));
    killIfThere(pid);
    tally.kills++;
    await turn;
  }
}

/** Writes lines that are counted. */
async function writeOn(run: RunningInformer, fleet: Fleet, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    fleet.lines.begun += 3;
    await appendFile(join(run.folder, 'app.log'), 'line one\nline two\nline three\n');
    fleet.lines.written += 3;
    await pause(50);
  }
}

const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

const ONE = 'plugin_dirs: [plugins]\nresources:\n  one: {plugin: steady, config: {value: 1, takes: 0}}\n';

/** Takes the fleet away, and waits until nothing but the host of one resource is left. */
async function calmDown(run: RunningInformer): Promise<void> {
  await run.configure(ONE);
  await admin(run.folder, 'POST', '/-/reload');
  await waitFor(() => processesIn(run.folder).length === 2, {
    what: 'only the agent and one host to be left',
    timeout: PATIENCE_MS,
  });
  await scrapePage(run.url, SCRAPE_SECONDS);
}

async function deploy(run: RunningInformer, fleet: Fleet, tally: Tally): Promise<void> {
  fleet.begin();
  await run.configure(fleet.config);
  await admin(run.folder, 'POST', '/-/reload');
  await waitFor(async () => (await lookAt(run, fleet, tally)) === 0, {
    what: 'every resource to be well',
    timeout: PATIENCE_MS,
  });
}

it(
  '200 resources, 4 scrapers, a reload every 200 ms, hosts killed at random: no failed scrape and no wrong value',
  async (test) => {
    await using targets = await startHttp((_request, response) => response.end('well\n'));
    const fleet = new Fleet(targets.url);
    await using run = await startInformer({
      config: ONE,
      files: { ...fleet.files, 'app.log': '' },
      env: INSPECTABLE,
    });
    using inspector = await inspect(run);
    const tally = new Tally();
    await deploy(run, fleet, tally);
    await calmDown(run);
    const before = await inspector.footprint();
    await deploy(run, fleet, tally);
    const end = AbortSignal.timeout(LOAD_MS);
    await Promise.all([
      ...Array.from({ length: SCRAPERS }, () => scrapeOn(run, fleet, tally, end)),
      reloadOn(run, fleet, tally, end),
      killOn(run, fleet, tally, end),
      writeOn(run, fleet, end),
    ]);
    await waitFor(async () => (await lookAt(run, fleet, tally)) === 0, {
      what: 'every resource to be well again',
      timeout: PATIENCE_MS,
    });
    await calmDown(run);
    const leaks = await inspector.leaksSince(before, HEAP_ALLOWANCE);
    const { pages: scrapes, kills, down, worstOverrunMs } = tally;
    const title = `200 resources, ${SCRAPERS} scrapers, ${tally.reloads} reloads`;
    report(test, { case: title, scrapes, worstOverrunMs, kills, late: down, leaks: leaks.length });
    expect(tally.wrong).toEqual([]);
    expect(leaks).toEqual([]);
  },
  TIMEOUT,
);

it(
  'an agent that reloaded again and again holds what it held before',
  async (test) => {
    await using run = await startInformer({
      config: ONE,
      files: { 'plugins/steady.ts': STEADY },
      env: INSPECTABLE,
    });
    using inspector = await inspect(run);
    const reload = async (value: number) => {
      await run.configure(ONE.replace('value: 1', `value: ${value}`));
      await admin(run.folder, 'POST', '/-/reload');
      const { resources } = await scrapePage(run.url, SCRAPE_SECONDS);
      expect(resources.get('one')?.get('steady_value{}')).toBe(value);
    };
    // What is only needed once is compiled and kept by then.
    for (let pass = 0; pass < 10; pass++) await reload(pass);
    await calmDown(run);
    const before = await inspector.footprint();
    for (let pass = 0; pass < RELOADS; pass++) await reload(pass);
    await calmDown(run);
    const leaks = await inspector.leaksSince(before, HEAP_ALLOWANCE);
    report(test, { case: `${RELOADS} reloads`, scrapes: RELOADS, leaks: leaks.length });
    expect(leaks).toEqual([]);
  },
  TIMEOUT,
);
