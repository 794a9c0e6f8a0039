import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MOST_LOOKS = 10;

/** Bytes that JavaScript objects and buffers take after everything unreachable is gone. */
export async function reachableBytes(): Promise<number> {
  // What finalizers and closing handles hold goes with the second pass.
  for (let pass = 0; pass < 2; pass++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The same when it no longer falls: some things go only after others have gone. */
export async function settledBytes(): Promise<number> {
  let least = await reachableBytes();
  for (let look = 0; look < MOST_LOOKS; look++) {
    const bytes = await reachableBytes();
    if (bytes >= least) break;
    least = bytes;
  }
  return least;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/**
 * How much `values` surely grow from one to the next: the slope that all but a tenth of the pairs of values exceed. A
 * step or a spike gives zero or less, however high it is, and noise around a level less than half its width; only a
 * growth that goes on through all of them gives more.
 */
export function sureSlope(values: readonly number[]): number {
  const slopes: number[] = [];
  for (const [i, first] of values.entries()) {
    for (let j = i + 1; j < values.length; j++) slopes.push(((values[j] ?? 0) - first) / (j - i));
  }
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 10)] ?? 0;
}
