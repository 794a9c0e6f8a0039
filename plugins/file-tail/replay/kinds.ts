/** Lines of one likeness. */
export interface Kind {
  count: number;
  /** The number of the first one, from 1. */
  readonly line: number;
  /** The first one, cut. */
  readonly example: string;
}

/** More kinds than this are not told apart, so that a log in which every line is another takes no more memory. */
const MAX_KINDS = 2_000;
const MAX_LIKENESS = 200;
const MAX_EXAMPLE = 240;

/**
 * What differs from line to line of one statement of a program: quoted text, paths and addresses, what follows "=",
 * identifiers in hexadecimal digits, and numbers.
 */
const VARYING =
  /"[^"]*"?|'[^']*'|(?<==)[^\s,;&)\]}]+|[\w.:@-]*\/[^\s,;)\]}"']*|\b(?=[a-f-]*\d)[0-9a-f]{4,}(?:-[0-9a-f]{2,})*\b|[0-9a-f]*(?::[0-9a-f]*){2,}|\d+(?:[.:,-]\d+)*/gi;

/** Of quoted text it shows whether it is a word, or what else: in access logs, `"GET /"`, `"-"` and `"\\x16"`. */
function masked(text: string): string {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return '#';
  const first = text[1] ?? '';
  return quote + (/[a-z0-9]/i.test(first) ? 'a' : first);
}

/** Groups lines by what is the same in them, in bounded memory. */
export class Kinds {
  readonly #kinds = new Map<string, Kind>();
  /** Lines that are of none of those. */
  rest = 0;

  add(text: string, line: number): void {
    const likeness = text.slice(0, MAX_LIKENESS).replace(VARYING, masked);
    const known = this.#kinds.get(likeness);
    if (known) known.count++;
    else if (this.#kinds.size < MAX_KINDS)
      // A copy: a line is a window on all that was read with it, and would keep that.
      this.#kinds.set(likeness, { count: 1, line, example: Buffer.from(cut(text)).toString() });
    else this.rest++;
  }

  get size(): number {
    return this.#kinds.size;
  }

  /** The most frequent ones first. */
  most(count: number): Kind[] {
    return [...this.#kinds.values()].sort((a, b) => b.count - a.count || a.line - b.line).slice(0, count);
  }
}

const cut = (text: string): string =>
  text.length > MAX_EXAMPLE ? `${text.slice(0, MAX_EXAMPLE - 1)}…` : text;
