import { type CollectContext, parseDuration } from '@dynamic-informer/sdk';
import type { Config } from './config.ts';

/** A hung target is given up this long before the collect's deadline, so that it is a result and not a late collect. */
const MARGIN_MS = 250;

/**
 * Runs `work` for every target, so many at one time, each with the signal of its own timeout. A target whose
 * turn comes when less than half of its time is left is left out: it would be called dead for nothing.
 */
export async function makeTurns<T>(
  { targets, timeout, concurrency }: Pick<Config, 'targets' | 'timeout' | 'concurrency'>,
  { signal, deadline, clock }: CollectContext,
  work: (target: string, signal: AbortSignal, timeoutSeconds: number) => Promise<T>,
): Promise<{ results: T[]; left: number }> {
  const timeLeft = () => {
    const left = deadline - clock.now();
    return left - Math.min(MARGIN_MS, left / 10);
  };
  const wanted = Math.min(
    timeout === undefined ? Number.POSITIVE_INFINITY : parseDuration(timeout),
    timeLeft(),
  );
  const results: T[] = [];
  const turns = targets.entries();
  let left = 0;
  const takeTurns = async () => {
    for (const [index, target] of turns) {
      const allowed = Math.min(wanted, timeLeft());
      if (signal.aborted || allowed < wanted / 2) {
        left++;
        continue;
      }
      const expired = new AbortController();
      const timer = setTimeout(() => expired.abort(), allowed);
      try {
        results[index] = await work(target, AbortSignal.any([signal, expired.signal]), allowed / 1000);
      } finally {
        clearTimeout(timer);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, targets.length) }, takeTurns));
  return { results, left };
}
