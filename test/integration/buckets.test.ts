import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exponentialBuckets, exponentialBucketsRange, linearBuckets } from '../../sdk/src/metric/buckets.ts';
import { type ClientGolang, GO_ROUNDS_ALIKE, startClientGolang } from '../support/client-golang.ts';

let golang: ClientGolang;

beforeAll(async () => {
  golang = await startClientGolang();
}, 300_000);

afterAll(() => golang?.[Symbol.asyncDispose]());

const count = fc.integer({ min: 1, max: 60 });
const start = fc.oneof(
  fc.constantFrom(0.001, 0.005, 0.01, 0.1, 0.25, 1, 5, 10, 64, 100),
  fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
);
const factor = fc.oneof(
  fc.constantFrom(1.1, 1.5, 2, 3, 4, 10, 100, 1000, 1e6),
  fc.double({ min: 1.01, max: 1e4, noNaN: true }),
);

test('linear bounds are those of client_golang, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(start, start, fc.boolean(), count, async (from, width, negative, many) => {
      const first = negative ? -from : from;
      // A width that is lost in the first bound gives bounds that are no bounds.
      fc.pre(width / from > 1e-9);
      expect(linearBuckets(first, width, many)).toEqual(await golang.buckets('linear', first, width, many));
    }),
    { numRuns: 1000 },
  );
});

test('exponential bounds are those of client_golang, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(start, factor, count, async (first, times, many) => {
      fc.pre(Number.isFinite(first * times ** many));
      const bounds = exponentialBuckets(first, times, many);
      expect(bounds).toEqual(await golang.buckets('exponential', first, times, many));
    }),
    { numRuns: 1000 },
  );
});

const digits = GO_ROUNDS_ALIKE ? 'to the bit' : 'to 13 digits';

test(`exponential bounds of a range are those of client_golang, ${digits}`, async () => {
  const shown = (bounds: number[]) =>
    GO_ROUNDS_ALIKE ? bounds : bounds.map((bound) => bound.toPrecision(13));
  await fc.assert(
    fc.asyncProperty(start, factor, count, async (min, times, many) => {
      const bounds = exponentialBucketsRange(min, min * times, many);
      expect(shown(bounds)).toEqual(shown(await golang.buckets('range', min, min * times, many)));
    }),
    { numRuns: 2000 },
  );
});
