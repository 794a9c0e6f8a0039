import { expect, it } from 'vitest';
import { CollectRing, REMEMBERED } from './collect-history.ts';
import type { CollectOutcome } from './contract.ts';

it('gives nothing before the first collect', () => {
  expect(new CollectRing().read()).toEqual({ at: [], seconds: [], outcome: [] });
});

it('remembers the last sixty collects, oldest first', () => {
  const ring = new CollectRing();
  for (let turn = 0; turn < REMEMBERED + 5; turn++) ring.add(1_700_000_000_000.25 + turn, turn / 1000, 'ok');
  const { at, seconds, outcome } = ring.read();
  expect([at.length, seconds.length, outcome.length]).toEqual([REMEMBERED, REMEMBERED, REMEMBERED]);
  expect([at[0], at.at(-1)]).toEqual([1_700_000_000_005.25, 1_700_000_000_064.25]);
  expect([seconds[0], seconds.at(-1)]).toEqual([0.005, 0.064]);
});

it('keeps every outcome, and durations to the microsecond', () => {
  const all: CollectOutcome[] = ['ok', 'partial', 'target', 'timeout', 'crash', 'plugin', 'limit'];
  const ring = new CollectRing();
  for (const outcome of all) ring.add(1, 0.012_345_6, outcome);
  expect(ring.read().outcome).toEqual(all);
  expect(ring.read().seconds[0]).toBe(0.012_346);
});

it('bounds a duration that no timeout allows', () => {
  const ring = new CollectRing();
  ring.add(1, 1e9, 'timeout');
  expect(ring.read().seconds).toEqual([4294.967_295]);
});
