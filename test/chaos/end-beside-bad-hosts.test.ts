import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processesIn } from '../support/left-behind.ts';
import { type RunningInformer, startInformer } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';
import { resourcesOf } from './page.ts';
import { isLong, report } from './report.ts';
import { VICTIM } from './victims.ts';

/** What a host is like when its agent ends, by the victim's mode; `stopped` has had SIGSTOP. */
const ALL = [
  'hang',
  'spin',
  'stopped',
  'kept-children',
  'open-hang',
  'open-spin',
  'close-hang',
  'close-spin',
  'flood',
];
/** In the short form all of them are there at one time. */
const GROUPS = isLong ? [...ALL.map((mode) => [mode]), ALL] : [ALL];
/** An agent is given this long for ending by itself, which is less than a service manager gives it. */
const END_MS = 30_000;
const TIMEOUT = 120_000;

const config = (modes: readonly string[]) =>
  `plugin_dirs: [plugins]
plugins: {victim: {host: dedicated}}
defaults: {timeout: 60s, open_timeout: 60s}
resources:
  well: {plugin: victim, config: {mode: well, turn: 1}}
${modes.map((mode) => `  ${mode}: {plugin: victim, every: 1h, config: {mode: ${mode}, turn: 1}}\n`).join('')}`;

/** An agent in which each of these goes on at this moment. */
async function startWith(modes: readonly string[]): Promise<RunningInformer> {
  await using stack = new AsyncDisposableStack();
  const run = stack.use(
    await startInformer({ config: config(modes), files: { 'plugins/victim.ts': VICTIM } }),
  );
  const isUnderWay = async () => {
    const shown = await resourcesOf(run.folder);
    const missing = shown.filter(({ name, state, hostPid }) =>
      name.startsWith('open-') ? state !== 'opening' : hostPid === undefined,
    );
    if (missing.length > 0) throw new Error(`not yet: ${missing.map(({ name }) => name).join()}`);
    return shown;
  };
  const shown = await waitFor(isUnderWay, { what: 'every host to run', timeout: 30_000 });
  const stopped = shown.find(({ name }) => name === 'stopped')?.hostPid;
  if (stopped !== undefined) process.kill(stopped, 'SIGSTOP');
  stack.move();
  return run;
}

async function gone(run: RunningInformer): Promise<void> {
  const left = () => processesIn(run.folder);
  try {
    await waitFor(
      () => {
        if (left().length > 0) throw new Error(`left: ${left().map(commandOf).join('; ')}`);
        return true;
      },
      { what: 'nothing to be left of the agent', timeout: END_MS },
    );
  } finally {
    for (const pid of left()) process.kill(pid, 'SIGKILL');
  }
}

/** The command line of a process, for messages; it may have ended meanwhile. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return String(pid);
  }
}

describe.each(GROUPS.map((modes) => ({ title: modes.join(', '), modes })))(
  'hosts: $title',
  ({ title, modes }) => {
    it('the agent killed by SIGKILL leaves no process behind', { timeout: TIMEOUT }, async (test) => {
      await using run = await startWith(modes);
      const processes = processesIn(run.folder).length;
      expect(processes).toBeGreaterThan(modes.length);
      run.process.signal('SIGKILL');
      await run.process.exited;
      await gone(run);
      report(test, { case: `SIGKILL: ${title}`, kills: processes - 1, leaks: 0 });
    });

    it('the agent ends by SIGTERM with exit code 0 and leaves nothing', {
      timeout: TIMEOUT,
    }, async (test) => {
      await using run = await startWith(modes);
      const processes = processesIn(run.folder).length;
      run.process.signal('SIGTERM');
      let how = '';
      void run.process.exited.then((text) => {
        how = text;
      });
      await waitFor(() => how, { what: 'the agent to end', timeout: END_MS });
      expect(how).toBe('exit code 0');
      await gone(run);
      expect(existsSync(join(run.folder, 'state/agent.sock'))).toBe(false);
      report(test, { case: `SIGTERM: ${title}`, kills: processes - 1, leaks: 0 });
    });
  },
);
