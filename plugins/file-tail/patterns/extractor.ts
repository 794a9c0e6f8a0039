/** What was found in a line, by index; undefined is what the line does not have. */
export type Captures = ArrayLike<string | undefined>;

/** Finds things in a line: a regular expression is one, and so is the reader of a log format. */
export interface Extractor {
  /** What the line holds; null if it is none of this kind. What is returned may be used again by the next call. */
  exec(line: string): Captures | null;
}

/** What there is to be found where nothing was looked for. */
export const NO_CAPTURES: Captures = [];
