import { parseText } from '../exposition/parse/text.ts';
import { type LintProblem, lint } from '../lint/lint.ts';
import { expositionOf } from './compare.ts';
import type { Source } from './values.ts';

/**
 * What `informer lint` says of an exposition in the text format, or of what a source would expose, by line.
 * @throws what makes it no exposition
 */
export function lintCollector(source: string | { readonly exposition: string } | Source): LintProblem[] {
  const { families, errors } = parseText(expositionOf(source));
  const [error] = errors;
  if (error) throw new SyntaxError(`Line ${error.line}: ${error.message}; ${error.fix}.`);
  return lint(families);
}
