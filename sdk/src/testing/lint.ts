import { expositionOf } from './compare.ts';
import { familiesOf, type TextFamily } from './families.ts';
import type { Source } from './values.ts';

/** What the naming conventions have against a metric. */
export interface LintProblem {
  readonly metric: string;
  /** The fact and the fix. */
  readonly text: string;
}

/** What is wrong with the names, types and help texts of an exposition, or of what a source would expose. */
export function lintCollector(source: string | { readonly exposition: string } | Source): LintProblem[] {
  return [...familiesOf(expositionOf(source)).values()].flatMap((family) =>
    RULES.flatMap((rule) => rule(family) ?? []).map((text) => ({ metric: family.name, text })),
  );
}

type Rule = (family: TextFamily) => string | undefined;

const RULES: readonly Rule[] = [
  ({ help = '' }) => (help === '' ? 'has no help text; say what it measures' : undefined),
  ({ name, type }) =>
    type === 'counter' && !name.endsWith('_total') ? 'is a counter; end its name in "_total"' : undefined,
  ({ name, type }) =>
    type !== undefined && type !== 'counter' && type !== 'untyped' && name.endsWith('_total')
      ? 'ends in "_total" and is no counter; rename it or make it one'
      : undefined,
  ({ name }) => (/[A-Z]/.test(name) ? 'has capitals in its name; write snake_case' : undefined),
];
