/** How a native histogram is made; the names and the meaning are those of client_golang's `HistogramOpts`. */
export interface NativeOptions {
  /**
   * Above 1. Each bucket is at most this many times as wide as the one before it: the factor in use is the
   * largest `2^(2^-schema)` with a schema from -4 to 8 that does not exceed it, or `2^(2^-8)` if none does.
   */
  readonly factor: number;
  /** Observations at most this far from zero fall into the zero bucket. Default `2^-128`. */
  readonly zeroThreshold?: number;
  /** How many populated buckets may be kept, both signs together; 0, the default, is no limit. */
  readonly maxBuckets?: number;
  /** Beyond `maxBuckets` the histogram begins anew if it is at least this old; 0, the default, is never. */
  readonly minResetSeconds?: number;
  /** Up to where the zero bucket may be widened beyond `maxBuckets`; 0, the default, is not at all. */
  readonly maxZeroThreshold?: number;
}

/**
 * Sparse buckets, as the protobuf of Prometheus has them (`io.prometheus.client.Histogram`): runs of
 * consecutive buckets, and each bucket's observations as the difference to the bucket before it.
 */
export interface NativeBuckets {
  /** `offset`: the first run's first index, then the gap since the run before. `length`: buckets in the run. */
  readonly spans: readonly { readonly offset: number; readonly length: number }[];
  readonly deltas: readonly number[];
}

/** The state of a native histogram. Counts are whole numbers. */
export interface NativeValue {
  /**
   * From -4 to 8. The bucket with index i holds the observations in (base^(i-1), base^i] with
   * base = `2^(2^-schema)`; a negative one those in [-base^i, -base^(i-1)).
   */
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  /** All observations, NaN too, which falls into no bucket. */
  readonly count: number;
  readonly sum: number;
  readonly positive: NativeBuckets;
  readonly negative: NativeBuckets;
}

export const MIN_SCHEMA = -4;
export const MAX_SCHEMA = 8;

/**
 * What is wrong with a native histogram, as a sentence, or undefined. It holds the rules of Prometheus'
 * `histogram.Validate`, and that every bucket is one that a float64 can fall into. Any value may be given.
 */
export function validateNative(value: NativeValue): string | undefined {
  if (typeof value !== 'object' || value === null) return 'The native histogram is not an object.';
  const { schema, zeroThreshold, zeroCount, count, sum } = value;
  if (!Number.isInteger(schema) || schema < MIN_SCHEMA || schema > MAX_SCHEMA) {
    return `The schema is ${show(schema)}; it is a whole number from ${MIN_SCHEMA} to ${MAX_SCHEMA}.`;
  }
  if (!Number.isFinite(zeroThreshold) || zeroThreshold < 0) {
    return `The zero threshold is ${show(zeroThreshold)}; it is a finite number, not below 0.`;
  }
  if (!isCount(zeroCount)) return `The zero bucket's count is ${show(zeroCount)}; ${COUNT}.`;
  if (!isCount(count)) return `The count is ${show(count)}; ${COUNT}.`;
  if (typeof sum !== 'number') return `The sum is ${show(sum)}; it is a number.`;
  const positive = checkBuckets('positive', value.positive, schema);
  if (typeof positive === 'string') return positive;
  const negative = checkBuckets('negative', value.negative, schema);
  if (typeof negative === 'string') return negative;
  const inBuckets = zeroCount + positive + negative;
  if (inBuckets > count || (inBuckets < count && !Number.isNaN(sum))) {
    return `The buckets hold ${inBuckets} observations and the count is ${count}; only NaN, which makes the sum NaN, is in no bucket.`;
  }
  return undefined;
}

/** Calls back with every bucket of a valid value, from the lowest index up, empty ones inside a span too. */
export function forEachBucket(
  { spans, deltas }: NativeBuckets,
  visit: (index: number, count: number) => void,
): void {
  let index = 0;
  let at = 0;
  let count = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let rest = length; rest > 0; rest--) {
      count += deltas[at++] ?? 0;
      visit(index++, count);
    }
  }
}

const COUNT = `it is a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`;
const isCount = (count: number): boolean => Number.isSafeInteger(count) && count >= 0;
const show = (given: unknown): string =>
  typeof given === 'number' ? String(given) : given === null ? 'null' : `a value of type ${typeof given}`;

/** How many observations the buckets hold, or what is wrong with them. */
function checkBuckets(sign: string, buckets: NativeBuckets, schema: number): number | string {
  if (!Array.isArray(buckets?.spans) || !Array.isArray(buckets.deltas)) {
    return `The ${sign} buckets are not {spans, deltas} with two lists.`;
  }
  const wrong = checkSpans(sign, buckets, schema);
  if (wrong !== undefined) return wrong;
  if (!buckets.deltas.every(Number.isSafeInteger)) {
    return `The ${sign} deltas are not all whole numbers.`;
  }
  let total = 0;
  let bad: string | undefined;
  forEachBucket(buckets, (index, count) => {
    if (!isCount(count)) bad ??= `The ${sign} bucket ${index} has the count ${count}; ${COUNT}.`;
    total += count;
  });
  return bad ?? total;
}

function checkSpans(sign: string, { spans, deltas }: NativeBuckets, schema: number): string | undefined {
  let index = 0;
  let buckets = 0;
  for (const [at, span] of spans.entries()) {
    const { offset, length } = span ?? {};
    if (!Number.isInteger(offset) || !Number.isInteger(length) || length < 0) {
      return `The ${sign} span ${at} is not {offset, length} with whole numbers and a length from 0.`;
    }
    if (at > 0 && offset < 0)
      return `The ${sign} span ${at} has the offset ${offset}; only the first may go below 0.`;
    index += offset;
    // A span of no buckets marks a native histogram that has none yet.
    if (length > 0 && (index < lowestIndex(schema) || index + length - 1 > infinityIndex(schema))) {
      return `The ${sign} span ${at} goes from bucket ${index} to ${index + length - 1}; with schema ${schema} the first that a number can fall into is ${lowestIndex(schema)} and the last ${infinityIndex(schema)}.`;
    }
    index += length;
    buckets += length;
  }
  return buckets === deltas.length
    ? undefined
    : `The ${sign} spans have ${buckets} buckets and there are ${deltas.length} deltas; there is one for each.`;
}

/** The index of the bucket that the smallest float64 above zero, `2^-1074`, falls into. */
const lowestIndex = (schema: number): number => Math.ceil(-1074 * 2 ** schema);

/** The index of the bucket of infinity: the one after that of the largest float64, which is just below `2^1024`. */
const infinityIndex = (schema: number): number => 1024 * 2 ** schema + 1;
