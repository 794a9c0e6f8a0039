import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';
import { waitFor } from '../support/wait.ts';

/** A plugin that uses memory or the CPU as its configuration says; what it keeps it keeps for good. */
const HOG = `
import { spawn } from 'node:child_process';
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const kept = [];
const MiB = 1024 * 1024;
const collects = gauge('hog_collects', 'Collects so far.');
const spin = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };

const modes = {
  none: () => undefined,
  heap: () => { for (;;) kept.push({ text: 'x'.repeat(9) + kept.length }); },
  'heap, bit by bit': () => { for (let i = 0; i < 40_000; i++) kept.push({ text: 'x'.repeat(9) + kept.length }); },
  buffers: () => { for (;;) kept.push(Buffer.alloc(MiB, 1)); },
  'buffers, bit by bit': () => kept.push(Buffer.alloc(5 * MiB, 1)),
  'buffers, untouched': () => kept.push(Buffer.alloc(5 * MiB)),
  'buffers, in spite of errors': () => { for (let i = 0; i < 200; i++) try { kept.push(Buffer.alloc(MiB, 1)); } catch {} },
  'small arrays': () => { for (;;) kept.push(new Uint8Array(200).fill(1)); },
  'small arrays, bit by bit': () => { for (let i = 0; i < 20_000; i++) kept.push(new Uint8Array(200).fill(1)); },
  wasm: () => { for (;;) new Uint8Array(kept[kept.push(new WebAssembly.Memory({ initial: 16 })) - 1].buffer).fill(1); },
  'wasm, bit by bit': () => {
    kept[0] ??= new WebAssembly.Memory({ initial: 1 });
    new Uint8Array(kept[0].buffer, kept[0].grow(80) * 65536).fill(1);
  },
  child: () => kept[0] ??= spawn(process.execPath, ['-e', 'globalThis.kept = Buffer.alloc(150 * 1024 * 1024, 1); setInterval(() => {}, 1e6)']),
  peak: () => Buffer.alloc(30 * MiB, 1),
  'too much at once': () => Buffer.alloc(500 * MiB),
  spin: () => spin(500),
};

export default definePlugin({
  name: 'hog',
  config: Type.Object({
    mode: Type.String({ description: 'What to use.' }),
    idle: Type.Optional(Type.Integer({ description: 'Milliseconds of CPU to use between collects, again and again.' })),
  }),
  open({ mode, idle }) {
    let count = 0;
    const timer = idle && setInterval(() => spin(idle), idle + 5);
    return {
      describe: () => [collects],
      collect() {
        modes[mode]();
        return [collects.sample(++count)];
      },
      close: () => clearInterval(timer),
    };
  },
});
`;
const plugins = { 'acme.ts': ACME, 'hog.ts': HOG };
const config = (settings: string, resource: string) =>
  `plugins: {hog: {nice: 0, ${settings}}}\nresources:\n  good: {plugin: acme}\n  hog: {plugin: hog, timeout: 20s, ${resource}}\n`;

type Run = Awaited<ReturnType<typeof startAgent>>;
/** On a busy machine it takes a while until CPU time or memory is used up. */
const PATIENT = { timeout: 120_000 };
const until = (what: string, condition: () => unknown) =>
  waitFor(async () => (await condition()) as boolean, { what, timeout: 60_000 });
const lines = (run: Run, message: string) => run.logs.filter((line) => line.message === message);

describe('a host that uses more memory than its budget is ended, and it is said why', PATIENT, () => {
  it.each([
    'heap',
    'heap, bit by bit',
    'buffers',
    'buffers, bit by bit',
    'buffers, untouched',
    'buffers, in spite of errors',
    'small arrays',
    'small arrays, bit by bit',
    'wasm',
    'wasm, bit by bit',
    'child',
  ])('%s', async (mode) => {
    await using run = await startAgent({
      plugins,
      config: config('memory: 48MiB', `every: 100ms, config: {mode: "${mode}"}`),
    });
    await until('the host to end', () => lines(run, 'host ended').length > 0);
    const fix = 'Raise "memory" of the plugin (plugins.NAME.memory), or find out what the plugin keeps.';
    const [ended] = lines(run, 'host ended');
    expect(ended?.fields).toMatchObject({ host: 'hog', reason: 'memory', resource: 'hog', fix });
    expect(ended?.fields.error).toMatch(
      /^The host "hog" (?:used|requested) [\d.]+MiB of memory; its budget is 48MiB\.|^The host "hog" ran out of memory; its budget is 48MiB, and it had (?:used|requested) [\d.]+MiB /,
    );
    const [failed] = lines(run, 'resource failed');
    expect(failed?.fields).toMatchObject({
      resource: 'hog',
      code: 'LIMIT_MEMORY',
      error: `Its host ended: ${ended?.fields.error}`,
      fix: `${fix} It is tried again in 1 s.`,
    });
    const page = await run.scrape();
    expect(page.value('informer_host_restarts_total', { host: 'hog', reason: 'memory' })).toBeGreaterThan(0);
    expect(page.value('informer_resource_up', { resource: 'hog' })).toBe(0);
    expect(page.value('queue_messages', { resource: 'good' })).toBe(1);
  });

  it('the host that plugins share is no exception', async () => {
    await using run = await startAgent({
      plugins,
      config: `shared_host: {memory: 32MiB}\n${config('host: shared', 'every: 100ms, config: {mode: "buffers, bit by bit"}').replace('nice: 0, ', '')}`,
    });
    await until('the host to end', () => lines(run, 'host ended').length > 0);
    expect(lines(run, 'host ended')[0]?.fields).toMatchObject({
      host: 'shared',
      reason: 'memory',
      error: expect.stringMatching(/^The host "shared" .*its budget is 32MiB/),
      fix: 'Raise shared_host.memory, or find out what the plugin keeps.',
    });
  });
});

it('a peak that fits in the memory budget is let be', PATIENT, async () => {
  await using run = await startAgent({
    plugins,
    config: config('memory: 48MiB', 'every: 100ms, config: {mode: peak}'),
  });
  await until('many collects', async () => ((await run.scrape()).value('hog_collects') ?? 0) > 20);
  expect(run.status('hog')).toMatchObject({ outcome: 'ok', errors: [] });
  expect(lines(run, 'host ended')).toEqual([]);
});

it('a plugin that asks for more at once than its host may have is told so, and its host goes on', async () => {
  await using run = await startAgent({
    plugins,
    config: config('memory: 48MiB', 'config: {mode: too much at once}'),
  });
  const { hostPid } = run.status('hog');
  await run.scrape();
  expect(run.status('hog')).toMatchObject({
    hostPid,
    outcome: 'plugin',
    errors: [
      {
        code: 'LIMIT_MEMORY',
        message: expect.stringMatching(
          /^Array buffer allocation failed \(the host "hog" uses [\d.]+MiB of its memory budget of 48MiB\)$/,
        ),
      },
    ],
  });
});

describe('a host that uses more of a core than its budget', PATIENT, () => {
  const over = (run: Run) => lines(run, 'host is over its CPU budget');
  const back = (run: Run) => lines(run, 'host is within its CPU budget again');

  it('has its collects spaced, and the last good values stay as long as max_stale says', async () => {
    await using run = await startAgent({
      plugins,
      config: config('cpu: 0.005', 'every: 100ms, max_stale: 1h, config: {mode: spin}'),
    });
    await until('collects to be spaced', () => run.status('hog').errors[0]?.code === 'LIMIT_CPU');
    expect(over(run)).toHaveLength(1);
    expect(over(run)[0]?.fields).toMatchObject({
      host: 'hog',
      used: expect.any(Number),
      budget: 0.005,
      fix: 'Raise "cpu" of the plugin (plugins.NAME.cpu), collect less often, or find out what the plugin does.',
    });
    expect(run.status('hog')).toMatchObject({
      state: 'running',
      outcome: 'limit',
      up: false,
      errors: [
        {
          message: expect.stringMatching(
            /^The host "hog" used [\d.]+ of a core over the last \d+ s; its budget is 0\.005, averaged over 5 minutes\. The next collect is started in \d+ s\.$/,
          ),
        },
      ],
    });
    const page = await run.scrape();
    const collects = page.value('hog_collects');
    expect(collects).toBeGreaterThan(0);
    expect(page.value('informer_resource_up', { resource: 'hog' })).toBe(0);
    expect(page.value('informer_collects_total', { resource: 'hog', outcome: 'limit' })).toBeGreaterThan(0);
    expect(page.value('informer_host_cpu_seconds_total', { host: 'hog' })).toBeGreaterThan(1);

    // A budget that is changed is changed in place.
    const { hostPid } = run.status('hog');
    await run.configure(config('cpu: 64', 'every: 100ms, max_stale: 1h, config: {mode: spin}'));
    expect(await run.agent.reload()).toMatchObject({ adjusted: ['hog'], replaced: [] });
    expect(run.status('hog').budgets?.cpu).toBe(64);
    await run.configure(config('', 'every: 100ms, max_stale: 1h, config: {mode: none}'));
    await run.agent.reload();
    await until(
      'collects to go on',
      async () => (await run.scrape()).value('informer_resource_up', { resource: 'hog' }) === 1,
    );
    expect(run.status('hog')).toMatchObject({ hostPid, outcome: 'ok' });
  });

  it('is ended if it goes on without being given any work, and is started again when it has paid for that', async () => {
    await using run = await startAgent({
      plugins,
      config: config('cpu: 0.003', 'config: {mode: none, idle: 100}'),
    });
    await until('the host to end', () => lines(run, 'host ended').length > 0);
    expect(over(run)).toHaveLength(1);
    expect(lines(run, 'host ended')[0]?.fields).toMatchObject({
      host: 'hog',
      reason: 'cpu',
      resource: 'hog',
      error: expect.stringMatching(
        /^The host "hog" used [\d.]+ of a core over the last \d+ s; its budget is 0\.003, averaged over 5 minutes\. It went on using the CPU without being given any work\.$/,
      ),
    });
    await until('the start to be put off', () =>
      run.status('hog').errors[0]?.message.includes('It is started again after'),
    );
    expect(run.status('hog')).toMatchObject({ state: 'failed', up: false, errors: [{ code: 'LIMIT_CPU' }] });
    const page = await run.scrape();
    expect(page.value('informer_host_restarts_total', { host: 'hog', reason: 'cpu' })).toBe(1);
    // What the ended one has used stays counted.
    expect(page.value('informer_host_cpu_seconds_total', { host: 'hog' })).toBeGreaterThan(1);
    expect(page.lines('informer_host_memory_bytes').filter((line) => line.includes('hog'))).toEqual([]);
    expect(back(run)).toEqual([]);

    await run.configure(config('', 'config: {mode: none}'));
    await run.agent.reload();
    expect((await run.scrape()).value('informer_resource_up', { resource: 'hog' })).toBe(1);
  });
});

it('another memory budget is that of another host, and the resource moves to it', PATIENT, async () => {
  await using run = await startAgent({ plugins, config: config('memory: 64MiB', 'config: {mode: none}') });
  const { hostPid } = run.status('hog');
  await run.configure(config('memory: 96MiB', 'config: {mode: none}'));
  expect(await run.agent.reload()).toMatchObject({ replaced: ['hog'] });
  await until('another host', () => ![hostPid, undefined].includes(run.status('hog').hostPid));
  expect(run.status('hog').budgets?.memoryBytes).toBe(96 * 1024 * 1024);
});

it('the API tells what a resource may use and what its host uses', async () => {
  await using run = await startAgent({
    plugins,
    config: config('memory: 64MiB, cpu: 0.5', 'config: {mode: none}'),
  });
  const answer = await run.agent.inject('/api/v1/resources/hog');
  expect(answer.json()).toMatchObject({
    budgets: { memoryBytes: 2 ** 26, cpu: 0.5, maxSeries: 10_000 },
    hostUsage: {
      residentBytes: expect.toSatisfy((bytes: number) => bytes > 2 ** 24),
      memoryBytes: expect.toSatisfy((bytes: number) => bytes < 2 ** 25),
      cpuShare: expect.any(Number),
    },
  });
});

it(
  'a host that is replaced takes the place of the one before in the counter of CPU time',
  PATIENT,
  async () => {
    await using run = await startAgent({ plugins, config: config('', 'config: {mode: spin}') });
    const seconds = async () =>
      (await run.scrape()).value('informer_host_cpu_seconds_total', { host: 'hog' }) ?? 0;
    await until('CPU time', async () => (await seconds()) > 0.5);
    const before = await seconds();
    const { hostPid } = run.status('hog');
    process.kill(hostPid as number, 'SIGKILL');
    await until('another host', () => ![hostPid, undefined].includes(run.status('hog').hostPid));
    expect(await seconds()).toBeGreaterThan(before);
  },
);
