import fc from 'fast-check';
import type { Client, Made, Step } from './contestants.ts';

/*
 * Programs of calls in any order. Left out is what index.ts names as different: labels that are empty
 * text or undefined, NaN in counters, and exemplars of 0.
 */

type Metric = Record<string, (...args: unknown[]) => unknown>;
type Kind = 'Counter' | 'Gauge' | 'Histogram' | 'Summary';

const LABELS = ['a', 'b', 'c'];

const labelValue = fc.oneof(
  fc.constantFrom('x', 'y', 'z'),
  fc.string({ minLength: 1, unit: 'grapheme' }),
  fc.integer({ min: -5, max: 5 }),
);
const labels = fc.record({ a: labelValue, b: labelValue, c: labelValue }, { requiredKeys: [] });
/** Of other names than the metrics': otherwise two series could become one, which prom-client shows twice. */
const defaultLabels = fc.record({ d: labelValue, e: labelValue }, { requiredKeys: [] });
const amount = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.double({ min: 0, max: 1e6, noNaN: true }));
const anyNumber = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double());
const finite = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const notANumber = fc.constantFrom('5', {}, Number.POSITIVE_INFINITY, -1, 10n, true);

/** Calls a method on the metric, or on what its `labels` gives, where the metric has those labels. */
const calls = (method: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<(metric: Metric) => unknown> =>
  fc.oneof(
    value.map((given) => (metric: Metric) => metric[method]?.(given)),
    fc.tuple(labels, value).map(
      ([given, number]) =>
        (metric: Metric) =>
          metric[method]?.(given, number),
    ),
    fc.tuple(labels, value).map(([given, number]) => (metric: Metric) => {
      const child = metric.labels?.(given) as Metric;
      return child[method]?.(number);
    }),
    fc.tuple(fc.array(labelValue, { maxLength: 3 }), value).map(([given, number]) => (metric: Metric) => {
      const child = metric.labels?.(...given) as Metric;
      return child[method]?.(number);
    }),
  );

const forAll = fc.oneof(
  { weight: 3, arbitrary: labels.map((given) => (metric: Metric) => metric.remove?.(given)) },
  { weight: 1, arbitrary: fc.constant((metric: Metric) => metric.reset?.()) },
);

const METHODS: Readonly<Record<Kind, fc.Arbitrary<(metric: Metric) => unknown>>> = {
  Counter: fc.oneof(calls('inc', amount), calls('inc', amount), calls('inc', notANumber), forAll),
  Gauge: fc.oneof(
    calls('set', anyNumber),
    calls('inc', anyNumber),
    calls('dec', anyNumber),
    calls('set', notANumber),
    forAll,
  ),
  Histogram: fc.oneof(
    calls('observe', finite),
    calls('observe', finite),
    calls(
      'observe',
      notANumber.filter((value) => value !== -1),
    ),
    forAll,
  ),
  // One value for all observations: how several are summed up to percentiles is the estimate's own affair.
  Summary: fc.oneof(calls('observe', fc.constant(3)), calls('observe', fc.constantFrom({}, true)), forAll),
};

const kinds = fc.constantFrom<Kind>('Counter', 'Gauge', 'Histogram', 'Summary');

const metric = kinds.chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    labelNames: fc.subarray(LABELS),
    calls: fc.array(METHODS[kind], { maxLength: 12 }),
  }),
);

/** Up to four metrics with calls, perhaps with default labels at the end. */
export const programs: fc.Arbitrary<Step[]> = fc
  .tuple(fc.array(metric, { minLength: 1, maxLength: 4 }), fc.option(defaultLabels, { nil: undefined }))
  .map(([metrics, defaults]) => {
    const steps = metrics.flatMap(({ kind, labelNames, calls: made }, index): Step[] => [
      (program) => {
        program.kept[`${index}`] = create(program, kind, `metric_${index}`, labelNames);
      },
      ...made.map(
        (call): Step =>
          ({ kept }) => {
            call(kept[`${index}`] as Metric);
          },
      ),
    ]);
    if (defaults) steps.push(({ registry }) => registry.setDefaultLabels(defaults));
    return steps;
  });

function create({ client, registry }: Made, kind: Kind, name: string, labelNames: string[]): unknown {
  const Class = client[kind] as unknown as new (about: object) => InstanceType<Client[Kind]>;
  return new Class({
    name,
    help: `About ${name}.`,
    labelNames,
    registers: [registry],
    buckets: [-2, 0, 2.5],
  });
}
