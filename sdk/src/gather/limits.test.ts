import { describe, expect, it } from 'vitest';
import { encodeText } from '../exposition/formats.ts';
import { counter, gauge, histogram } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import { Registry } from '../registry/registry.ts';
import { Gatherer, type GatherOptions, type GatherResult } from './gather.ts';
import { compileRelabel } from './relabel.ts';

const depth = gauge('queue_depth', 'Waiting.', ['queue']);
const requests = counter('http_requests_total', 'Requests.', ['method', 'path']);
const seconds = histogram('request_seconds', 'Duration.', ['path'], { buckets: [0.1, 1] });

const queues = (...names: string[]): Sample[] => names.map((queue) => depth.sample(1, { queue }));
const paths = (...names: string[]): Sample[] =>
  names.map((path) => requests.sample(1, { method: 'GET', path }));
const many = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `/${from + i}`);

/** What is exposed, without headers and values. */
const shown = ({ families }: GatherResult): string[] =>
  encodeText(families)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));

const errorOf = ({ problems }: GatherResult) => problems[0]?.error;

const KEEP_ALL = compileRelabel([{ target_label: 'team', replacement: 'shop' }]);

const WAYS: readonly [string, GatherOptions][] = [
  ['as they are', {}],
  ['relabelled', { relabel: KEEP_ALL }],
];

describe.each(WAYS)('at the limit of series, %s', (_way, options) => {
  it('a family that explodes does not push out what others had exposed', () => {
    const gatherer = new Gatherer([requests, depth, seconds], { ...options, maxSeries: 10 });
    const others = [...queues('a', 'b'), seconds.sample({ counts: [1, 0, 0], sum: 1 }, { path: '/' })];
    const before = shown(gatherer.gather([...paths('/first'), ...others]));
    expect(before).toHaveLength(8);
    for (let round = 0; round < 5; round++) {
      const result = gatherer.gather([...paths('/first', ...many(50, 50 * round)), ...others]);
      expect(shown(result)).toEqual(expect.arrayContaining(before));
      expect(result.series).toBe(10);
      expect(result.dropped.limit).toBe(48);
    }
  });

  it('in the first collect, one that explodes leaves the others a place', () => {
    const gatherer = new Gatherer([requests, depth, seconds], { ...options, maxSeries: 20 });
    const result = gatherer.gather([
      ...paths(...many(70)),
      ...queues('a', 'b'),
      seconds.sample({ counts: [1, 0, 0], sum: 1 }, { path: '/' }),
    ]);
    const names = shown(result).map((line) => line.replace(/\{.*/, ''));
    expect(names.filter((name) => name === 'queue_depth')).toHaveLength(2);
    expect(names.filter((name) => name.startsWith('request_seconds'))).toHaveLength(5);
    expect(result).toMatchObject({ series: 20, dropped: { limit: 57 } });
  });

  it('early ones that vanish make room for new ones, and the others keep their place', () => {
    const gatherer = new Gatherer([depth], { ...options, maxSeries: 100 });
    let alive = many(100);
    gatherer.gather(queues(...alive));
    for (let round = 1; round <= 20; round++) {
      // Enough of them go for their slots to be given up now and then.
      alive = [...alive.slice(60), ...many(60, 1000 * round)];
      const refused = many(60, 1000 * round + 500);
      const result = gatherer.gather(queues(...refused.toReversed().slice(60), ...alive, ...refused));
      const names = shown(result).map((line) => /queue="([^"]*)"/.exec(line)?.[1]);
      expect(names.toSorted()).toEqual(alive.toSorted());
    }
  });

  it('instruments that vanish make room for the oldest of those that waited', () => {
    const registry = new Registry();
    const jobs = registry.counter('jobs_total', 'Jobs.', ['kind']);
    const late = registry.gauge('late', 'Comes later.');
    const gatherer = new Gatherer(registry.describe(), { ...options, maxSeries: 100 }, registry);
    for (const kind of many(100)) jobs.with({ kind });
    expect(gatherer.gather().series).toBe(100);
    late.with().set(1);
    for (const kind of many(100, 100)) jobs.with({ kind });
    expect(gatherer.gather().dropped).toEqual({ limit: 101 });
    for (const kind of many(90)) jobs.delete({ kind });
    const names = shown(gatherer.gather());
    expect(names).toHaveLength(100);
    for (const kind of many(10, 90)) {
      expect(
        names.some((line) => line.includes(`kind="${kind}"`)),
        kind,
      ).toBe(true);
    }
    const again = shown(gatherer.gather());
    expect(again).toEqual(names);
  });

  it('names the label that explodes, with about as many values as it has, and an example', () => {
    const gatherer = new Gatherer([depth, requests], { ...options, maxSeries: 100 });
    const result = gatherer.gather([...queues('a', 'b'), ...paths(...many(987))]);
    expect(errorOf(result)).toEqual({
      code: 'LIMIT_SERIES',
      class: 'config',
      message: expect.stringMatching(
        /^More than 100 series; what was there first is kept: label "path" of http_requests_total has 900 or more values, such as "\/\d+"\.$/,
      ),
      fix: 'Drop the label or what is not needed with relabel, or raise max_series.',
    });
  });

  it('reads the same while a label goes on to grow, so that it is logged once', () => {
    const gatherer = new Gatherer([depth, requests], { ...options, maxSeries: 10 });
    const messages = new Set<string | undefined>();
    for (let round = 0; round < 20; round++) {
      messages.add(errorOf(gatherer.gather(paths(...many(60 + round, 100 * round))))?.message);
    }
    expect(messages.size).toBeLessThanOrEqual(3);
  });
});

describe('limits that are changed', () => {
  it.each(WAYS)('keep in place what fits, %s', (_way, options) => {
    const gatherer = new Gatherer([depth], { ...options, maxSeries: 4 });
    gatherer.gather(queues('c', 'd', 'e', 'f', 'a'));
    gatherer.adjust({ ...options, maxSeries: 2, labels: { zone: 'x' } });
    const names = (result: GatherResult) => shown(result).map((line) => /queue="([^"]*)"/.exec(line)?.[1]);
    expect(names(gatherer.gather(queues('a', 'c', 'd', 'e', 'f')))).toEqual(['c', 'd']);
    gatherer.adjust({ ...options, maxSeries: 5 });
    expect(names(gatherer.gather(queues('a', 'c', 'd', 'e', 'f')))).toEqual(['a', 'c', 'd', 'e', 'f']);
  });
});

describe.each(WAYS)('at the limit of bytes, %s', (_way, options) => {
  it('what was there first stays, and the label that takes the room is named', () => {
    const gatherer = new Gatherer([requests, depth], { ...options, maxBytes: 2000, resource: 'r' });
    const before = shown(gatherer.gather([...paths('/a'), ...queues('a', 'b')]));
    const long = many(20).map((path) => path + 'x'.repeat(500));
    const result = gatherer.gather([...paths(...long, '/a'), ...queues('a', 'b')]);
    expect(shown(result)).toEqual(expect.arrayContaining(before));
    expect(Buffer.byteLength(shown(result).join('\n'))).toBeLessThan(2000);
    expect(errorOf(result)).toMatchObject({
      code: 'LIMIT_BYTES',
      message: expect.stringMatching(
        /^More than 2,000 bytes of exposition; what was there first is kept: label "path" of http_requests_total has 10,000 or more characters, such as "\/\d+x{20}/,
      ),
    });
    expect(result.dropped.limit).toBeGreaterThan(15);
  });

  it('never exposes more, whatever is in labels and values', () => {
    const awkward = ['"'.repeat(40), '\n\\'.repeat(20), 'é✓'.repeat(20), '\u{1f600}'.repeat(10), ''];
    const values = [0, -1.7976931348623157e308, 5e-324, Number.POSITIVE_INFINITY, 123456.789e-200];
    const odd = gauge('odd', 'Odd.', ['resource', 'text'], { constLabels: { zone: '"east"' } });
    const samples = awkward.flatMap((text, i) =>
      values.map((value, j) => odd.sample(value, { resource: `${i}${j}`, text }, { timestamp: -8.64e15 })),
    );
    for (let maxBytes = 200; maxBytes < 8000; maxBytes += 150) {
      const gatherer = new Gatherer([odd], { ...options, maxBytes, resource: 'r', labels: { zone: '\\' } });
      const { families } = gatherer.gather(samples);
      const lines = encodeText(families).replaceAll(/^#.*\n/gm, '');
      expect(Buffer.byteLength(lines)).toBeLessThanOrEqual(maxBytes);
    }
  });

  it('counts instruments too', () => {
    const registry = new Registry();
    const jobs = registry.counter('jobs_total', 'Jobs.', ['kind']);
    const gatherer = new Gatherer(registry.describe(), { ...options, maxBytes: 1000 }, registry);
    jobs.with({ kind: 'first' });
    gatherer.gather();
    for (const kind of many(100)) jobs.with({ kind });
    const result = gatherer.gather();
    expect(shown(result)[0]).toContain('jobs_total{kind="/0"');
    expect(shown(result).some((line) => line.includes('kind="first"'))).toBe(true);
    expect(errorOf(result)?.code).toBe('LIMIT_BYTES');
  });
});

describe('labels that carry text', () => {
  const long = 'x'.repeat(16_384);

  it('cost their sample', () => {
    const result = new Gatherer([depth]).gather(queues('a', long));
    expect(shown(result)).toEqual(['queue_depth{queue="a"}']);
    expect(errorOf(result)).toMatchObject({ code: 'PLUGIN_BAD_LABEL' });
    expect(errorOf(result)?.message.length).toBeLessThan(200);
  });

  it.each(WAYS)('cost their series in an instrument, %s', (_way, options) => {
    const registry = new Registry();
    const jobs = registry.counter('jobs_total', 'Jobs.', ['kind']);
    const gatherer = new Gatherer(registry.describe(), options, registry);
    for (const kind of ['a', long, 'z']) jobs.with({ kind });
    const result = gatherer.gather();
    expect(shown(result)).toHaveLength(2);
    expect(result.dropped).toEqual({ invalid: 1 });
    expect(errorOf(result)?.code).toBe('PLUGIN_BAD_LABEL');
  });
});

describe('what is remembered', () => {
  it('of a label that brings new values for ever is no more than is exposed', () => {
    const gatherer = new Gatherer([requests], { maxSeries: 50, maxBytes: 1e6 });
    const sizes: number[] = [];
    for (let round = 0; round < 200; round++) {
      gatherer.gather(paths(...many(500, 500 * round)));
      sizes.push(gatherer.remembered);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
  });

  it('of an instrument has a bound; what is counted beyond it is seen by nobody', () => {
    const registry = new Registry();
    const jobs = registry.counter('jobs_total', 'Jobs.', ['kind']);
    const gatherer = new Gatherer(registry.describe(), { maxSeries: 10 }, registry);
    gatherer.gather();
    for (let i = 0; i < 100_500; i++) jobs.with({ kind: String(i) }).inc();
    expect(jobs.size).toBe(100_000);
    const result = gatherer.gather();
    expect(result.series).toBe(10);
    expect(errorOf(result)?.message).toContain('label "kind" of jobs_total');
    jobs.delete({ kind: '7' });
    jobs.with({ kind: 'new' }).inc(3);
    expect(jobs.size).toBe(100_000);
  });

  it('of metrics that nobody described is no more than is exposed', () => {
    const gatherer = new Gatherer([], { unchecked: true, maxSeries: 20 });
    const samples = many(300).map((_, i) => gauge(`m_${i}`, 'M.').sample(1));
    const result = gatherer.gather(samples);
    expect(result.series).toBe(20);
    expect(result.dropped).toEqual({ limit: 280 });
    expect(gatherer.descriptors).toHaveLength(20);
  });
});

it('looks at so many samples and no more, however many there are', () => {
  function* endless(): Generator<Sample> {
    for (;;) yield* queues('a');
  }
  const result = new Gatherer([depth], { maxSeries: 100 }).gatherAll([queues('b'), endless()]);
  expect(result).toMatchObject({ isCut: true, series: 2 });
  expect(errorOf(result)?.message).toBe(
    'The collect returned more than 1000000 samples; what came behind them was not looked at.',
  );
});
