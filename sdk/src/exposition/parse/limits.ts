import type { ParseOptions } from './family.ts';
import { Report } from './report.ts';

const MAX_ERRORS = 1_000;
const MAX_SIZE = 64 * 1024 * 1024;

/** Where errors go, and whether the input is small enough to be read at all. */
export function limits(
  { length }: string | Uint8Array,
  { maxErrors = MAX_ERRORS, maxSize = MAX_SIZE }: ParseOptions,
): { report: Report; readable: boolean } {
  if (length <= maxSize) return { report: new Report(maxErrors), readable: true };
  const report = new Report(1);
  report.add({
    line: 1,
    column: 1,
    code: 'EXPOSITION_TOO_LARGE',
    message: `the exposition has ${length} bytes, more than the ${maxSize} that are read`,
    fix: 'expose fewer series, or raise maxSize',
  });
  return { report, readable: false };
}
