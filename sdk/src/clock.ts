import { setTimeout as delay } from 'node:timers/promises';

/** Time as a collector sees it; tests put a fake one in its place. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that never jumps; only differences mean something. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

const { now } = Date;
const monotonic = performance.now.bind(performance);

/** The machine's own clock, whatever becomes of the globals: several plugins of a process share it. */
export const systemClock: Clock = Object.freeze({
  now: () => now(),
  monotonic: () => monotonic(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal ? { signal } : {}),
});
