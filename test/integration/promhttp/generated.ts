import fc from 'fast-check';
import {
  counter,
  type Descriptor,
  type Exemplar,
  gauge,
  histogram,
  type Sample,
  summary,
  untyped,
} from '../../../sdk/src/index.ts';
import { NativeHistogram } from '../../../sdk/src/metric/native-histogram.ts';
import { type GoExemplar, type GoFamily, type GoSeries, goFloat } from '../../support/promhttp.ts';

/** A family as a collector of ours returns it, and the same as one of Go's does. */
export interface TwinFamily {
  readonly descriptor: Descriptor;
  readonly samples: readonly Sample[];
  readonly go: GoFamily;
}

type LabelRecord = Readonly<Record<string, string>>;

const AWKWARD = ['"', '\\', '\n', '\r', '\t', '\0', '\u2028', ' ', '{', '}', ',', '=', '#', '\\n', '\uffff'];
export const anyText = fc.oneof(
  fc.constantFrom('', 'a', 'GET', '\u{1f600}', '日本', ...AWKWARD),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.array(fc.constantFrom(...AWKWARD), { maxLength: 4 }).map((parts) => parts.join('')),
);

const SPECIAL = [0, -0, 1, -1, 0.1, 1e6, 999_999, 1e21, 123_456_789, 1e-4, 9.9e-5, 2 ** 53, 1 / 3];
const EDGES = [Number.MIN_VALUE, Number.MAX_VALUE, 2 ** -1022, Number.POSITIVE_INFINITY, Number.NaN];
export const anyValue = fc.oneof(
  fc.constantFrom(...SPECIAL, ...EDGES, Number.NEGATIVE_INFINITY),
  fc.integer(),
  fc.double(),
);
const atLeastZero = anyValue.map((value) => (Number.isNaN(value) ? value : Math.abs(value)));
/** Milliseconds since the epoch, as far as a Date goes. */
const anyTime = fc.oneof(
  fc.integer({ min: 0, max: 2_000_000_000_000 }),
  fc.constantFrom(0, -1, 1, 999, 1000, 8.64e15, -8.64e15),
);
const anyCount = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom(1e6, 999_999, 2 ** 31, 2 ** 32, 2 ** 40),
);

export const labelName = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,3}$/).filter((name) => name !== 'le');
const labelNames = fc.uniqueArray(labelName, { maxLength: 4 });
/** Names that sort in every way there is, and never collide by a suffix: the last part is their number. */
export const metricName = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,4}$/);

/**
 * expfmt takes an exemplar's time as nanoseconds in a float, which loses digits, before it divides. Ours
 * divides milliseconds; here are times that both write alike.
 */
const exemplarTime = fc
  .integer({ min: 0, max: 2_000_000_000_000 })
  .filter((time) => (time * 1e6) / 1e9 === time / 1000);

const exemplar: fc.Arbitrary<Exemplar> = fc.record({
  // Without any, expfmt writes no braces either, which no parser reads.
  labels: fc.dictionary(labelName, anyText, { minKeys: 1, maxKeys: 3 }),
  value: anyValue,
  timestamp: fc.option(exemplarTime, { nil: undefined }),
});

const distinctLabels = (names: readonly string[]): fc.Arbitrary<LabelRecord[]> =>
  fc.uniqueArray(
    fc
      .tuple(...names.map(() => anyText))
      .map((values) => Object.fromEntries(names.map((name, i) => [name, values[i] as string]))),
    { minLength: 1, maxLength: names.length === 0 ? 1 : 6, selector: (labels) => JSON.stringify(labels) },
  );

export const sortedPairs = (labels: LabelRecord): [string, string][] =>
  Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));

const goExemplar = (given: Exemplar | undefined): GoExemplar | undefined =>
  given && {
    labels: Object.entries(given.labels),
    value: goFloat(given.value),
    timestamp: given.timestamp,
  };

interface Part {
  readonly sample: Omit<Sample, 'descriptor' | 'labels'>;
  readonly go: Omit<GoSeries, 'labels'>;
}

/** A family with the given series, whose labels are all different. */
function family(
  make: (name: string, help: string, labels: readonly string[]) => Descriptor,
  type: GoFamily['type'],
  part: fc.Arbitrary<Part>,
): fc.Arbitrary<(index: number) => TwinFamily> {
  return fc
    .tuple(metricName, anyText, labelNames)
    .chain(([start, help, names]) =>
      fc.tuple(
        fc.constant({ start, help, names }),
        distinctLabels(names).chain((all) =>
          fc.tuple(...all.map((labels) => part.map((each) => ({ labels, ...each })))),
        ),
      ),
    )
    .map(([{ start, help, names }, series]) => (index) => {
      // OpenMetrics of this expfmt takes a counter without "_total" for something unknown.
      const name = `${start}_${index}${type === 'counter' ? '_total' : ''}`;
      const descriptor = make(name, help, names);
      return {
        descriptor,
        samples: series.map(({ labels, sample }) => ({ descriptor, labels, ...sample })),
        go: {
          name,
          help,
          type,
          series: series.map(({ labels, go }) => ({ labels: sortedPairs(labels), ...go })),
        },
      };
    });
}

const timestamp = fc.option(anyTime, { nil: undefined, freq: 3 });
const maybeExemplar = fc.option(exemplar, { nil: undefined, freq: 3 });
const NAN = { allowNaN: true };

const counters = family(
  (name, help, labels) => counter(name, help, labels, NAN),
  'counter',
  fc.tuple(atLeastZero, timestamp, maybeExemplar).map(([value, time, of]) => ({
    sample: { value, timestamp: time, exemplar: of },
    go: { value: goFloat(value), timestamp: time, exemplar: goExemplar(of) },
  })),
);

const plain = (type: 'gauge' | 'untyped', make: typeof gauge | typeof untyped) =>
  family(
    (name, help, labels) => make(name, help, labels, NAN),
    type,
    fc.tuple(anyValue, timestamp).map(([value, time]) => ({
      sample: { value, timestamp: time },
      go: { value: goFloat(value), timestamp: time },
    })),
  );

const quantiles = fc
  .uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 })
  .map((given) => [...new Set(given.map((each) => each + 0))].sort((a, b) => a - b));

const summaries = quantiles.chain((wanted) =>
  family(
    (name, help, labels) => summary(name, help, labels, { quantiles: wanted }),
    'summary',
    fc
      .tuple(fc.tuple(...wanted.map(() => anyValue)), anyValue, anyCount, timestamp)
      .map(([values, sum, count, time]) => {
        const pairs = wanted.map((quantile, i): [number, number] => [quantile, values[i] as number]);
        return {
          sample: { value: { count, sum, quantiles: pairs }, timestamp: time },
          go: {
            count,
            sum: goFloat(sum),
            quantiles: pairs.map(([quantile, value]): [string, string] => [
              goFloat(quantile),
              goFloat(value),
            ]),
            timestamp: time,
          },
        };
      }),
  ),
);

const bounds = fc
  .uniqueArray(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()), { maxLength: 5 })
  .map((given) => [...new Set(given.map((each) => each + 0))].sort((a, b) => a - b));

const histograms = bounds.chain((buckets) =>
  family(
    (name, help, labels) => histogram(name, help, labels, { buckets }),
    'histogram',
    fc
      .tuple(
        fc.array(anyCount, { minLength: buckets.length + 1, maxLength: buckets.length + 1, size: 'max' }),
        anyValue,
        timestamp,
        maybeExemplar.map((of) => (Number.isNaN(of?.value) ? undefined : of)),
      )
      .map(([counts, sum, time, of]) => ({
        sample: { value: { counts, sum }, timestamp: time, exemplar: of },
        go: goHistogram(buckets, counts, sum, time, of),
      })),
  ),
);

function goHistogram(
  buckets: readonly number[],
  counts: readonly number[],
  sum: number,
  time: number | undefined,
  of?: Exemplar | undefined,
) {
  let count = 0;
  const cumulated = counts.map((each) => {
    count += each;
    return count;
  });
  const all = [...buckets, Number.POSITIVE_INFINITY];
  const at = of === undefined ? -1 : all.findIndex((bound) => of.value <= bound);
  return {
    sum: goFloat(sum),
    count,
    timestamp: time,
    buckets: all
      .map((bound, i) => ({
        bound: goFloat(bound),
        count: cumulated[i] as number,
        exemplar: i === at ? goExemplar(of) : undefined,
      }))
      // As client_golang has it: a bucket for everything is there for its exemplar only.
      .filter(({ bound, exemplar: has }) => bound !== 'Infinity' || has !== undefined),
  };
}

const natives = fc
  .record({ buckets: bounds, factor: fc.constantFrom(1.1, 2, 5), zeroThreshold: fc.constantFrom(0, 0.5) })
  .chain(({ buckets, ...options }) =>
    family(
      (name, help, labels) => histogram(name, help, labels, { buckets, native: options }),
      'histogram',
      fc.tuple(fc.array(anyValue, { maxLength: 8 }), timestamp).map(([values, time]) => {
        const made = new NativeHistogram(options, () => 0);
        const all = [...buckets, Number.POSITIVE_INFINITY];
        const counts = all.map(() => 0);
        for (const value of values) {
          made.observe(value);
          const at = Number.isNaN(value) ? buckets.length : all.findIndex((bound) => value <= bound);
          counts[at] = (counts[at] as number) + 1;
        }
        const native = made.read();
        return {
          sample: { value: { counts, sum: native.sum, native }, timestamp: time },
          go: {
            ...goHistogram(buckets, counts, native.sum, time),
            native: { ...native, zeroThreshold: goFloat(native.zeroThreshold) },
          },
        };
      }),
    ),
  );

/** Families of every type, in no order. */
export const families: fc.Arbitrary<TwinFamily[]> = fc
  .array(
    fc.oneof(counters, plain('gauge', gauge), plain('untyped', untyped), summaries, histograms, natives),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((all) => all.map((make, index) => make(index)));
