import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { FAMILY } from '../support/family-plugin.ts';
import { ACME } from '../support/plugins.ts';
import { childrenOf, known, niceOf, sessionNiceOf } from '../support/proc.ts';

const plugins = { 'acme.ts': ACME, 'other.ts': ACME.replace("name: 'acme'", "name: 'other'") };

describe('which process a resource runs in', () => {
  it.each([
    ['own', 1],
    ['dedicated', 2],
    ['shared', 1],
  ])('host: %s', async (host, processes) => {
    await using run = await startAgent({
      plugins,
      config: `plugins: {acme: {host: ${host}}}\nresources:\n  a: {plugin: acme}\n  b: {plugin: acme}\n  other: {plugin: other}\n`,
    });
    const pid = (name: string) => run.status(name).hostPid;
    expect(new Set([pid('a'), pid('b')]).size).toBe(processes);
    expect([pid('a'), pid('b')]).not.toContain(pid('other'));
    expect([pid('a'), pid('b'), pid('other')]).not.toContain(undefined);
    const page = await run.scrape();
    const name = { own: 'acme', dedicated: 'a', shared: 'shared' }[host];
    expect(page.value('informer_resource_info', { resource: 'a', host: name ?? '' })).toBe(1);
    expect(page.value('informer_host_memory_bytes', { host: name ?? '' })).toBeGreaterThan(1e6);
  });

  it('a change of it moves the resource', async () => {
    const config = (host: string) => `plugins: {acme: {host: ${host}}}\nresources:\n  a: {plugin: acme}\n`;
    await using run = await startAgent({ plugins, config: config('own') });
    const before = run.status('a').hostPid;
    await run.configure(config('dedicated'));
    await run.agent.reload();
    expect(run.status('a').hostPid).not.toBe(before);
    expect((await run.scrape()).value('queue_messages', { resource: 'a' })).toBe(1);
  });
});

it.each([
  ['own', 'plugins: {acme: {memory: 100MiB}}'],
  ['own', 'plugins: {acme: {log_lines: 50}}'],
  ['shared', 'plugins: {acme: {host: shared}}\nshared_host: {memory: 100MiB}'],
])('what a running process (%s) can not be given moves the resource: %s', async (host, settings) => {
  const resources = 'resources:\n  a: {plugin: acme}\n';
  await using run = await startAgent({ plugins, config: `plugins: {acme: {host: ${host}}}\n${resources}` });
  const before = run.status('a').hostPid;
  await run.configure(`${settings}\n${resources}`);
  expect((await run.agent.reload()).successful).toBe(true);
  expect(run.status('a').hostPid).not.toBe(before);
  expect((await run.scrape()).value('queue_messages', { resource: 'a' })).toBe(1);
});

it("priority: built-ins have the agent's, others 10, or what is configured; so has what they start", async () => {
  const named = (name: string) => FAMILY.replace("name: 'family'", `name: '${name}'`);
  await using run = await startAgent({
    plugins: { 'foreign.ts': named('foreign'), 'low.ts': named('low') },
    config: `plugins: {low: {nice: 15}, file-tail: {nice: 3}}
resources:
  web: {plugin: http-probe, config: {targets: ['http://127.0.0.1:1/']}}
  log: {plugin: file-tail, config: {files: [/nowhere], patterns: []}}
  foreign: {plugin: foreign, config: {children: [plain]}}
  low: {plugin: low, config: {children: [plain]}}
`,
  });
  const own = niceOf(process.pid);
  const pid = (name: string) => known(run.status(name).hostPid);
  expect(niceOf(pid('web'))).toBe(own);
  expect(niceOf(pid('foreign'))).toBe(10);
  expect(niceOf(pid('low'))).toBe(15);
  expect(niceOf(pid('log'))).toBe(3);
  expect(childrenOf(pid('foreign')).map(niceOf)).toEqual([10]);
  // Hosts are sessions of their own: where these share the CPU, a process' own priority says nothing.
  const hasSessions = sessionNiceOf(process.pid) !== undefined;
  await run.until(
    'the priorities of sessions',
    () => sessionNiceOf(pid('low')) === (hasSessions ? 15 : undefined),
  );
  await run.until(
    'the priorities of sessions',
    () => sessionNiceOf(pid('foreign')) === (hasSessions ? 10 : undefined),
  );
  expect(childrenOf(pid('low')).map(niceOf)).toEqual([15]);
});
