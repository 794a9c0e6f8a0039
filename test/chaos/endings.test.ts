// However the agent ends, nothing that it or a plugin has started is left behind.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { FAMILY } from '../support/family-plugin.ts';
import { channelsOf, childrenOf, commandOf, isRunning, known } from '../support/proc.ts';
import { startProcess } from '../support/process.ts';
import { INFORMER, type RunningInformer, startInformer } from '../support/program.ts';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';

const KINDS = ['plain', 'stubborn'];
const config = (more: string, resource = '') => `plugin_dirs: [plugins]
resources:
  family: {plugin: family${resource}, config: {children: [${KINDS}]${more}}}
  other: {plugin: http-probe, every: 1h, config: {targets: ['http://127.0.0.1:1/']}}
`;

const start = (more = '', resource = '') =>
  startInformer({ config: config(more, resource), files: { 'plugins/family.ts': FAMILY } });

const watchdogOf = (agent: number) =>
  childrenOf(agent).find((pid) => commandOf(pid).includes('informer-watchdog'));

/** Every process that belongs to an agent: its hosts, its watchdog, and what the plugin has started. */
async function familyOf(run: RunningInformer): Promise<number[]> {
  const page = await run.scrape();
  const children = KINDS.map((kind) => known(page.value('family_child_pid', { kind })));
  const own = childrenOf(run.process.pid);
  const grandchildren = children.flatMap((pid) => childrenOf(pid));
  expect(own).toHaveLength(3);
  expect(own).toContain(watchdogOf(run.process.pid));
  expect(grandchildren).toHaveLength(1);
  const all = [...own, ...children, ...grandchildren];
  expect(all.filter((pid) => !isRunning(pid))).toEqual([]);
  return all;
}

const gone = (pids: readonly number[]) =>
  waitFor(() => pids.every((pid) => !isRunning(pid)), { what: 'the last process to end', timeout: 20_000 });

describe('an agent that is ended leaves nothing behind', () => {
  it.each(['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM', 'SIGINT'] as const)('by %s', async (signal) => {
    await using run = await start();
    const family = await familyOf(run);
    run.process.signal(signal);
    await run.process.exited;
    await gone(family);
  });

  it('while a host does not listen', async () => {
    await using run = await start(', mode: spin', ', timeout: 1h');
    const hosts = () => childrenOf(run.process.pid);
    await waitFor(() => hosts().length === 3, { what: 'the hosts' });
    const started = hosts().flatMap((pid) => childrenOf(pid));
    expect(started).toHaveLength(2);
    const all = [...hosts(), ...started, ...started.flatMap((pid) => childrenOf(pid))];
    void run.scrape().catch(() => undefined);
    run.process.signal('SIGKILL');
    await run.process.exited;
    await gone(all);
  });

  it('where the kernel has to end a host that does not listen', async () => {
    await using run = await start(', mode: spin', ', timeout: 1h');
    await waitFor(() => childrenOf(run.process.pid).length === 3, { what: 'the hosts' });
    const watchdog = known(watchdogOf(run.process.pid));
    const hosts = childrenOf(run.process.pid).filter((pid) => pid !== watchdog);
    void run.scrape().catch(() => undefined);
    process.kill(watchdog, 'SIGSTOP');
    run.process.signal('SIGKILL');
    await run.process.exited;
    if (existsSync('/usr/bin/setpriv')) await gone(hosts);
    process.kill(watchdog, 'SIGCONT');
    await gone([...hosts, watchdog]);
  });

  it('by a plugin, which can do that where its host runs as the same user', async () => {
    await using run = await start();
    const family = await familyOf(run);
    await run.configure(config(', mode: kill'));
    await waitFor(
      async () => {
        await run.scrape().catch(() => undefined);
        return !isRunning(run.process.pid);
      },
      { what: 'the agent to be killed' },
    );
    expect(await run.process.exited).toBe('SIGKILL');
    await gone(family);
  });
});

describe('the watchdog', () => {
  it('that somebody ends is started again, which is logged once, and knows what there is', async () => {
    await using run = await start();
    const family = await familyOf(run);
    for (let times = 0; times < 2; times++) {
      const watchdog = known(watchdogOf(run.process.pid));
      process.kill(watchdog, 'SIGKILL');
      const isAnother = () => ![undefined, watchdog].includes(watchdogOf(run.process.pid));
      await waitFor(isAnother, { what: 'another watchdog' });
    }
    expect(run.process.output().match(/the watchdog does not run/g)).toHaveLength(1);
    family.push(known(watchdogOf(run.process.pid)));
    run.process.signal('SIGKILL');
    await run.process.exited;
    await gone(family);
  });

  it('does not mind the signals that ask a service or a terminal to end', async () => {
    await using run = await start();
    const family = await familyOf(run);
    const watchdog = known(watchdogOf(run.process.pid));
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.kill(watchdog, signal);
    run.process.signal('SIGKILL');
    await run.process.exited;
    await gone(family);
  });

  it('ends with the last host', async () => {
    await using run = await start();
    await familyOf(run);
    const watchdog = known(watchdogOf(run.process.pid));
    await run.configure('resources: {}\n');
    await gone([watchdog]);
    expect(childrenOf(run.process.pid).filter(isRunning)).toEqual([]);
  });

  it("is told of the agent's end: no host holds a channel of the agent's", async () => {
    await using run = await start();
    await familyOf(run);
    // What the test was started with itself goes on to everything that is started from it.
    const inherited = channelsOf(process.pid);
    const ours = channelsOf(run.process.pid).filter((channel) => !inherited.includes(channel));
    expect(ours).not.toEqual([]);
    const hosts = childrenOf(run.process.pid);
    expect(hosts.flatMap(channelsOf).filter((channel) => ours.includes(channel))).toEqual([]);
  });
});

it('informer collect that is killed leaves nothing behind', async () => {
  await using folder = await temporaryFolder('collect');
  await mkdir(join(folder.path, 'plugins'));
  await writeFile(join(folder.path, 'plugins', 'family.ts'), FAMILY);
  await writeFile(join(folder.path, 'informer.yaml'), 'plugin_dirs: [plugins]\nresources: {}\n');
  await using trial = await startProcess({
    command: process.execPath,
    args: [INFORMER, 'collect', '--plugin', 'family', '--watch', '--set', `children=[${KINDS}]`],
    cwd: folder.path,
    env: { TMPDIR: folder.path },
    ready: (output) => output.includes('family_child_pid{kind="stubborn"'),
  });
  const all = childrenOf(trial.pid).flatMap((pid) => [pid, ...childrenOf(pid)]);
  expect(all).toHaveLength(4);
  trial.signal('SIGKILL');
  await trial.exited;
  await gone(all);
});

describe('a host that is killed for its deadline', () => {
  it('takes with it what it has started, also what does not listen to SIGTERM', async () => {
    await using run = await startAgent({
      plugins: { 'family.ts': FAMILY },
      config: `resources:\n  family: {plugin: family, timeout: 100ms, config: {children: [${KINDS}], mode: hang}}\n`,
    });
    const host = known(run.status('family').hostPid);
    const children = childrenOf(host);
    expect(children).toHaveLength(2);
    const all = [host, ...children, ...children.flatMap((pid) => childrenOf(pid))];
    await run.scrape();
    await gone(all);
    expect(run.logs.some(({ message }) => message === 'host ended')).toBe(true);
  });
});

// ARCHITECTURE.md names this among what is not contained.
it('what a plugin has put into a session of its own outlives its host and the agent', async () => {
  await using run = await startInformer({
    config: `plugin_dirs: [plugins]\nresources:\n  family: {plugin: family, config: {children: [session]}}\n`,
    files: { 'plugins/family.ts': FAMILY },
  });
  const escaped = known((await run.scrape()).value('family_child_pid', { kind: 'session' }));
  try {
    const hosts = childrenOf(run.process.pid);
    run.process.signal('SIGKILL');
    await run.process.exited;
    await gone(hosts);
    expect(isRunning(escaped)).toBe(true);
  } finally {
    process.kill(escaped, 'SIGKILL');
  }
});
