import { expect, it } from 'vitest';
import { Attempts } from './attempts.ts';

const clock = (now = 0) => {
  const state = { now };
  return { state, attempts: new Attempts(() => state.now) };
};
const takeAll = (attempts: Attempts, client: string) => {
  let taken = 0;
  while (attempts.take(client) === undefined) taken++;
  return taken;
};

it('gives a client ten attempts, then one every six seconds', () => {
  const { state, attempts } = clock();
  expect(takeAll(attempts, 'a')).toBe(10);
  expect(attempts.take('a')).toBe(6);
  state.now += 4_000;
  expect(attempts.take('a')).toBe(2);
  state.now += 2_000;
  expect(takeAll(attempts, 'a')).toBe(1);
  state.now += 3_600_000;
  expect(takeAll(attempts, 'a')).toBe(10);
  expect(takeAll(attempts, 'b')).toBe(10);
});

it('does not count what was right', () => {
  const { attempts } = clock();
  for (let n = 0; n < 100; n++) {
    expect(attempts.take('a')).toBeUndefined();
    attempts.giveBack('a');
  }
  expect(takeAll(attempts, 'a')).toBe(10);
});

it('forgets who failed longest ago when there are too many', () => {
  const { attempts } = clock();
  expect(takeAll(attempts, 'first')).toBe(10);
  expect(takeAll(attempts, 'last')).toBe(10);
  for (let n = 0; n < 4_095; n++) attempts.take(`client ${n}`);
  expect(takeAll(attempts, 'last')).toBe(0);
  expect(takeAll(attempts, 'first')).toBe(10);
});
