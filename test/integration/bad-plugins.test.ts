import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';

const plugins = { 'acme.ts': ACME };
const beside = (bad: string) =>
  `resources:\n  good: {plugin: acme}\n  bad: {${bad}}\n  fine: {plugin: acme, every: 1h}\n`;

/** What must hold beside whatever one resource does. */
async function expectOthersWell(run: Awaited<ReturnType<typeof startAgent>>): Promise<void> {
  await run.until('the first collect of its own', () => run.status('fine').outcome !== undefined);
  const page = await run.scrape();
  for (const resource of ['good', 'fine']) {
    expect(page.value('queue_messages', { resource })).toBe(1);
    expect(page.value('informer_resource_up', { resource })).toBe(1);
  }
}

describe('a plugin that returns something bad loses that, and it is named', () => {
  it.each([
    ['name', 'PLUGIN_BAD_NAME', '"no-name" is not a metric name.'],
    ['label', 'PLUGIN_BAD_LABEL', 'Metric "queue_messages": label "queue" is a number.'],
    ['nan', 'PLUGIN_NAN', 'Metric "queue_messages" is NaN.'],
    [
      'duplicate',
      'PLUGIN_DUPLICATE_SERIES',
      'The series queue_messages{queue="a"} was returned twice; the first one is kept.',
    ],
    ['text', 'PLUGIN_NOT_A_NUMBER', 'Metric "queue_messages" has a string as its value.'],
  ])('%s', async (mode, code, message) => {
    await using run = await startAgent({ plugins, config: beside(`plugin: acme, config: {mode: ${mode}}`) });
    const page = await run.scrape();
    expect(page.value('queue_messages', { resource: 'bad', queue: 'a' })).toBe(1);
    expect(page.value('informer_resource_up', { resource: 'bad' })).toBe(1);
    expect(page.value('informer_collects_total', { resource: 'bad', outcome: 'partial' })).toBe(1);
    expect(page.lines('informer_samples_dropped_total')).toHaveLength(1);
    expect(run.status('bad').errors[0]).toMatchObject({ code, message, fix: expect.any(String) });
    await expectOthersWell(run);
    // Twice seen: as a metric, and as one line however often it happens.
    expect(run.logs.filter(({ fields }) => fields.code === code)).toHaveLength(1);
  });
});

describe('a plugin that fails', () => {
  it.each([
    ['throw', 'plugin', 'PLUGIN_FAILED', 'boom'],
    ['target', 'target', 'TARGET_FAILED', 'The broker answered 503.'],
  ])('by %s is down with its reason', async (mode, outcome, code, message) => {
    await using run = await startAgent({ plugins, config: beside(`plugin: acme, config: {mode: ${mode}}`) });
    const page = await run.scrape();
    expect(page.value('informer_resource_up', { resource: 'bad' })).toBe(0);
    expect(page.value('informer_collects_total', { resource: 'bad', outcome })).toBe(1);
    expect(page.value('queue_messages', { resource: 'bad' })).toBeUndefined();
    expect(run.status('bad').errors[0]).toMatchObject({ code, message });
    await expectOthersWell(run);
  });

  it('in open is failed with its reason and is tried again', async () => {
    await using run = await startAgent({
      plugins,
      config: beside('plugin: acme, config: {mode: open-throws}'),
    });
    await run.scrape();
    expect(run.status('bad')).toMatchObject({
      state: 'failed',
      up: false,
      errors: [{ message: 'no such broker' }],
    });
    await expectOthersWell(run);
    const failures = () => run.logs.filter(({ message }) => message === 'resource failed').length;
    expect(failures()).toBeGreaterThan(0);
  });

  it.each([
    ['a plugin that is not there', 'path: ./nowhere.ts', 'nowhere.ts'],
    ['a file that is no plugin', 'path: ./plain.mjs', 'The module has no plugin as its default export.'],
    ['a file that does not parse', 'path: ./broken.mjs', "can't be loaded"],
  ])('%s', async (_name, setting, message) => {
    await using run = await startAgent({ plugins, config: 'resources: {}\n' });
    await run.write('plain.mjs', 'export default 7;\n');
    await run.write('broken.mjs', 'export default {;\n');
    await run.configure(`plugins:\n  own: {${setting}}\n${beside('plugin: own')}`);
    expect((await run.agent.reload()).successful).toBe(true);
    await run.scrape();
    expect(run.status('bad').state).toBe('failed');
    expect(run.status('bad').errors[0]?.message).toContain(message);
    await expectOthersWell(run);
  });

  it.each([
    ['does not parse', '{"informer": ', "package.json: It can't be read as JSON: "],
    ['is not a mapping', '7', 'package.json: It holds no mapping.'],
    ['gives no name', '{"informer": {"plugin": 7}}', 'package.json: informer.plugin is no name.'],
    [
      'gives a host that there is not',
      '{"informer": {"plugin": "own", "host": "owm"}}',
      'informer.host is "owm".',
    ],
    [
      'says in another way what it needs',
      '{"informer": {"plugin": "own", "needs": {"hosts": "all"}}}',
      'informer.needs.hosts is no list.',
    ],
  ])('whose package.json %s is failed for that, and well when it is mended', async (_what, text, message) => {
    await using run = await startAgent({ plugins, config: 'resources: {}\n' });
    await run.write('plugins/own/index.ts', ACME.replace("name: 'acme'", "name: 'own'"));
    await run.write('plugins/own/package.json', text);
    await run.configure(beside('plugin: own'));
    expect(await run.agent.reload()).toMatchObject({ successful: true });
    const [error] = run.status('bad').errors;
    expect(run.status('bad').state).toBe('failed');
    expect(error).toMatchObject({ code: 'PLUGIN_BAD_MANIFEST', fix: expect.any(String) });
    expect(error?.message).toContain(message);
    await expectOthersWell(run);

    await run.write('plugins/own/package.json', '{"informer": {"plugin": "own", "needs": {"hosts": []}}}');
    expect(await run.agent.reload()).toMatchObject({ successful: true });
    await expect.poll(() => run.status('bad').state).toBe('running');
  });
});

describe('a plugin that does not end, or ends everything', () => {
  it('and honours the abort keeps what it has', async () => {
    await using run = await startAgent({
      plugins,
      config: beside('plugin: acme, timeout: 200ms, config: {mode: slow}'),
    });
    const page = await run.scrape();
    expect(page.value('queue_messages', { resource: 'bad' })).toBe(1);
    expect(page.value('informer_resource_up', { resource: 'bad' })).toBe(0);
    expect(page.value('informer_collects_total', { resource: 'bad', outcome: 'timeout' })).toBe(1);
    expect(page.lines('informer_host_restarts_total')).toEqual([]);
    await expectOthersWell(run);
  });

  it.each(['hang', 'spin'])(
    '%s: its host is killed, the others are there in the same scrape',
    async (mode) => {
      await using run = await startAgent({
        plugins,
        config: beside(`plugin: acme, timeout: 200ms, config: {mode: ${mode}}`),
      });
      await expectOthersWell(run);
      const page = await run.scrape();
      expect(page.value('informer_host_restarts_total', { host: 'acme', reason: 'timeout' })).toBe(1);
      expect(page.value('informer_collects_total', { resource: 'bad', outcome: 'timeout' })).toBeGreaterThan(
        0,
      );
      const [line] = run.logs.filter(({ message }) => message === 'resource failed');
      expect(line?.fields).toMatchObject({
        resource: 'bad',
        code: 'PLUGIN_HOST_DIED',
        fix: 'Look at what the resource reads, or raise its timeout. It is tried again in 1 s.',
      });
    },
  );

  it.each(['exit', 'abort'])('%s in a host of its own costs nobody else', async (mode) => {
    await using run = await startAgent({
      plugins: { ...plugins, 'other.ts': ACME.replace("name: 'acme'", "name: 'other'") },
      config: beside(`plugin: other, config: {mode: ${mode}}`),
    });
    await expectOthersWell(run);
    const page = await run.scrape();
    expect(page.value('informer_resource_up', { resource: 'bad' })).toBe(0);
    expect(page.lines('informer_host_restarts_total')).toHaveLength(1);
  });

  it('is late where the scraper does not wait as long', async () => {
    await using run = await startAgent({
      plugins,
      config: beside('plugin: acme, timeout: 5s, config: {mode: slow}'),
    });
    const page = await run.scrape('', { 'x-prometheus-scrape-timeout-seconds': '0.5' });
    expect(page.value('informer_resource_late', { resource: 'bad' })).toBe(1);
    expect(page.value('informer_resource_up', { resource: 'bad' })).toBe(0);
    expect(page.value('queue_messages', { resource: 'good' })).toBe(1);
    expect(page.value('queue_messages', { resource: 'bad' })).toBeUndefined();
  });
});

it('two resources that dispute a name: the first in the file keeps it, the other loses that family', async () => {
  await using run = await startAgent({
    plugins,
    config:
      'resources:\n  z: {plugin: acme, config: {mode: gauge}}\n  a: {plugin: acme, config: {mode: counter}}\n',
  });
  const page = await run.scrape();
  expect(page.lines('acme_duration')).toEqual(['acme_duration{resource="z"} 1']);
  expect(page.value('queue_messages', { resource: 'a' })).toBe(1);
  expect(page.value('informer_samples_dropped_total', { resource: 'a', reason: 'conflict' })).toBe(1);
  expect(run.status('a').errors[0]?.message).toBe(
    'The counter "acme_duration" of resource "a" is left out: resource "z" exposes the gauge "acme_duration".',
  );
});

it("the agent's own families stay its own", async () => {
  const thief = `
import { counter, definePlugin, gauge, Type } from '@dynamic-informer/sdk';
const up = gauge('informer_resource_up', 'Stolen.', ['plugin']);
const threads = counter('process_open_fds', 'Stolen.');
const depth = gauge('depth', 'Its own.');
export default definePlugin({
  name: 'thief',
  config: Type.Object({}),
  metrics: [up, threads, depth],
  open: () => ({
    collect: () => [up.sample(7, { plugin: 'thief' }), threads.sample(7), depth.sample(7)],
  }),
});
`;
  await using run = await startAgent({
    plugins: { 'thief.mjs': thief },
    config: 'resources:\n  a: {plugin: thief}\n',
  });
  const page = await run.scrape();
  expect(page.text).not.toContain('Stolen.');
  expect(page.lines('informer_resource_up')).toEqual(['informer_resource_up{plugin="thief",resource="a"} 1']);
  expect(page.lines('process_open_fds')).toHaveLength(1);
  expect(page.value('depth', { resource: 'a' })).toBe(7);
  expect(page.value('informer_samples_dropped_total', { resource: 'a', reason: 'conflict' })).toBe(2);
  expect(run.status('a').errors.map(({ message }) => message)).toEqual([
    'The gauge "informer_resource_up" of resource "a" is left out: the agent itself exposes the families that begin with informer_.',
    'The counter "process_open_fds" of resource "a" is left out: the agent itself exposes the gauge "process_open_fds".',
  ]);
});

it('keeps secrets out of the log', async () => {
  await using run = await startAgent({
    plugins,
    config: 'resources:\n  a: {plugin: acme, config: {token: pl4nted-canary}}\n',
  });
  await run.scrape();
  expect((await run.agent.inject('/plain')).body).not.toContain('pl4nted-canary');
  expect((await run.agent.inject('/api/v1/resources')).body).not.toContain('pl4nted-canary');
});

it.each(['open', 'collect'])(
  'masks a secret in what %s throws, on the page and in the API',
  async (where) => {
    const code = `
import { definePlugin, Type } from '@dynamic-informer/sdk';
export default definePlugin({
  name: 'gossip',
  config: Type.Object({ token: Type.String({ secret: true, description: 'A secret.' }) }),
  open({ token }) {
    const tell = () => { throw Object.assign(new Error('no entry with ' + token), { fix: 'Try not ' + token }); };
    if (${where === 'open'}) tell();
    return { collect: tell };
  },
});
`;
    await using run = await startAgent({
      plugins: { 'gossip.ts': code },
      config: 'resources:\n  a: {plugin: gossip, config: {token: "pl4nted-canary"}}\n',
    });
    await run.scrape();
    for (const path of ['/plain', '/api/v1/resources', '/api/v1/resources/a']) {
      let body = '';
      // While opening is tried again, it is not said why that failed before.
      await run.until(`the reason at ${path}`, async () => {
        ({ body } = await run.agent.inject(path));
        return body.includes('no entry with ***');
      });
      expect(body).not.toContain('pl4nted-canary');
    }
  },
);
