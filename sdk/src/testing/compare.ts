import { AssertionError } from 'node:assert';
import { differenceOf } from './diff.ts';
import { canonicalText, familiesOf } from './families.ts';
import { type Source, textOf } from './values.ts';

/** What `compareExposition` looks at. */
export interface CompareOptions {
  /** Only these families, by the names that their TYPE lines have; all by default. */
  names?: readonly string[];
}

/**
 * Compares an exposition, or what a source would expose, with what is expected: families, help, types, series and
 * values. The order of families, series and labels, comments and the spelling of numbers make no difference; `*` in
 * an expected line stands for any text.
 * @throws an AssertionError that shows the lines that differ: `-` is missing, `+` was not expected
 */
export function compareExposition(
  actual: string | { readonly exposition: string } | Source,
  expected: string,
  { names }: CompareOptions = {},
): void {
  const [left, right] = [expected, expositionOf(actual)].map((text) => {
    const families = [...familiesOf(text).values()];
    return canonicalText(names ? families.filter(({ name }) => names.includes(name)) : families);
  });
  const difference = differenceOf(left ?? '', right ?? '');
  if (difference === undefined) return;
  throw new AssertionError({
    message: `The exposition is not the expected one (- expected, + actual):\n${difference}`,
    expected: left,
    actual: right,
    stackStartFn: compareExposition,
  });
}

/** The text of what can be compared. */
export function expositionOf(given: string | { readonly exposition: string } | Source): string {
  if (typeof given === 'string') return given;
  return 'exposition' in given ? given.exposition : textOf(given);
}
