const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;

/** How long to wait before the next try after `failures` in a row: 1 s, doubled each time, up to 5 minutes. */
export function backoffMs(failures: number): number {
  return failures <= 0 ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
}
