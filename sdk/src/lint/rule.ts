import type { ParsedFamily, ParsedSample } from '../exposition/parse/family.ts';

/** What a rule finds wrong with a family. */
export interface Problem {
  /** What is wrong, without a full stop. */
  readonly message: string;
  /** What to do, without a full stop. */
  readonly fix: string;
  /** Where, from 1; without it, where the family begins. */
  readonly line?: number;
  readonly column?: number;
}

/** One thing to look for. It keeps nothing between two families. */
export interface Rule {
  /** Tells it from the others: `counter-total`. */
  readonly name: string;
  check(family: ParsedFamily): Iterable<Problem>;
}

/** A problem at a sample. */
export const problemAt = ({ line, column }: ParsedSample, message: string, fix: string): Problem => ({
  message,
  fix,
  line,
  column,
});
