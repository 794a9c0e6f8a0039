import { goLog2 } from './go-math.ts';
import { MAX_SCHEMA, MIN_SCHEMA, type NativeBuckets } from './native-value.ts';

/**
 * The arithmetic of the exponential buckets of Prometheus' native histograms. Bucket i of a schema holds the
 * magnitudes in (base^(i-1), base^i], base = `2^(2^-schema)`; infinity has a bucket of its own after the one
 * of the largest float64. Boundaries are exactly those of client_golang (`prometheus/histogram.go`).
 *
 * As the bounds of a schema are every second of those of the next, a value is looked up in the finest one,
 * and the index in a coarser one is that index, divided by `2^(8 - schema)` and rounded up.
 */

/** How many buckets of the finest schema lie between two powers of two. */
const FINEST = 2 ** MAX_SCHEMA;

/**
 * `2^(2^-n)` for n from 1 to 8, to the bit as client_golang's table `nativeHistogramBounds` was made with: there
 * the square root of 2 is one bit below the nearest float64.
 */
const FACTORS = [Math.SQRT2 - 2 ** -52];
for (let root = Math.SQRT2; FACTORS.length < MAX_SCHEMA; ) {
  root = Math.sqrt(root);
  FACTORS.push(root);
}

/** Upper bounds of the finest buckets in [0.5, 1). Bounds of a coarser schema are reused, as client_golang does. */
const BOUNDS = new Float64Array(FINEST);
BOUNDS[0] = 0.5;
FACTORS.forEach((factor, level) => {
  const step = FINEST >> (level + 1);
  for (let at = step; at < FINEST; at += 2 * step) BOUNDS[at] = (BOUNDS[at - step] as number) * factor;
});

/**
 * For each 512th of [0.5, 1) the first bound that is not below its begin. A 512th is narrower than every bucket,
 * so that one comparison more finds the bucket, instead of a binary search.
 */
const CELL_BITS = MAX_SCHEMA + 1;
const CELLS = Uint16Array.from({ length: 2 ** CELL_BITS }, (_, cell) => {
  const begin = 0.5 + cell / 2 ** (CELL_BITS + 1);
  const at = BOUNDS.findIndex((bound) => bound >= begin);
  return at < 0 ? FINEST : at;
});

const LAST_FINEST = 1024 * FINEST;

/** One float64 and its two halves; the high one has sign, exponent and 20 bits of the fraction. */
const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);
double[0] = 1;
const HIGH = halves[1] === 0 ? 0 : 1;
const LOW = 1 - HIGH;
/** What the exponent's bits of a number in [0.5, 1) say. */
const BIAS = 1022;

/**
 * The fraction's bits of each bound, in two halves, which are compared faster than a float64 put together
 * from a value's fraction. The last pair stands for 1, and is above every fraction.
 */
const BOUNDS_HIGH = new Uint32Array(FINEST + 1).fill(2 ** 20);
const BOUNDS_LOW = new Uint32Array(FINEST + 1);
BOUNDS.forEach((bound, at) => {
  double[0] = bound;
  BOUNDS_HIGH[at] = (halves[HIGH] as number) & 0xfffff;
  BOUNDS_LOW[at] = halves[LOW] as number;
});

/** The index of the bucket that a magnitude above zero falls into; infinity too, NaN not. */
export function bucketIndex(magnitude: number, schema: number): number {
  const shift = MAX_SCHEMA - schema;
  if (magnitude === Number.POSITIVE_INFINITY) return (LAST_FINEST >> shift) + 1;
  return (finestIndex(magnitude) + (1 << shift) - 1) >> shift;
}

function finestIndex(magnitude: number): number {
  double[0] = magnitude;
  let high = halves[HIGH] as number;
  // magnitude = fraction * 2^exponent with a fraction in [0.5, 1), as C's frexp has it.
  let exponent = (high >>> 20) - BIAS;
  if (exponent === -BIAS) {
    // A subnormal number has no leading one until it is scaled.
    double[0] = magnitude * 2 ** 54;
    high = halves[HIGH] as number;
    exponent = (high >>> 20) - BIAS - 54;
  }
  const fraction = high & 0xfffff;
  const at = CELLS[fraction >> (20 - CELL_BITS)] as number;
  const bound = BOUNDS_HIGH[at] as number;
  const above =
    fraction > bound || (fraction === bound && (halves[LOW] as number) > (BOUNDS_LOW[at] as number));
  return at + (above ? 1 : 0) + (exponent - 1) * FINEST;
}

/**
 * The upper bound of a bucket, which belongs to it. The last before that of infinity ends with the largest
 * float64, so that infinity stays outside.
 */
export function bucketUpperBound(index: number, schema: number): number {
  const finest = index << (MAX_SCHEMA - schema);
  if (finest === LAST_FINEST) return Number.MAX_VALUE;
  const fraction = BOUNDS[finest & (FINEST - 1)] as number;
  return 2 * fraction * 2 ** (finest >> MAX_SCHEMA);
}

/** The index, in the schema below, of the bucket that holds this one. */
export const halvedIndex = (index: number): number => (index + 1) >> 1;

/**
 * The largest schema whose factor `2^(2^-schema)` is not above the given one; 8 if all are. The logarithms are Go's, as a
 * factor that is just a schema's own, such as `2^(1/64)`, has to give the schema that it gives there.
 */
export function schemaOf(factor: number): number {
  const floor = Math.floor(goLog2(goLog2(factor)));
  return Math.min(MAX_SCHEMA, Math.max(MIN_SCHEMA, 0 - floor));
}

/**
 * Buckets as spans and deltas. Gaps of one or two buckets are written as empty buckets, as client_golang does:
 * that is shorter than a new span.
 *
 * @param indexes ascending
 */
export function encodeBuckets(indexes: Int32Array, countOf: (index: number) => number): NativeBuckets {
  const spans: { offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let last: { offset: number; length: number } | undefined;
  let before = 0;
  let next = 0;
  const append = (span: { length: number }, count: number) => {
    span.length++;
    deltas.push(count - before);
    before = count;
  };
  for (const index of indexes) {
    const gap = index - next;
    if (last === undefined || gap > 2) {
      last = { offset: gap, length: 0 };
      spans.push(last);
    } else {
      for (let empty = gap; empty > 0; empty--) append(last, 0);
    }
    append(last, countOf(index));
    next = index + 1;
  }
  return { spans, deltas };
}
