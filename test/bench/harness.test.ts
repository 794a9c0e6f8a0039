import { describe, expect, test } from 'vitest';
import { digestOf } from './digest.ts';
import { compare, median, numbersOf, type Peer, quantile, resultOf, unprepared } from './harness.ts';

function contestant(name: string, calls: string[], digest = 'same', installed = true): Peer<number> {
  return {
    name,
    available: () => installed,
    run: async (given) => ({
      async round(number) {
        calls.push(`${name}${number}`);
        return given + number;
      },
      digest: async () => digest,
      [Symbol.asyncDispose]: async () => void calls.push(`${name} ends`),
    }),
  };
}

describe('compare', () => {
  test('gives turns in rotation, and leaves out the warm-up and who is not installed', async () => {
    const calls: string[] = [];
    const contestants = [contestant('a', calls), contestant('b', calls), contestant('c', calls, '', false)];
    const measured = await compare(100, contestants, { warmUp: 1, rounds: 2 });
    expect(calls).toEqual(['a0', 'b0', 'b1', 'a1', 'a2', 'b2', 'b ends', 'a ends']);
    expect(Object.fromEntries(measured)).toEqual({ a: [101, 102], b: [101, 102] });
  });

  test('measures nothing when the contestants differ, and ends them', async () => {
    const calls: string[] = [];
    const contestants = [contestant('a', calls, '20 series, x'), contestant('b', calls, '20 series, y')];
    await expect(compare(1, contestants, { warmUp: 0, rounds: 1 })).rejects.toThrow(
      'do not hold the same series and values (a: 20 series, x; b: 20 series, y)',
    );
    expect(calls).toEqual(['b ends', 'a ends']);
  });
});

test('a round can measure several things, several times', async () => {
  const peer = unprepared('peer', async (given: number, round) => ({
    took: given + round,
    seen: [round, given],
  }));
  const measured = await compare(7, [peer], { warmUp: 1, rounds: 2 });
  expect(numbersOf(measured, ({ took }) => took)).toEqual(new Map([['peer', [8, 9]]]));
  expect(numbersOf(measured, ({ seen }) => seen)).toEqual(new Map([['peer', [1, 7, 2, 7]]]));
});

test('quantiles are values that were measured', () => {
  const values = [5, 1, 4, 2, 3];
  expect([median(values), quantile(0.99)(values), quantile(0)(values)]).toEqual([3, 5, 1]);
});

test('a result holds what we and each peer came to', () => {
  const measured = new Map([
    ['ours', [1, 2, 3]],
    ['peer', [4.123456]],
  ]);
  expect(resultOf(measured, median, { bench: 'b', case: 'c', unit: 'ms' })).toEqual({
    bench: 'b',
    case: 'c',
    ours: 2,
    peers: { peer: 4.123 },
    unit: 'ms',
    better: 'lower',
  });
});

describe('digestOf', () => {
  const digest = (text: string, series: number) => digestOf(Buffer.from(text), series);

  test('is the same for the same series and values, however they are written', () => {
    const ours =
      'shop_0_requests_total{method="GET",resource="r",zone="a"} 1e+06\nshop_0_load_ratio{zone="b"} 0.5\nother{a="b"} 1\n';
    const theirs = 'shop_0_load_ratio{zone="b"} 0.50\nshop_0_requests_total{zone="a",method="GET"} 1000000\n';
    expect(digest(ours, 2)).toBe(digest(theirs, 2));
  });

  test('counts each line of a histogram', () => {
    const ours =
      'shop_0_duration_seconds_bucket{method="GET",le="0.5"} 1\nshop_0_duration_seconds_sum{method="GET"} 0.3\n';
    const theirs =
      '# TYPE shop_0_duration_seconds histogram\nshop_0_duration_seconds_sum{method="GET"} 0.3\nshop_0_duration_seconds_bucket{le="0.5",method="GET"} 1\n';
    expect(digest(ours, 2)).toBe(digest(theirs, 2));
  });

  test.each([
    'shop_0_load_ratio{zone="b"} 2\n',
    'shop_0_load_ratio{zone="b",method="GET"} 1\n',
    'shop_0_load_ratio{method="b"} 1\n',
    'shop_0_load_ratio{zone="b"} 1.0000000000000002\n',
    'shop_0_load_ratio{zone="c"} 1\n',
    'shop_1_load_ratio{zone="b"} 1\n',
  ])('differs for %j', (other) => {
    expect(digest(other, 1)).not.toBe(digest('shop_0_load_ratio{zone="b"} 1\n', 1));
  });

  test('refuses another number of series', () => {
    expect(() => digest('', 20)).toThrow('holds 0 series of the mix instead of 20');
  });
});
