import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { NativeHistogram } from './native-histogram.ts';
import { forEachBucket, type NativeValue, validateNative } from './native-value.ts';

const NONE = { spans: [], deltas: [] };

const value = (parts: Partial<NativeValue> = {}): NativeValue => ({
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 1,
  count: 7,
  sum: 5,
  positive: {
    spans: [
      { offset: -2, length: 2 },
      { offset: 3, length: 1 },
    ],
    deltas: [1, 1, 1],
  },
  negative: NONE,
  ...parts,
});

test('spans and deltas give indexes and counts', () => {
  const seen: [number, number][] = [];
  forEachBucket(value().positive, (index, count) => seen.push([index, count]));
  expect(seen).toEqual([
    [-2, 1],
    [-1, 2],
    [3, 3],
  ]);
});

describe('validateNative', () => {
  it('has nothing against what a histogram reads', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.001, max: 1e5, noNaN: true }),
        fc.array(fc.double()),
        (factor, observed) => {
          const histogram = new NativeHistogram({ factor, zeroThreshold: 0 }, () => 0);
          for (const one of observed) histogram.observe(one);
          expect(validateNative(histogram.read())).toBeUndefined();
        },
      ),
    );
  });

  it.each<[string, Partial<Record<keyof NativeValue, unknown>>]>([
    ['The schema is 9; it is a whole number from -4 to 8.', { schema: 9 }],
    ['The schema is 1.5; it is a whole number from -4 to 8.', { schema: 1.5 }],
    ['The schema is a value of type undefined; it is a whole number from -4 to 8.', { schema: undefined }],
    ['The zero threshold is -1; it is a finite number, not below 0.', { zeroThreshold: -1 }],
    [
      'The zero threshold is Infinity; it is a finite number, not below 0.',
      { zeroThreshold: Number.POSITIVE_INFINITY },
    ],
    ["The zero bucket's count is -1; it is a whole number from 0 to 9007199254740991.", { zeroCount: -1 }],
    ['The count is null; it is a whole number from 0 to 9007199254740991.', { count: null }],
    ['The sum is a value of type string; it is a number.', { sum: '5' }],
    ['The negative buckets are not {spans, deltas} with two lists.', { negative: undefined }],
    ['The negative buckets are not {spans, deltas} with two lists.', { negative: { spans: [] } }],
    [
      'The positive span 0 is not {offset, length} with whole numbers and a length from 0.',
      { positive: { spans: [null], deltas: [] } },
    ],
    [
      'The positive span 0 is not {offset, length} with whole numbers and a length from 0.',
      { positive: { spans: [{ offset: 0, length: -1 }], deltas: [] } },
    ],
    [
      'The positive span 1 has the offset -1; only the first may go below 0.',
      {
        positive: {
          spans: [
            { offset: 0, length: 1 },
            { offset: -1, length: 1 },
          ],
          deltas: [3, 0],
        },
      },
    ],
    [
      'The positive spans have 2 buckets and there are 1 deltas; there is one for each.',
      { positive: { spans: [{ offset: 0, length: 2 }], deltas: [6] } },
    ],
    [
      'The positive span 0 goes from bucket 1025 to 1026; with schema 0 the first that a number can fall into is -1074 and the last 1025.',
      { positive: { spans: [{ offset: 1025, length: 2 }], deltas: [6, -6] } },
    ],
    [
      'The positive deltas are not all whole numbers.',
      { positive: { spans: [{ offset: 0, length: 1 }], deltas: [0.5] } },
    ],
    [
      'The positive bucket 1 has the count -1; it is a whole number from 0 to 9007199254740991.',
      { positive: { spans: [{ offset: 0, length: 2 }], deltas: [7, -8] } },
    ],
    [
      'The buckets hold 7 observations and the count is 8; only NaN, which makes the sum NaN, is in no bucket.',
      { count: 8 },
    ],
    [
      'The buckets hold 7 observations and the count is 6; only NaN, which makes the sum NaN, is in no bucket.',
      { count: 6, sum: Number.NaN },
    ],
  ])('says: %s', (message, parts) => {
    expect(validateNative(value(parts as Partial<NativeValue>))).toBe(message);
  });

  it('lets observations of NaN be in no bucket', () => {
    expect(validateNative(value({ count: 8, sum: Number.NaN }))).toBeUndefined();
  });

  it('takes the empty span that marks a native histogram without observations', () => {
    const empty = { spans: [{ offset: 0, length: 0 }], deltas: [] };
    expect(validateNative(value({ count: 1, positive: empty }))).toBeUndefined();
  });

  it('answers for whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (any, positive, spans) => {
        for (const given of [
          any,
          { ...value(), positive },
          { ...value(), positive: { spans, deltas: [] } },
        ]) {
          expect(['string', 'undefined']).toContain(typeof validateNative(given as NativeValue));
        }
      }),
    );
  });
});
