import { expect, it } from 'vitest';
import { Strikes } from './strikes.ts';

const MINUTE = 60_000;

it('tries again soon, then quarantines for ever longer, up to an hour', () => {
  const strikes = new Strikes();
  let now = 5_000;
  const waits = Array.from({ length: 12 }, () => {
    const { waitMs, quarantined } = strikes.add(now);
    now += waitMs + 1;
    return `${quarantined ? 'quarantine ' : ''}${waitMs / 1000}`;
  });
  expect(waits).toEqual([
    '1',
    '2',
    ...['60', '120', '240', '480', '960', '1920', '3600', '3600', '3600', '3600'].map(
      (seconds) => `quarantine ${seconds}`,
    ),
  ]);
});

it('forgives who did no harm for ten minutes, time in quarantine not counted', () => {
  const strikes = new Strikes();
  let now = 0;
  const strike = (afterMs: number) => {
    now += afterMs;
    const sentence = strikes.add(now);
    now += sentence.waitMs;
    return sentence.strikes;
  };
  for (const expected of [1, 2, 3, 4, 5, 6, 7]) expect(strike(9 * MINUTE)).toBe(expected);
  expect(strike(11 * MINUTE)).toBe(1);
});
