import type { MetricValueWithName } from '@dynamic-informer/sdk/prom-client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Client, OURS, type Outcome, REAL, type Run, run, type Step, SUCCESSOR } from './contestants.ts';
import { programs } from './generated-programs.ts';
import { type ParsedExposition, parseExposition, withLines } from './parsed.ts';
import { OPENMETRICS_PROGRAMS, PROGRAMS } from './programs.ts';

/*
 * The same program runs against prom-client 15 and against ours, and both have to show the same. What is
 * left open: the order of families and series, how numbers are written, empty labels, headers of families
 * without series, and how exactly a summary of many values estimates its percentiles.
 */

const PROMETHEUS = OURS.Registry.PROMETHEUS_CONTENT_TYPE;
const OPENMETRICS = OURS.Registry.OPENMETRICS_CONTENT_TYPE;

describe('a program leads to the same with prom-client and with ours', () => {
  it.each(Object.entries(PROGRAMS))('%s', async (_, steps) => {
    await expectSame(steps, PROMETHEUS);
  });
});

describe('a program leads to the same with @prometheus-io/client', () => {
  const names = Object.keys(PROGRAMS).filter((name) => !CHANGED_BY_SUCCESSOR.includes(name));
  it.each(names)('%s', async (name) => {
    await expectSame(PROGRAMS[name] ?? [], PROMETHEUS, SUCCESSOR);
  });
});

describe('a program leads to the same in OpenMetrics', () => {
  const both = { ...PROGRAMS, ...OPENMETRICS_PROGRAMS };
  const names = Object.keys(both).filter((name) => !NEEDS_TEXT_FORMAT.includes(name));
  it.each(names)('%s', async (name) => {
    await expectSame(both[name] ?? [], OPENMETRICS);
  });
});

it('leads to the same whatever is called in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(programs, fc.constantFrom(PROMETHEUS, OPENMETRICS), async (steps, contentType) => {
      await expectSame(steps, contentType);
    }),
    { numRuns: 300 },
  );
});

it.each([
  ['prom-client', REAL],
  ['ours', OURS],
] as const)('a summary of %s finds percentiles within a hundredth of the rank', async (_, client) => {
  const percentiles = [0.01, 0.1, 0.5, 0.9, 0.99];
  const registry = new client.Registry();
  const summary = new client.Summary({ name: 's', help: 's', percentiles, registers: [registry] });
  // A permutation of 0 to 9999: 7 and 10000 have no common divisor.
  for (let i = 0; i < 10_000; i++) summary.observe((i * 7) % 10_000);
  const { values } = await summary.get();
  for (const percentile of percentiles) {
    const found = values.find(
      ({ labels }) => Number((labels as { quantile: number }).quantile) === percentile,
    );
    expect(Math.abs((found?.value ?? -1) - percentile * 10_000)).toBeLessThanOrEqual(100);
  }
});

/** They are about the registry's own format, or the names that prom-client gives counters in OpenMetrics. */
const NEEDS_TEXT_FORMAT = [
  'exemplars need OpenMetrics',
  'merging registries',
  'content types',
  'default labels stand behind own ones',
  'finding metrics',
];

/** Its gauges count `null` as 1, and it words what is wrong with a label's name in another way. */
const CHANGED_BY_SUCCESSOR = [
  'every way to set a gauge',
  'a gauge refuses what is no number',
  'metrics that are not described as they have to be',
];

async function expectSame(steps: readonly Step[], contentType: string, client = REAL): Promise<void> {
  const theirs = await run(client, steps, contentType);
  const mine = await run(OURS, steps, contentType);
  expect(comparable(mine.outcomes, theirs.outcomes)).toEqual(comparable(theirs.outcomes, theirs.outcomes));
  // First, because prom-client's OpenMetrics exposition renames the counters in the registry.
  expect(await jsonOf(mine)).toEqual(await jsonOf(theirs));
  expect(await expositionOf(mine)).toEqual(await expositionOf(theirs));
}

/** Messages say at least what prom-client's say; where ours says that, it stands for it. */
function comparable(outcomes: readonly Outcome[], expected: readonly Outcome[]): unknown[] {
  return outcomes.map((outcome, index) => {
    if (!('error' in outcome)) return { index, returned: plain(outcome.returned) };
    const wanted = expected[index];
    const words = wanted && 'error' in wanted ? wanted.error.message : undefined;
    const saysIt = words !== undefined && outcome.error.message.includes(words);
    return { index, name: outcome.error.name, message: saysIt ? words : outcome.error.message };
  });
}

/** Programs return metrics and registries too, which are compared by what they show. */
function plain(value: unknown): unknown {
  const isPlain =
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? value : 'an object';
}

async function expositionOf({ registry }: Run): Promise<ParsedExposition> {
  return withLines(parseExposition(await registry.metrics()));
}

async function jsonOf({ registry }: { registry: InstanceType<Client['Registry']> }): Promise<unknown> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.map(({ values, ...about }) => {
    const lines = values.map(({ exemplar, value, labels = {}, ...line }) => ({
      ...line,
      labels,
      value: value + 0,
      // There is nothing to tell a bucket without an exemplar from one that has had none yet.
      ...(exemplar && { exemplar: comparableExemplar(exemplar) }),
    }));
    return { ...about, values: lines.sort(byText) };
  });
}

/** Its labels are text in ours, as in every exposition, and its time is when the test ran. */
function comparableExemplar({
  labelSet,
  value,
  timestamp,
}: NonNullable<MetricValueWithName<string>['exemplar']>): object {
  const labels = Object.entries(labelSet).map(([name, label]) => [name, String(label)]);
  return { labels, value, isTimed: Math.abs(timestamp - Date.now() / 1000) < 3600 };
}

const byText = (a: object, b: object): number => (textOf(a) < textOf(b) ? -1 : 1);
const textOf = ({ metricName, labels }: { metricName?: string; labels?: object }): string =>
  `${metricName ?? ''} ${JSON.stringify(Object.entries(labels ?? {}).sort())}`;
