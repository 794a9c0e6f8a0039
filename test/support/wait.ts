import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** What is waited for, as the message names it: "the target to be up". */
  what: string;
  /** Milliseconds until it gives up. */
  timeout?: number;
  /** Milliseconds between two looks. */
  interval?: number;
  /** Gives up at once, with the signal's reason. */
  signal?: AbortSignal;
}

type Falsy = false | 0 | '' | null | undefined;

/**
 * Looks until the condition gives something true, and returns that. A condition that throws counts as not
 * yet; its last error is the cause of the error that ends the wait.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what, timeout = 10_000, interval = 20, signal }: WaitOptions,
): Promise<Exclude<T, Falsy>> {
  const end = performance.now() + timeout;
  for (;;) {
    signal?.throwIfAborted();
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value as Exclude<T, Falsy>;
    } catch (error) {
      cause = error;
    }
    signal?.throwIfAborted();
    if (performance.now() >= end) {
      const last = cause === undefined ? 'the condition stayed false' : `last error: ${cause}`;
      throw new Error(`Waited ${timeout} ms for ${what}; ${last}`, { cause });
    }
    await pause(interval);
  }
}
