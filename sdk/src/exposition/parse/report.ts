import type { ParseError } from './family.ts';

const MAX_SHOWN = 60;

/** Text of an exposition as a message shows it: quoted, shortened, without control characters. */
export function shown(text: string): string {
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN).toWellFormed()}…` : text;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The errors found so far. */
export class Report {
  readonly errors: ParseError[] = [];
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get full(): boolean {
    return this.errors.length >= this.#max;
  }

  add(error: ParseError): void {
    if (!this.full) this.errors.push(error);
  }
}
