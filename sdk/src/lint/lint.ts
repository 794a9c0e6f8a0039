import type { ParsedFamily } from '../exposition/parse/family.ts';
import type { Problem, Rule } from './rule.ts';
import { RULES } from './rules.ts';

/** What `lint` takes. */
export interface LintOptions {
  /** What to look for; default `RULES`. `[...RULES, mine]` adds one. */
  readonly rules?: readonly Rule[];
}

/** A problem with its rule, its metric and its place. */
export interface LintProblem extends Problem {
  readonly rule: string;
  /** The family's name. */
  readonly metric: string;
  readonly line: number;
  readonly column: number;
}

/**
 * What is wrong with families, by line. A problem that many samples of a family have is given once, at the first.
 * @throws what a rule throws
 */
export function lint(families: Iterable<ParsedFamily>, { rules = RULES }: LintOptions = {}): LintProblem[] {
  const problems: LintProblem[] = [];
  for (const family of families) {
    for (const rule of rules) {
      let told: Set<string> | undefined;
      for (const problem of rule.check(family)) {
        told ??= new Set();
        if (told.has(problem.message)) continue;
        told.add(problem.message);
        problems.push({ line: family.line, column: 1, ...problem, rule: rule.name, metric: family.name });
      }
    }
  }
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}
