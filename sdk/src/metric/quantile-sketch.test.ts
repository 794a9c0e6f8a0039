import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { QuantileSketch } from './quantile-sketch.ts';

const QUANTILES = [0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1];

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

/** The value at place ⌈quantile · n⌉ of the sorted values. */
function exact(values: readonly number[], quantiles: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return quantiles.map(
    (quantile) => sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN,
  );
}

function expectWithin(error: number, found: readonly number[], wanted: readonly number[]): void {
  for (const [at, value] of wanted.entries()) {
    // Numbers below the normal ones have too few digits for a relative error.
    const bound = Math.abs(value) * error + Number.MIN_VALUE;
    if (found[at] !== value) expect(Math.abs((found[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(bound);
  }
}

/** Log-uniform, and the same in each run. */
function spread(count: number, octaves: number): number[] {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 2 ** ((state / 2 ** 32) * octaves - octaves / 2);
  });
}

const any = fc.double({ noNaN: true });
const usual = fc.double({ min: -60, max: 60, noNaN: true });
const listOf = (value: fc.Arbitrary<number>) =>
  fc.array(value, { minLength: 1, maxLength: 1000, size: 'max' });

test('each quantile is at most 0.55 % off', () => {
  fc.assert(
    fc.property(fc.oneof(listOf(usual), listOf(any)), (values) => {
      expectWithin(0.0055, sketchOf(values).values(QUANTILES), exact(values, QUANTILES));
    }),
    { numRuns: 300 },
  );
});

test.each([
  [15, 0.0055],
  [30, 0.011],
  [60, 0.022],
  [120, 0.044],
])('of values spread over %d powers of two, each quantile is at most the share %d off', (octaves, error) => {
  const values = spread(50_000, octaves);
  expectWithin(error, sketchOf(values).values(QUANTILES), exact(values, QUANTILES));
});

test('an outlier costs no accuracy', () => {
  const values = [1e-300, ...spread(5000, 8), 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  expectWithin(0.0055, sketchOf(values).values(QUANTILES), exact(values, QUANTILES));
});

test('merged sketches are as good as one of all values', () => {
  fc.assert(
    fc.property(listOf(usual), listOf(usual), (a, b) => {
      const merged = sketchOf(a);
      merged.merge(sketchOf(b));
      expect(merged.values(QUANTILES)).toEqual(sketchOf([...a, ...b]).values(QUANTILES));
    }),
    { numRuns: 100 },
  );
});

test('a merge keeps the accuracy of the coarser sketch, whichever comes first', () => {
  const [fine, coarse] = [spread(20_000, 6), spread(20_000, 60).map((value) => value * 3)];
  const wanted = exact([...fine, ...coarse], QUANTILES);
  for (const [first, second] of [
    [fine, coarse],
    [coarse, fine],
  ] as const) {
    const merged = sketchOf(first);
    merged.merge(sketchOf(second));
    expectWithin(0.022, merged.values(QUANTILES), wanted);
  }
});

describe('a quantile is exact', () => {
  it.each<[string, readonly number[], readonly number[], readonly number[]]>([
    ['of one value', [0.1], [0, 0.5, 1], [0.1, 0.1, 0.1]],
    ['of the same value', Array(1000).fill(0.3), [0.01, 0.99], [0.3, 0.3]],
    ['of small whole numbers', [5, 3, 1, 4, 2], [0, 0.2, 0.21, 0.5, 0.9, 1], [1, 1, 2, 3, 5, 5]],
    ['of negative numbers and zero', [-2, 0, -1, 1], [0.25, 0.5, 0.75, 1], [-2, -1, 0, 1]],
    ['at the ends', [1, 1.001, 1.002, 1.003, 1.004], [0, 1], [1, 1.004]],
    [
      'where the product of quantile and count is rounded',
      Array.from({ length: 100 }, (_, i) => i + 1),
      [0.07],
      [7],
    ],
    [
      'of infinities',
      [Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY],
      [0, 0.5, 1],
      [Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY],
    ],
  ])('%s', (_, values, quantiles, wanted) => {
    expect(sketchOf(values).values(quantiles)).toEqual(wanted);
  });
});

test('there are no quantiles of no values, and a cleared sketch is as new', () => {
  const sketch = sketchOf(spread(20_000, 200));
  sketch.clear();
  expect(sketch.count).toBe(0);
  expect(sketch.values([0, 0.5])).toEqual([Number.NaN, Number.NaN]);
  for (const value of spread(20_000, 10)) sketch.add(value);
  expect(sketch.values(QUANTILES)).toEqual(sketchOf(spread(20_000, 10)).values(QUANTILES));
});
