import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { SlidingQuantiles, type SlidingQuantilesOptions } from './sliding-quantiles.ts';

function sliding(options: Partial<SlidingQuantilesOptions> = {}) {
  const clock = { now: 1_000_000 };
  const window = new SlidingQuantiles(
    { quantiles: [0.5], maxAgeSeconds: 600, ageBuckets: 5, ...options },
    () => clock.now,
  );
  const quantiles = () => window.read().map(([, value]) => value);
  return { clock, window, quantiles };
}

test('gives each quantile in ascending order with its value', () => {
  const { window } = sliding({ quantiles: [0.9, 0.5, 1] });
  for (let value = 1; value <= 10; value++) window.observe(value);
  expect(window.read()).toEqual([
    [0.5, 5],
    [0.9, 9],
    [1, 10],
  ]);
  expect(sliding({ quantiles: [] }).window.read()).toEqual([]);
});

test('what is observed between two reads is in the second', () => {
  const { window, quantiles } = sliding({ quantiles: [1] });
  window.observe(1);
  expect(quantiles()).toEqual([1]);
  window.observe(2);
  expect(quantiles()).toEqual([2]);
});

test('there is no quantile before the first observation, after the last is too old, and of NaN', () => {
  const { clock, window, quantiles } = sliding();
  window.observe(Number.NaN);
  expect(quantiles()).toEqual([Number.NaN]);
  clock.now += 119_999;
  window.observe(7);
  clock.now += 480_000;
  expect(quantiles()).toEqual([7]);
  clock.now += 120_001;
  expect(quantiles()).toEqual([Number.NaN]);
});

test('an infinite observation is the largest or the smallest', () => {
  const { window, quantiles } = sliding({ quantiles: [0, 0.5, 1] });
  for (const value of [Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY]) window.observe(value);
  expect(quantiles()).toEqual([Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY]);
});

test.each([1, 2, 5, 60])(
  'with %d age buckets, a steady stream never looks empty or shrinks to its last moments',
  (ageBuckets) => {
    const { clock, window, quantiles } = sliding({ quantiles: [0, 1], ageBuckets });
    const second = clock.now / 1000;
    for (let age = 0; age < 3600; age++) {
      window.observe(second + age);
      const [oldest = Number.NaN, newest] = quantiles();
      expect(newest).toBe(second + age);
      const kept = second + age - oldest;
      expect(kept).toBeLessThan(600);
      expect(kept).toBeGreaterThanOrEqual(Math.min(age, 600 - 600 / Math.max(2, ageBuckets)));
      clock.now += 1000;
    }
  },
);

test('the quantiles are those of the age buckets of the window, however the clock goes on', () => {
  const quantiles = [0, 0.1, 0.5, 0.9, 1];
  const event = fc.record({
    wait: fc.oneof(fc.nat(200), fc.nat(2000), fc.nat(20_000)),
    values: fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { maxLength: 8 }),
    read: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { size: '+1' }), fc.integer({ min: 2, max: 7 }), (events, ageBuckets) => {
      const { clock, window } = sliding({ quantiles, ageBuckets, maxAgeSeconds: ageBuckets });
      const begin = clock.now;
      const seen: { at: number; value: number }[] = [];
      for (const { wait, values, read } of events) {
        clock.now += wait;
        for (const value of values) {
          window.observe(value);
          seen.push({ at: clock.now, value });
        }
        if (!read) continue;
        const bucketOf = (at: number) => Math.floor((at - begin) / 1000);
        const inWindow = seen.filter(({ at }) => bucketOf(at) > bucketOf(clock.now) - ageBuckets);
        const sorted = inWindow.map(({ value }) => value).sort((a, b) => a - b);
        for (const [quantile, found] of window.read()) {
          const wanted = sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
          if (Number.isNaN(wanted)) expect(found).toBeNaN();
          else expect(Math.abs(found - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 0.0055);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a clock that is set back loses nothing and keeps nothing for longer than it should', () => {
  const { clock, window, quantiles } = sliding();
  window.observe(7);
  clock.now -= 86_400_000;
  expect(quantiles()).toEqual([7]);
  window.observe(7);
  clock.now += 480_000;
  expect(quantiles()).toEqual([7]);
  clock.now += 120_000;
  expect(quantiles()).toEqual([Number.NaN]);
});

test('reset forgets what was observed', () => {
  const { window, quantiles } = sliding();
  window.observe(7);
  window.reset();
  expect(quantiles()).toEqual([Number.NaN]);
  window.observe(8);
  expect(quantiles()).toEqual([8]);
});

describe('memory', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const arrays = () => {
    // Arrays are freed in the background, and counted as freed by the next collection.
    collectGarbage();
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };

  it('is bounded by 40 KB for each age bucket, whatever is observed, and is freed when it is idle', () => {
    const before = arrays();
    const windows = Array.from({ length: 10 }, () => sliding({ ageBuckets: 4 }));
    for (const { clock, window } of windows) {
      for (let bucket = 0; bucket < 12; bucket++) {
        for (let exponent = -1020; exponent < 1020; exponent += 0.7) {
          window.observe(2 ** exponent);
          window.observe(-(2 ** exponent));
        }
        clock.now += 150_000;
      }
    }
    // One more sketch is what reads of all windows share.
    expect(arrays() - before).toBeLessThan((10 * 4 + 1) * 40_000);
    for (const { clock, quantiles } of windows) {
      clock.now += 600_000;
      expect(quantiles()).toEqual([Number.NaN]);
    }
    expect(arrays() - before).toBeLessThan(2 * 40_000);
  });
});

test.each<[string, Partial<SlidingQuantilesOptions>]>([
  ['A summary has the quantile 1.5.', { quantiles: [1.5] }],
  ['A summary has the quantile NaN.', { quantiles: [Number.NaN] }],
  ['A summary has the maxAgeSeconds 0.', { maxAgeSeconds: 0 }],
  ['A summary has the maxAgeSeconds Infinity.', { maxAgeSeconds: Number.POSITIVE_INFINITY }],
  ['A summary has the ageBuckets 0.', { ageBuckets: 0 }],
  ['A summary has the ageBuckets 2.5.', { ageBuckets: 2.5 }],
])('refuses options: %s', (message, options) => {
  expect(() => sliding(options)).toThrow(expect.objectContaining({ message, code: 'PLUGIN_BAD_DESCRIPTOR' }));
});
