import type { Captures, Extractor } from '../patterns/extractor.ts';

const SPACE = 32;
const QUOTE = 34;
const EQUALS = 61;
const BACKSLASH = 92;

/** What a key without a value has. */
const BARE = 'true';

/** A key that is wanted, and where its value goes. */
interface Wanted {
  readonly key: string;
  readonly places: readonly Place[];
}

interface Place {
  readonly at: number;
  /** Among the keys for one place a lower rank wins, whatever their order in the line. */
  readonly rank: number;
}

/**
 * Reads `key=value key="a \"value\"" key`. What the keys do not ask for is stepped over, and no text is made of it.
 * The last of several values of a key counts, as in JSON.
 */
export class LogfmtScanner implements Extractor {
  /** The wanted keys by their length. */
  readonly #wanted: (readonly Wanted[] | undefined)[] = [];
  readonly #values: (string | undefined)[];
  readonly #ranks: number[];

  /** @param keys for each value the keys that it may stand under, the most wanted first */
  constructor(keys: readonly (readonly string[])[]) {
    const places = new Map<string, Place[]>();
    for (const [at, names] of keys.entries()) {
      for (const [rank, key] of names.entries()) {
        places.set(key, [...(places.get(key) ?? []), { at, rank }]);
      }
    }
    for (const [key, at] of places) {
      this.#wanted[key.length] = [...(this.#wanted[key.length] ?? []), { key, places: at }];
    }
    this.#values = keys.map(() => undefined);
    this.#ranks = keys.map(() => 0);
  }

  /** Null for a line without any `=`, or with a quote that does not end. */
  exec(line: string): Captures | null {
    this.#values.fill(undefined);
    this.#ranks.fill(Number.POSITIVE_INFINITY);
    const { length } = line;
    let isLogfmt = false;
    let at = 0;
    while (at < length) {
      if (line.charCodeAt(at) <= SPACE) {
        at++;
        continue;
      }
      const start = at;
      let code = line.charCodeAt(at);
      while (at < length && code !== EQUALS && code > SPACE) code = line.charCodeAt(++at);
      const wanted = this.#find(line, start, at);
      if (at >= length || code !== EQUALS) {
        if (wanted !== undefined) this.#take(wanted, BARE);
        continue;
      }
      isLogfmt = true;
      const from = ++at;
      if (line.charCodeAt(from) === QUOTE) {
        const end = endOfQuoted(line, from + 1);
        if (end < 0) return null;
        if (wanted !== undefined) this.#take(wanted, unquoted(line, from, end));
        at = end + 1;
      } else {
        while (at < length && line.charCodeAt(at) > SPACE) at++;
        if (wanted !== undefined) this.#take(wanted, line.slice(from, at));
      }
    }
    return isLogfmt ? this.#values : null;
  }

  #find(line: string, start: number, end: number): Wanted | undefined {
    const candidates = this.#wanted[end - start];
    if (candidates === undefined) return undefined;
    for (const wanted of candidates) if (line.startsWith(wanted.key, start)) return wanted;
    return undefined;
  }

  #take({ places }: Wanted, value: string): void {
    for (const { at, rank } of places) {
      if (rank > (this.#ranks[at] as number)) continue;
      this.#ranks[at] = rank;
      this.#values[at] = value;
    }
  }
}

/** Where the quote is that ends what begins at `from`; negative if there is none. */
function endOfQuoted(line: string, from: number): number {
  let end = line.indexOf('"', from);
  while (end >= 0 && isEscaped(line, end, from)) end = line.indexOf('"', end + 1);
  return end;
}

/** Whether an odd number of backslashes stands before `at`. */
function isEscaped(line: string, at: number, from: number): boolean {
  let first = at;
  while (first > from && line.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

/** What the quotes at `open` and `close` enclose, its escapes read as JSON's; what JSON does not know stays as it is. */
function unquoted(line: string, open: number, close: number): string {
  const backslash = line.indexOf('\\', open);
  if (backslash < 0 || backslash > close) return line.slice(open + 1, close);
  try {
    return JSON.parse(line.slice(open, close + 1)) as string;
  } catch {
    return line.slice(open + 1, close);
  }
}
