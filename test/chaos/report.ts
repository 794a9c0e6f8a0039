import type { TestContext } from 'vitest';

/** One line of the table with which `npm run chaos` ends. What a case does not measure is left out. */
export interface ChaosRow {
  readonly case: string;
  readonly scrapes?: number;
  /** The longest that a scrape took beyond its deadline, in milliseconds; 0 if none did. */
  readonly worstOverrunMs?: number;
  /** Hosts that ended or were killed. */
  readonly kills?: number;
  /** How often a healthy resource was not in a scrape because it was late. */
  readonly late?: number;
  /** What was there at the end and had not been at the beginning. */
  readonly leaks?: number;
  /** From a save until what it changes is exposed: the median, in milliseconds. */
  readonly liveMs?: number;
  /** The longest for which the agent's event loop was held, in milliseconds. */
  readonly holdMs?: number;
}

declare module 'vitest' {
  interface TaskMeta {
    chaos?: ChaosRow[];
  }
}

/** `npm run chaos` runs everything longer than `npm test` does. */
export const isLong = process.env.CHAOS === 'long';

/** A count for `npm test`, and one for `npm run chaos`. */
export const pick = <T>({ short, long }: { short: T; long: T }): T => (isLong ? long : short);

/** Hands a row to the runner, which prints the table: vitest's JSON report carries a test's meta. */
export function report({ task }: Pick<TestContext, 'task'>, row: ChaosRow): void {
  task.meta.chaos = [...(task.meta.chaos ?? []), row];
}
