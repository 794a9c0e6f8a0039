import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { bucketIndex, bucketUpperBound } from './native-buckets.ts';
import { NativeHistogram } from './native-histogram.ts';
import type { NativeOptions, NativeValue } from './native-value.ts';

/** Values and resets are compared with client_golang's own in test/integration/native-histogram.test.ts. */

function histogram(options: Partial<NativeOptions> = {}) {
  const clock = { now: 1_000_000 };
  return { clock, native: new NativeHistogram({ factor: 2, ...options }, () => clock.now) };
}

const observeAll = (native: NativeHistogram, values: readonly number[]) => {
  for (const value of values) native.observe(value);
};

test('a magnitude lies in the bucket whose bounds are around it', () => {
  // Bounds below the normal numbers are rounded, so that several can be one float64.
  const magnitude = fc.double({ min: 2 ** -1021, noNaN: true });
  fc.assert(
    fc.property(magnitude, fc.integer({ min: -4, max: 8 }), (value, schema) => {
      const index = bucketIndex(value, schema);
      expect(value).toBeLessThanOrEqual(bucketUpperBound(index, schema));
      expect(value).toBeGreaterThan(bucketUpperBound(index - 1, schema));
    }),
    { numRuns: 2000 },
  );
});

test('the bounds of the schemas from 0 down are powers of two', () => {
  for (const schema of [0, -1, -2, -3, -4]) {
    const base = 2 ** -schema;
    for (let exponent = -1074; exponent < 1024; exponent++) {
      expect(bucketIndex(2 ** exponent, schema)).toBe(Math.ceil(exponent / base) + 0);
    }
  }
});

test('zero, both signs, infinities and NaN are counted where they belong', () => {
  const { native } = histogram({ zeroThreshold: 0.25 });
  observeAll(native, [0, -0, 0.25, -0.25, 0.26, 1, -3, -4]);
  expect(native.read()).toEqual({
    schema: 0,
    zeroThreshold: 0.25,
    zeroCount: 4,
    count: 8,
    sum: 0.26 + 1 - 3 - 4,
    positive: { spans: [{ offset: -1, length: 2 }], deltas: [1, 0] },
    negative: { spans: [{ offset: 2, length: 1 }], deltas: [2] },
  });
  observeAll(native, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
  const { count, sum, zeroCount, positive, negative } = native.read();
  expect({ count, sum, zeroCount }).toEqual({ count: 11, sum: Number.NaN, zeroCount: 4 });
  expect(positive.spans.at(-1)).toEqual({ offset: 1024, length: 1 });
  expect(negative.spans.at(-1)).toEqual({ offset: 1022, length: 1 });
});

describe('a limit of buckets', () => {
  it('begins anew with the latest observation when the histogram is old enough', () => {
    const { native, clock } = histogram({ maxBuckets: 2, minResetSeconds: 60 });
    observeAll(native, [1, 2]);
    clock.now += 60_000;
    native.observe(4);
    expect(native.created).toBe(1_060_000);
    expect(native.read()).toMatchObject({
      count: 1,
      sum: 4,
      positive: { spans: [{ offset: 2, length: 1 }] },
    });
  });

  it('widens the zero bucket while it may, then halves the resolution', () => {
    const { native } = histogram({ maxBuckets: 2, maxZeroThreshold: 1 });
    observeAll(native, [1, -1, 2]);
    expect(native.read()).toMatchObject({ schema: 0, zeroThreshold: 1, zeroCount: 2 });
    observeAll(native, [4, 8]);
    expect(native.read()).toMatchObject({ schema: -1, zeroThreshold: 1, zeroCount: 2, count: 5 });
  });

  it('gets its resolution back when the histogram is old enough, whether it is observed or read', () => {
    for (const look of ['read', 'observe'] as const) {
      const { native, clock } = histogram({ maxBuckets: 2, minResetSeconds: 60 });
      observeAll(native, [1, 2, 4]);
      clock.now += 59_999;
      expect(native.read()).toMatchObject({ schema: -1, count: 3 });
      clock.now += 5_001;
      if (look === 'observe') native.observe(3);
      expect(native.read()).toMatchObject({ schema: 0, count: look === 'observe' ? 1 : 0 });
      // It counts since the minute was over, not since somebody looked.
      expect(native.created).toBe(1_060_000);
    }
  });

  it('is kept whatever is observed, down to the coarsest schema', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 2 ** -64, max: 2 ** 64, noNaN: true }), { size: '+2' }),
        (values) => {
          const { native } = histogram({ factor: 1.001, maxBuckets: 10 });
          observeAll(native, values);
          const { positive, count } = native.read();
          expect(positive.deltas.length).toBeLessThanOrEqual(3 * 10);
          expect(count).toBe(values.length);
        },
      ),
    );
  });
});

describe('load', () => {
  const observations = fc.array(fc.double(), { size: '+1' });
  const limited = { factor: 1.1, maxBuckets: 8, maxZeroThreshold: 1e-3, minResetSeconds: 60 };

  it('goes on where the other histogram stopped', () => {
    fc.assert(
      fc.property(observations, observations, fc.boolean(), (before, after, limit) => {
        const options = limit ? limited : { factor: 1.1 };
        const whole = histogram(options);
        observeAll(whole.native, before);
        const state = structuredClone(whole.native.read());
        const next = histogram(options);
        next.clock.now += 30_000;
        next.native.load(state, whole.native.created);
        for (const { native, clock } of [whole, next]) {
          clock.now = 1_030_000;
          observeAll(native, after);
        }
        expect(next.native.read()).toEqual(whole.native.read());
        for (const { clock } of [whole, next]) clock.now = 1_060_000;
        expect(next.native.read()).toEqual(whole.native.read());
        expect(next.native.created).toBe(whole.native.created);
      }),
    );
  });

  it('refuses a state that is none, or that these options do not lead to, and stays as it was', () => {
    const { native } = histogram({ factor: 2, zeroThreshold: 0.5, maxBuckets: 2, maxZeroThreshold: 1 });
    native.observe(3);
    const before = native.read();
    const refused = (parts: Partial<NativeValue>, message: RegExp) => {
      expect(() => native.load({ ...before, ...parts })).toThrow(
        expect.objectContaining({ message: expect.stringMatching(message), code: 'PLUGIN_BAD_HISTOGRAM' }),
      );
      expect(native.read()).toEqual(before);
    };
    refused({ count: 2 }, /The buckets hold 1 observations and the count is 2/);
    refused({ schema: 1 }, /schema 1, and the histogram can have -4 to 0/);
    refused({ zeroThreshold: 0.4 }, /zero threshold 0.4, and the histogram can have 0.5 to 1/);
    refused({ zeroThreshold: 2 }, /zero threshold 2, and the histogram can have 0.5 to 1/);
    const unlimited = histogram({ factor: 2, zeroThreshold: 0.5 }).native;
    expect(() => unlimited.load({ ...before, schema: -1 })).toThrow(/can have only 0/);
    expect(() => unlimited.load({ ...before, zeroThreshold: 1 })).toThrow(/can have only 0.5/);
  });
});

test('reset begins anew', () => {
  const { native, clock } = histogram({ maxBuckets: 1, zeroThreshold: 0 });
  observeAll(native, [1, 2, -2, Number.NaN]);
  clock.now += 5;
  native.reset();
  expect(native.created).toBe(1_000_005);
  // The empty span tells a scraper that it is native.
  expect(native.read()).toEqual({
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positive: { spans: [{ offset: 0, length: 0 }], deltas: [] },
    negative: { spans: [], deltas: [] },
  });
});

test.each<[string, NativeOptions]>([
  ["The native histogram's factor is 1.", { factor: 1 }],
  ["The native histogram's factor is NaN.", { factor: Number.NaN }],
  ["The native histogram's factor is Infinity.", { factor: Number.POSITIVE_INFINITY }],
  ["The native histogram's zeroThreshold is -1.", { factor: 2, zeroThreshold: -1 }],
  ["The native histogram's maxBuckets is 0.5.", { factor: 2, maxBuckets: 0.5 }],
  ["The native histogram's minResetSeconds is NaN.", { factor: 2, minResetSeconds: Number.NaN }],
  [
    "The native histogram's maxZeroThreshold is Infinity.",
    { factor: 2, maxZeroThreshold: Number.POSITIVE_INFINITY },
  ],
])('refuses options: %s', (message, options) => {
  expect(() => new NativeHistogram(options, () => 0)).toThrow(
    expect.objectContaining({ message, code: 'PLUGIN_BAD_BUCKETS' }),
  );
});
