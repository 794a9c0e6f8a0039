import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bucketUpperBound } from '../../sdk/src/metric/native-buckets.ts';
import { NativeHistogram } from '../../sdk/src/metric/native-histogram.ts';
import type { NativeOptions, NativeValue } from '../../sdk/src/metric/native-value.ts';
import {
  type ClientGolang,
  GO_ROUNDS_ALIKE,
  type Step,
  startClientGolang,
} from '../support/client-golang.ts';

let golang: ClientGolang;

beforeAll(async () => {
  golang = await startClientGolang();
}, 300_000);

afterAll(() => golang?.[Symbol.asyncDispose]());

type State = NativeValue & { created: number };

function run(options: NativeOptions, steps: readonly Step[]): State[] {
  let seconds = 0;
  const histogram = new NativeHistogram(options, () => seconds * 1000);
  return steps.map(({ at, values }) => {
    seconds = at;
    for (const value of values) histogram.observe(value);
    return { ...histogram.read(), created: histogram.created / 1000 };
  });
}

/** An older client_golang is asked only for what it does as the current one. */
function comparable(all: readonly Step[]): readonly Step[] {
  if (!golang.known.roundsToZero) return all;
  return all.map(({ at, values }) => ({ at, values: values.filter((value) => Math.abs(value) >= 1) }));
}

const unmarked = (state: State): State =>
  golang.known.marksEmpty || state.positive.deltas.length > 0
    ? state
    : { ...state, positive: { spans: [], deltas: [] } };

async function expectTheSame(options: NativeOptions, steps: readonly Step[]): Promise<void> {
  await expectEqual(options, mayGoBelowZero(options) ? comparable(steps) : steps);
}

async function expectEqual(options: NativeOptions, asked: readonly Step[]): Promise<void> {
  expect(run(options, asked).map(unmarked)).toEqual(await golang.native(options, asked));
}

/** The exponential buckets of a schema below 0 are those wider than from one power of two to the next. */
const mayGoBelowZero = ({ factor, maxBuckets = 0 }: NativeOptions): boolean => factor > 2 || maxBuckets > 0;

const bits = new BigInt64Array(1);
const float = new Float64Array(bits.buffer);
function neighbour(value: number, distance: number): number {
  float[0] = value;
  bits[0] = (bits[0] ?? 0n) + BigInt(distance);
  return float[0];
}

const boundary = fc
  .tuple(
    fc.integer({ min: -4, max: 8 }),
    fc.double({ min: -1074, max: 1024, noNaN: true }),
    fc.integer({ min: -1, max: 1 }),
  )
  .map(([schema, exponent, distance]) =>
    neighbour(bucketUpperBound(Math.ceil(exponent * 2 ** schema), schema), distance),
  )
  .filter((value) => value > 0);

const special = fc.constantFrom(
  ...[0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...[Number.MIN_VALUE, Number.MAX_VALUE, 2 ** -1022, 2 ** -128, 1, 2, 0.5, 0.001],
);

const observation = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.double({ min: 1e-3, max: 1e3, noNaN: true }) },
      { weight: 2, arbitrary: boundary },
      { weight: 1, arbitrary: special },
      { weight: 1, arbitrary: fc.double() },
    ),
    fc.boolean(),
  )
  .map(([value, negative]) => (negative ? -value : value));

const steps = fc
  .array(
    fc.record({
      wait: fc.integer({ min: 0, max: 4 }),
      values: fc.array(observation, { maxLength: 12, size: 'max' }),
    }),
    { minLength: 1, maxLength: 12, size: 'max' },
  )
  .map((waits) => {
    let at = 0;
    return waits.map(({ wait, values }): Step => {
      at += wait;
      return { at, values };
    });
  });

const exactFactor = fc.integer({ min: -4, max: 8 }).map((schema) => 2 ** (2 ** -schema));
// A schema's own factor and its neighbours, where a logarithm's last bit decides; elsewhere, just beside them.
const beside = GO_ROUNDS_ALIKE ? 0 : 1000;
const factor = fc.oneof(
  fc
    .tuple(exactFactor, fc.integer({ min: -1, max: 1 }))
    .map(([value, distance]) => neighbour(value, beside + distance)),
  fc.double({ min: 1.0000001, max: 3, noNaN: true }),
  fc.double({ min: 3, max: 1e6, noNaN: true }),
);
const threshold = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -130, max: 6 }).map((exponent) => 2 ** exponent),
  fc.double({ min: 0, max: 10, noNaN: true }),
);

test('a histogram without a limit is the one that client_golang makes of the same observations', async () => {
  const options = fc.record({ factor, zeroThreshold: threshold }, { requiredKeys: ['factor'] });
  await fc.assert(fc.asyncProperty(options, steps, expectTheSame), { numRuns: 1000 });
});

test('a limited histogram widens, halves and resets when client_golang does', async () => {
  const options = fc.record(
    {
      factor,
      zeroThreshold: threshold,
      maxBuckets: fc.integer({ min: 1, max: 12 }),
      minResetSeconds: fc.integer({ min: 0, max: 12 }),
      maxZeroThreshold: threshold,
    },
    { requiredKeys: ['factor', 'maxBuckets'] },
  );
  await fc.assert(fc.asyncProperty(options, steps, expectTheSame), { numRuns: 2000 });
});

test('the bounds of every schema are those of client_golang, to the bit', async () => {
  for (let schema = -4; schema <= 8; schema++) {
    const lowest = golang.known.roundsToZero && schema < 0 ? 0 : Math.ceil(-1074 * 2 ** schema);
    const highest = 1024 * 2 ** schema;
    // All bounds from 1/2 to 2, which give all fractions that there are, and a thousand elsewhere.
    const near = 2 ** Math.max(0, schema);
    const indexes = new Set([lowest, highest]);
    for (let index = Math.max(lowest, -near); index <= near; index++) indexes.add(index);
    const stride = 1 + Math.floor((highest - lowest) / 1000);
    for (let index = lowest; index < highest; index += stride) indexes.add(index);
    const values = [...indexes]
      .map((index) => bucketUpperBound(index, schema))
      .flatMap((bound) => [-1, 0, 1].map((distance) => neighbour(bound, distance)))
      .filter((value) => value >= (lowest === 0 ? 1 : Number.MIN_VALUE));
    await expectEqual({ factor: neighbour(2 ** (2 ** -schema), 1000), zeroThreshold: 0 }, [
      { at: 0, values },
    ]);
  }
});
