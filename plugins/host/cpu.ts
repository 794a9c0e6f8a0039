import { counter, type Sample } from '@dynamic-informer/sdk';
import type { Part } from './part.ts';

const seconds = counter('node_cpu_seconds_total', 'Seconds that a CPU spent in each mode.', ['cpu', 'mode']);
const guestSeconds = counter(
  'node_cpu_guest_seconds_total',
  'Seconds that a CPU spent in virtual machines; these are also in the modes user and nice.',
  ['cpu', 'mode'],
);

/** procfs counts in hundredths of a second, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const GUEST_MODES = ['user', 'nice'] as const;
/** The kernel sets idle and iowait back a little now and then; more than this is a CPU that was replaced. */
const MAX_SET_BACK_TICKS = 3 * TICKS_PER_SECOND;

export const cpu: Part = {
  metrics: [seconds, guestSeconds],
  open() {
    const last = new Map<string, number[]>();
    return async ({ proc }) => {
      const samples: Sample[] = [];
      for (const line of (await proc('stat')).split('\n')) {
        const match = /^cpu(\d+) (.*)$/.exec(line);
        if (!match?.[1] || !match[2]) continue;
        const name = match[1];
        const ticks = keepFromFalling(match[2].trim().split(/\s+/).map(Number), last.get(name));
        last.set(name, ticks);
        MODES.forEach((mode, i) => {
          const value = ticks[i];
          if (value !== undefined)
            samples.push(seconds.sample(value / TICKS_PER_SECOND, { cpu: name, mode }));
        });
        GUEST_MODES.forEach((mode, i) => {
          const value = ticks[MODES.length + i];
          if (value !== undefined)
            samples.push(guestSeconds.sample(value / TICKS_PER_SECOND, { cpu: name, mode }));
        });
      }
      return samples;
    };
  },
};

function keepFromFalling(ticks: number[], last: number[] | undefined): number[] {
  if (!last) return ticks;
  return ticks.map((value, i) => {
    const before = last[i] ?? 0;
    return value < before && before - value <= MAX_SET_BACK_TICKS ? before : value;
  });
}
