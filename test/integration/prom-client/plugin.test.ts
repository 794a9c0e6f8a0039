import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { definePlugin, Registry, Type } from '@dynamic-informer/sdk';
import { asCollector, Counter, Gauge, Registry as PromRegistry } from '@dynamic-informer/sdk/prom-client';
import { openForTest, testPlugin } from '@dynamic-informer/sdk/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { informer } from '../../support/program.ts';
import * as before from './app/shop-metrics.ts';
import { type ParsedExposition, parseExposition, withLines } from './parsed.ts';

const SOURCE = join(import.meta.dirname, 'app/shop-metrics.ts');

/** The shop's metrics with another import, and a plugin of them, beside the node_modules that both need. */
let folder: string;
let after: typeof before;

beforeAll(async () => {
  folder = await mkdtemp(join(import.meta.dirname, 'moved-'));
  const source = await readFile(SOURCE, 'utf8');
  await writeFile(
    join(folder, 'shop-metrics.ts'),
    source.replace("from 'prom-client'", "from '@dynamic-informer/sdk/prom-client'"),
  );
  await writeFile(
    join(folder, 'shop.ts'),
    `import { definePlugin, Type } from '@dynamic-informer/sdk';
     import { asCollector } from '@dynamic-informer/sdk/prom-client';
     import { register, sell } from './shop-metrics.ts';
     sell();
     export default definePlugin({ name: 'shop', config: Type.Object({}), open: () => asCollector(register) });
`,
  );
  await writeFile(
    join(folder, 'informer.yaml'),
    `state_dir: state\nplugins: {shop: {path: ./shop.ts}}\nresources: {shop: {plugin: shop}}\n`,
  );
  after = (await import(pathToFileURL(join(folder, 'shop-metrics.ts')).href)) as typeof before;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("an application's metrics after their import was changed", () => {
  const plugin = definePlugin({
    name: 'shop',
    config: Type.Object({}),
    open: () => asCollector(after.register as unknown as PromRegistry),
  });

  const options = {
    folder: import.meta.dirname,
    target: 'none',
    config: () => ({}),
    // prom-client's own.
    foreignNames: /^shop_(process|nodejs)_/,
  } as const;
  for (const check of testPlugin(plugin, options)) {
    it(check.name, { timeout: check.timeout }, check.run);
  }

  it('are a plugin that the agent runs, with the series that prom-client shows', async () => {
    before.sell();
    const config = join(folder, 'informer.yaml');
    const { code, stdout, stderr } = await informer(['collect', 'shop', '--config', config]);
    expect(stderr).toContain('outcome ok');
    expect(code).toBe(0);
    const expected = parseExposition(await before.register.metrics());
    const actual = parseExposition(stdout.replace(/resource="shop",?/g, '').replaceAll('{}', ''));
    expect(withoutProcess(actual)).toEqual(withoutProcess(expected));
    expect(headersOf(actual)).toEqual(headersOf(expected));
  });
});

/** What the shop itself counts; what its process does is never the same twice. A timer's sum is not either. */
function withoutProcess(families: ParsedExposition): ParsedExposition {
  const own = Object.entries(withLines(families)).filter(([name]) => !/^shop_(process|nodejs)_/.test(name));
  const timed = /^shop_checkout_duration_seconds_sum\{status="left"\}$/;
  return Object.fromEntries(
    own.map(([name, family]) => {
      const lines = Object.entries(family.lines).map(([key, line]) => [
        key,
        timed.test(key) ? 'timed' : line,
      ]);
      return [name, { ...family, lines: Object.fromEntries(lines) }];
    }),
  );
}

/** Of what the process surely does: there need not have been a collection of garbage or a request. */
function headersOf(families: ParsedExposition): object {
  const headers = Object.entries(families).filter(([name]) => !/_gc_|_active_requests$/.test(name));
  return Object.fromEntries(headers.map(([name, { type, help }]) => [name, { type, help }]));
}

describe('asCollector', () => {
  const collecting = (registry: PromRegistry) =>
    openForTest(
      definePlugin({ name: 'app', config: Type.Object({}), open: () => asCollector(registry) }),
      {},
    );

  it('gives default labels, and those of its own before them', async () => {
    const registry = new PromRegistry();
    const hits = new Counter({
      name: 'hits_total',
      help: 'Hits.',
      labelNames: ['app'],
      registers: [registry],
    });
    hits.inc();
    hits.inc({ app: 'own' }, 2);
    registry.setDefaultLabels({ app: 'shop', zone: 1 });
    await using collector = await collecting(registry);
    const { value, outcome } = await collector.collect();
    expect(outcome).toBe('ok');
    expect(value('hits_total', { app: 'shop', zone: '1' })).toBe(1);
    expect(value('hits_total', { app: 'own', zone: '1' })).toBe(2);
  });

  it('leaves out a metric whose callback fails, says so, and keeps the others', async () => {
    const registry = new PromRegistry();
    new Gauge({ name: 'fine', help: 'Fine.', registers: [registry] }).set(1);
    const failing = { help: 'Fails.', registers: [registry] };
    new Gauge({ name: 'throws', ...failing, collect: () => expect.fail('no reading') });
    new Gauge({ name: 'rejects', ...failing, collect: () => Promise.reject(new Error('no answer')) });
    await using collector = await collecting(registry);
    const { value, outcome, errors } = await collector.collect();
    expect(outcome).toBe('partial');
    expect(errors.map(({ message }) => message)).toEqual(['no reading', 'no answer']);
    expect([value('fine'), value('throws'), value('rejects')]).toEqual([1, undefined, undefined]);
  });

  it('stands beside the metrics of a registry of the SDK', () => {
    const registry = new PromRegistry();
    new Gauge({
      name: 'theirs',
      help: 'x',
      registers: [registry],
      collect(this: Gauge) {
        this.set(7);
      },
    });
    const whole = new Registry();
    whole.gauge('own', 'x').with().set(5);
    whole.register(asCollector(registry));
    expect(whole.describe().map(({ name }) => name)).toEqual(['own', 'theirs']);
    expect(whole.collect().map(({ descriptor, value }) => [descriptor.name, value])).toEqual([
      ['own', 5],
      ['theirs', 7],
    ]);
  });

  it('says that a registry of the SDK can not wait for a callback', () => {
    const registry = new PromRegistry();
    new Gauge({ name: 'slow', help: 'x', registers: [registry], collect: async () => undefined });
    const whole = new Registry();
    whole.register(asCollector(registry));
    expect(() => whole.collect()).toThrow(
      expect.objectContaining({
        code: 'PLUGIN_ASYNC_COLLECT',
        message: 'The collect callback of the metric "slow" gave a promise.',
      }),
    );
  });
});
