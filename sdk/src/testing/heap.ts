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
 * How much `values` surely grow from one to the next: what all steps but one exceed. One step up, or a spike, gives
 * next to nothing, however high it is, and so does noise around a level; one step down, as when the engine drops code
 * that is not used any more, does not hide a growth that goes on.
 */
export function sureSlope(values: readonly number[]): number {
  const steps = values.slice(1).map((value, i) => value - (values[i] ?? 0));
  return steps.sort((a, b) => a - b)[1] ?? 0;
}
