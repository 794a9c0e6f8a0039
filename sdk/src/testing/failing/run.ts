import type { Check } from '../index.ts';

/** The names of the checks that fail, each with its message; one after the other, since they measure the process. */
export async function failuresOf(checks: readonly Check[]): Promise<Record<string, string>> {
  const failures: Record<string, string> = {};
  for (const { name, run } of checks) {
    try {
      await run();
    } catch (error) {
      failures[name] = error instanceof Error ? error.message : String(error);
    }
  }
  return failures;
}
