import { expect, test } from 'vitest';
import { exponentialBuckets, exponentialBucketsRange, linearBuckets } from './buckets.ts';

/** All bounds are compared with client_golang's own in test/integration/buckets.test.ts. */

test('bounds grow by a width, by a factor, or from one end to the other', () => {
  expect(linearBuckets(-15, 5, 6)).toEqual([-15, -10, -5, 0, 5, 10]);
  expect(exponentialBuckets(100, 1.5, 3)).toEqual([100, 150, 225]);
  expect(exponentialBucketsRange(1, 100, 3)).toEqual([1, 10, 100]);
  expect(exponentialBucketsRange(7, 100, 1)).toEqual([7]);
});

test.each<[() => number[], string, string]>([
  [
    () => linearBuckets(0, 1, 0),
    'linearBuckets(0, 1, 0): The count is 0.',
    'Give a whole number from 1 to 10000.',
  ],
  [() => linearBuckets(0, -1, 3), 'linearBuckets(0, -1, 3): The width is -1.', 'Give a width above 0.'],
  [
    () => linearBuckets(1e16, 1, 2),
    'linearBuckets(10000000000000000, 1, 2): Bound 2 is 10000000000000000 after 10000000000000000.',
    'Choose arguments that give finite bounds, each above the one before it.',
  ],
  [
    () => linearBuckets(Number.NaN, 1, 2),
    'linearBuckets(NaN, 1, 2): Bound 1 is NaN.',
    'Choose arguments that give finite bounds, each above the one before it.',
  ],
  [
    () => exponentialBuckets(0, 2, 3),
    'exponentialBuckets(0, 2, 3): The start is 0.',
    'Give a start above 0.',
  ],
  [
    () => exponentialBuckets(1, 1, 3),
    'exponentialBuckets(1, 1, 3): The factor is 1.',
    'Give a factor above 1.',
  ],
  [
    () => exponentialBuckets(1, 10, 1.5),
    'exponentialBuckets(1, 10, 1.5): The count is 1.5.',
    'Give a whole number from 1 to 10000.',
  ],
  [
    () => exponentialBuckets(1, 1e200, 3),
    'exponentialBuckets(1, 1e+200, 3): Bound 3 is Infinity after 1e+200.',
    'Choose arguments that give finite bounds, each above the one before it.',
  ],
  [
    () => exponentialBucketsRange(0, 1, 3),
    'exponentialBucketsRange(0, 1, 3): The minimum is 0.',
    'Give one from 2.2250738585072014e-308.',
  ],
  [
    () => exponentialBucketsRange(2, 1, 3),
    'exponentialBucketsRange(2, 1, 3): The maximum is 1.',
    'Give one above the minimum.',
  ],
  [
    () => exponentialBucketsRange(1e-200, 1e200, 3),
    'exponentialBucketsRange(1e-200, 1e+200, 3): The maximum is 1e+200.',
    'Give one closer to the minimum.',
  ],
])('%s is refused: %s', (call, message, fix) => {
  expect(call).toThrow(expect.objectContaining({ message, fix, code: 'PLUGIN_BAD_BUCKETS' }));
});
