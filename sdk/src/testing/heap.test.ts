import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sureSlope } from './heap.ts';

const noise = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 7, maxLength: 11 });

it('finds a growth that goes on, whatever lies over it', () => {
  const leaking = noise.map((values) => values.map((value, i) => 1_000_000 + 5_000 * i + value));
  fc.assert(fc.property(leaking, (values) => sureSlope(values) > 1_000));
});

it('finds it beside one fall', () => {
  const falling = fc
    .tuple(noise, fc.nat(6))
    .map(([values, at]) => values.map((value, i) => 5_000 * i + value - (i > at ? 1_000_000 : 0)));
  fc.assert(fc.property(falling, (values) => sureSlope(values) > 1_000));
});

it('finds none in a level, a spike, a fall or a step', () => {
  const level = noise.map((values) => values.map((value) => 1_000_000 + value));
  fc.assert(fc.property(level, (values) => sureSlope(values) <= 500));
  expect(sureSlope([10, 10, 10, 9_000, 10, 10, 10])).toBeLessThanOrEqual(0);
  expect(sureSlope([9, 8, 7, 6, 5, 4, 3])).toBeLessThan(0);
  expect(sureSlope([10, 10, 10, 9_000, 9_000, 9_000, 9_000])).toBe(0);
});
