import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';

/** Does at each collect what a file beside the configuration says. */
const WILD = `
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { counter, definePlugin, gauge, targetError, Type } from '@dynamic-informer/sdk';

const depth = gauge('wild_messages', 'Messages.', ['queue']);
const disputed = counter('wild_disputed', 'Of a type that another resource has first.');
const first = gauge('wild_disputed', 'Of a type that another resource has first.');

export default definePlugin({
  name: 'wild',
  config: Type.Object({ rival: Type.Boolean({ default: false }) }),
  open({ rival }, { directory }) {
    const mode = () => readFileSync(join(directory, 'mode'), 'utf8');
    if (mode() === 'unopened' && !rival) throw new Error('no such broker');
    const good = () => ['a', 'b'].map((queue) => depth.sample(1, { queue }));
    const modes = {
      good,
      limit: () => ['a', 'b', 'c', 'd'].map((queue) => depth.sample(1, { queue })),
      invalid: () => [...good(), depth.sample(NaN, { queue: 'n' })],
      duplicate: () => [...good(), ...good()],
      conflict: () => [...good(), disputed.sample(1)],
      partial: (context) => {
        context.error(targetError('The queue "c" is locked.', { fix: 'Unlock it.' }));
        return good();
      },
      target: () => { throw targetError('The broker answered at ' + Date.now() + '.', { fix: 'Ask it.' }); },
      plugin: () => { throw new TypeError('undefined is not a queue'); },
      timeout: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve([]))),
      crash: () => process.exit(3),
      async late({ signal }) {
        while (mode() === 'late' && !signal.aborted) await pause(10);
        return good();
      },
    };
    return {
      describe: () => [depth, rival ? first : disputed],
      collect: (context) => (rival ? [first.sample(1)] : modes[mode()](context)),
    };
  },
});
`;

let run: AgentUnderTest;

beforeAll(async () => {
  run = await startAgent({ plugins: { 'wild.ts': WILD }, config: 'resources: {}\n' });
  await run.write('mode', 'good');
  await run.configure(`plugins: {wild: {host: dedicated}}
resources:
  rival: {plugin: wild, config: {rival: true}}
  wild: {plugin: wild, timeout: 2s, max_series: 3}
  filtered:
    plugin: wild
    config: {rival: true}
    relabel: [{source_labels: [__name__], regex: wild_.*, action: drop}]
`);
  await run.agent.reload();
  await run.until('everything to run', () => run.status('wild').state === 'running');
}, 60_000);
afterAll(() => run[Symbol.asyncDispose]());

/** What the log says of the resource from a line on, without what was said of its host. */
const linesOf = (resource: string, from: number) =>
  run.logs.slice(from).filter(({ fields }) => fields.resource === resource && fields.host === undefined);

const problem = async () => {
  const { errors, up } = JSON.parse((await run.agent.inject('/api/v1/resources/wild')).body);
  return { up, code: errors[0]?.code, fix: errors[0]?.fix };
};

/** It is well before and after, which is said once. */
async function beWell(): Promise<void> {
  await run.write('mode', 'good');
  await run.until('it to be well', async () => {
    const page = await run.scrape();
    return (
      page.value('informer_resource_up', { resource: 'wild' }) === 1 && (await problem()).code === undefined
    );
  });
}

interface Case {
  readonly mode: string;
  readonly outcome: string;
  readonly code: string;
  readonly up: boolean;
  readonly reason?: string;
  readonly message: string;
}

describe('what a resource lacks is a metric, one line of the log while it lasts, one when it is over, and in the API', () => {
  const incomplete = { up: true, message: 'collect incomplete' };
  const failed = { up: false, message: 'collect failed' };
  it.each<Case>([
    { mode: 'limit', outcome: 'limit', reason: 'limit', code: 'LIMIT_SERIES', ...incomplete },
    { mode: 'invalid', outcome: 'partial', reason: 'invalid', code: 'PLUGIN_NAN', ...incomplete },
    {
      mode: 'duplicate',
      outcome: 'partial',
      reason: 'duplicate',
      code: 'PLUGIN_DUPLICATE_SERIES',
      ...incomplete,
    },
    { mode: 'conflict', outcome: 'partial', reason: 'conflict', code: 'CONFLICT_FAMILY', ...incomplete },
    { mode: 'partial', outcome: 'partial', code: 'TARGET_FAILED', ...incomplete },
    { mode: 'target', outcome: 'target', code: 'TARGET_FAILED', ...failed },
    { mode: 'plugin', outcome: 'plugin', code: 'PLUGIN_FAILED', ...failed },
    { mode: 'timeout', outcome: 'timeout', code: 'TARGET_TIMEOUT', ...failed },
  ])('$mode', async ({ mode, outcome, reason, code, up, message }) => {
    await beWell();
    const from = run.logs.length;
    const before = await run.scrape();
    await run.write('mode', mode);
    await run.scrape();
    const after = await run.scrape();

    const rise = (name: string, labels: Record<string, string>) =>
      (after.value(name, { resource: 'wild', ...labels }) ?? 0) -
      (before.value(name, { resource: 'wild', ...labels }) ?? 0);
    expect(rise('informer_collects_total', { outcome })).toBe(2);
    if (reason !== undefined) {
      expect(rise('informer_samples_dropped_total', { reason })).toBeGreaterThanOrEqual(2);
    }
    expect(await problem()).toMatchObject({ up, code });
    const fields = { resource: 'wild', plugin: 'wild', outcome, code, error: expect.any(String) };
    expect(linesOf('wild', from)).toEqual([
      { level: 'warn', message, fields: expect.objectContaining(fields) },
    ]);

    await beWell();
    await run.scrape();
    expect(linesOf('wild', from).slice(1)).toEqual([
      expect.objectContaining({ level: 'info', message: 'resource is well again' }),
    ]);
  });

  it('a crash', async () => {
    await beWell();
    const from = run.logs.length;
    await run.write('mode', 'crash');
    const page = await run.scrape();
    await run.write('mode', 'good');
    expect(page.value('informer_collects_total', { resource: 'wild', outcome: 'crash' })).toBe(1);
    expect(page.value('informer_host_restarts_total', { host: 'wild', reason: 'exit' })).toBe(1);
    expect(page.value('informer_resource_up', { resource: 'wild' })).toBe(0);
    await beWell();
    expect(linesOf('wild', from)).toEqual([
      {
        level: 'error',
        message: 'resource failed',
        fields: expect.objectContaining({
          plugin: 'wild',
          code: 'PLUGIN_HOST_DIED',
          error: expect.stringContaining('code 3'),
          fix: expect.stringContaining('tried again'),
        }),
      },
      expect.objectContaining({ level: 'info', message: 'resource is well again' }),
    ]);
    const hosts = run.logs.slice(from).filter(({ message }) => message === 'host ended');
    expect(hosts).toEqual([
      {
        level: 'error',
        message: 'host ended',
        fields: expect.objectContaining({ host: 'wild', reason: 'exit', resource: 'wild' }),
      },
    ]);
  });

  it('being late', async () => {
    await beWell();
    const from = run.logs.length;
    await run.write('mode', 'late');
    const impatient = { 'x-prometheus-scrape-timeout-seconds': '0.4' };
    const page = await run.scrape('', impatient);
    expect(page.value('informer_resource_late', { resource: 'wild' })).toBe(1);
    expect(await problem()).toMatchObject({ up: false, code: 'TARGET_LATE', fix: expect.any(String) });
    await beWell();
    expect(linesOf('wild', from)).toEqual([
      {
        level: 'warn',
        message: 'resource was late for a scrape',
        fields: expect.objectContaining({ plugin: 'wild', code: 'TARGET_LATE', fix: expect.any(String) }),
      },
      expect.objectContaining({ level: 'info', message: 'resource is well again' }),
    ]);
  });

  it('what relabelling drops is what the operator wants: a metric, and no line', async () => {
    const page = await run.scrape();
    const dropped = page.value('informer_samples_dropped_total', { resource: 'filtered', reason: 'relabel' });
    expect(dropped).toBeGreaterThan(0);
    expect(page.value('informer_resource_up', { resource: 'filtered' })).toBe(1);
    expect(run.status('filtered')).toMatchObject({ outcome: 'ok', errors: [] });
    expect(
      run.logs.filter(({ fields, level }) => fields.resource === 'filtered' && level !== 'info'),
    ).toEqual([]);
  });

  it('a second problem beside the first is said when it comes, not the first anew', async () => {
    await beWell();
    const from = run.logs.length;
    await run.write('mode', 'partial');
    await run.scrape();
    await run.write('mode', 'invalid');
    await run.scrape();
    expect(linesOf('wild', from).map(({ fields }) => fields.code)).toEqual(['TARGET_FAILED', 'PLUGIN_NAN']);
    await beWell();
  });
});

it('a resource that does not open says so once, however often it is tried, and that it is well again', async () => {
  await using own = await startAgent({ plugins: { 'wild.ts': WILD }, config: 'resources: {}\n' });
  await own.write('mode', 'unopened');
  await own.configure('resources:\n  wild: {plugin: wild}\n');
  await own.agent.reload();
  const said = (message: string) => own.logs.filter((line) => line.message === message);
  await own.until('the first failure', () => own.status('wild').state === 'failed');
  const first = own.status('wild').since;
  await own.until(
    'another try',
    () => own.status('wild').state === 'failed' && own.status('wild').since > first,
  );
  expect(said('resource failed')).toEqual([
    {
      level: 'error',
      message: 'resource failed',
      fields: expect.objectContaining({ resource: 'wild', plugin: 'wild', code: 'PLUGIN_FAILED' }),
    },
  ]);
  expect((await own.scrape()).value('informer_resource_up', { resource: 'wild' })).toBe(0);

  await own.write('mode', 'good');
  await own.until('it to open', async () => {
    return (await own.scrape()).value('informer_resource_up', { resource: 'wild' }) === 1;
  });
  expect(said('resource is well again')).toHaveLength(1);
});
