import { array, assert, double, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CPU_WINDOW_SECONDS, CpuBudget } from './cpu-budget.ts';

/** A second of a host's life: what it uses of itself, and what a collect uses that is started in it. */
const second = record({
  idle: double({ min: 0, max: 2, noNaN: true }),
  collect: double({ min: 0, max: 20, noNaN: true }),
});
const share = double({ min: 0.01, max: 4, noNaN: true });

describe('the CPU budget of a host', () => {
  it('is kept over any time by what collects use, but for what was saved up and the last collect', async () => {
    await assert(
      property(share, array(second, { maxLength: 400 }), (given, life) => {
        const budget = new CpuBudget(given, 0);
        let [used, largest] = [0, 0];
        life.forEach(({ collect }, index) => {
          const now = index + 1;
          const spent = budget.waitSeconds(now) === 0 ? collect : 0;
          largest = Math.max(largest, spent);
          used += spent;
          budget.spend(spent, now, spent > 0);
          expect(used).toBeLessThanOrEqual(given * (CPU_WINDOW_SECONDS + now) + largest + 1e-6);
        });
      }),
    );
  });

  it('never holds up who stays below its share, and never ends who only collects', async () => {
    await assert(
      property(share, array(second, { maxLength: 400 }), (given, life) => {
        const modest = new CpuBudget(given, 0);
        const busy = new CpuBudget(given, 0);
        life.forEach(({ idle, collect }, index) => {
          const now = index + 1;
          expect(modest.spend(Math.min(idle, given), now, false)).toBe('none');
          expect(modest.waitSeconds(now)).toBe(0);
          expect(busy.spend(collect, now, true)).not.toBe('exhausted');
        });
      }),
    );
  });

  it('says truly how long to wait', async () => {
    await assert(
      property(share, double({ min: 0, max: 3000, noNaN: true }), (given, spent) => {
        const budget = new CpuBudget(given, 0);
        budget.spend(spent, 0, true);
        const wait = budget.waitSeconds(0);
        expect(budget.waitSeconds(wait * 1.001 + 1e-6)).toBe(0);
        if (wait > 1) expect(budget.waitSeconds(wait * 0.999)).toBeGreaterThan(0);
      }),
    );
  });

  it('ends in bounded time who goes on above its share without any work', async () => {
    await assert(
      property(
        share,
        double({ min: 1.1, max: 50, noNaN: true }),
        integer({ min: 0, max: 5 }),
        (given, times, pause) => {
          const budget = new CpuBudget(given, 0);
          const surplus = given * (times - 1);
          const bound =
            Math.ceil((given * CPU_WINDOW_SECONDS + Math.max(1, 60 * given)) / surplus) + 2 + pause;
          let ended = false;
          for (let now = 1; now <= bound && !ended; now++) {
            const isPause = now <= pause;
            ended = budget.spend(isPause ? 0 : given * times, now, false) === 'exhausted';
          }
          expect(ended).toBe(true);
        },
      ),
    );
  });

  // A share of 0.1 holds 30 CPU seconds. What happens in turn: seconds that pass, CPU seconds used, with work or without.
  it.each<[string, [passed: number, used: number, isWorking: boolean][], changes: string[], wait: number]>([
    [
      'little use',
      [
        [10, 1, true],
        [10, 1, true],
      ],
      ['none', 'none'],
      0,
    ],
    ['a burst that was saved up for', [[10, 29, true]], ['none'], 0],
    ['a burst beyond that', [[10, 31, true]], ['over'], 10],
    [
      'it is said once',
      [
        [10, 31, true],
        [1, 1, true],
      ],
      ['over', 'none'],
      19,
    ],
    [
      'a collect is possible before it counts as well again',
      [
        [10, 31, true],
        [11, 0, false],
      ],
      ['over', 'none'],
      0,
    ],
    [
      'well again with a tenth of the window',
      [
        [10, 31, true],
        [40.5, 0, false],
      ],
      ['over', 'back'],
      0,
    ],
    [
      'over again',
      [
        [10, 31, true],
        [40.5, 0, false],
        [0, 4, true],
      ],
      ['over', 'back', 'over'],
      9.5,
    ],
    [
      'idle use below the share',
      [
        [10, 31, true],
        [1, 0.05, false],
      ],
      ['over', 'none'],
      9.5,
    ],
    [
      'idle use above it, up to a minute of the share',
      [
        [10, 31, true],
        [10, 6.9, false],
      ],
      ['over', 'none'],
      69,
    ],
    [
      'and beyond that',
      [
        [10, 31, true],
        [10, 7.1, false],
      ],
      ['over', 'exhausted'],
      71,
    ],
  ])('%s', (_name, life, changes, wait) => {
    const budget = new CpuBudget(0.1, 0);
    let now = 0;
    const seen = life.map(([passed, used, isWorking]) => {
      now += passed;
      return budget.spend(used, now, isWorking);
    });
    expect(seen).toEqual(changes);
    expect(budget.waitSeconds(now)).toBeCloseTo(wait, 6);
  });

  it('stays as full as it is when the share changes, and a debt stays', () => {
    const budget = new CpuBudget(0.1, 0);
    budget.spend(15, 0, true);
    budget.setShare(0.2, 0);
    expect(budget.spend(29, 0, true)).toBe('none');
    expect(budget.spend(2, 0, true)).toBe('over');
    budget.setShare(0.5, 0);
    expect(budget.waitSeconds(0)).toBeCloseTo(2);
  });
});
