import type { Decoded } from './decode.ts';
import { type Report, shown } from './report.ts';

export const END = -1;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const COMMA = 0x2c;
export const EQUALS = 0x3d;
export const BRACE_OPEN = 0x7b;
export const BRACE_CLOSE = 0x7d;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BYTE_ORDER_MARK = 0xfeff;

const NAME_START = 1;
const NAME_PART = 2;
const CLASSES = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(character)) CLASSES[code] = NAME_START | NAME_PART;
  else if (/[0-9]/.test(character)) CLASSES[code] = NAME_PART;
}

/**
 * Goes through an exposition line by line and token by token, always forward. What it can't read it reports, with its
 * place, and gives undefined; what is left of that line is the caller's to leave.
 */
export class Scanner {
  readonly text: string;
  /** The line that is read, from 1. */
  line = 0;
  /** Where reading goes on. */
  at = 0;
  /** The end of the line, before its line feed. */
  end = 0;
  /** The line ends in a line feed: only the last one may not. */
  terminated = true;
  readonly #broken: ReadonlyMap<number, number>;
  readonly #report: Report;
  #start = 0;
  #next = 0;
  #carriageReturns = false;

  constructor({ text, broken }: Decoded, report: Report) {
    this.text = text;
    this.#broken = broken;
    this.#report = report;
  }

  /** Goes to the next line that can be read; false when there is none, or when there were errors enough. */
  nextLine(): boolean {
    while (this.#next < this.text.length && !this.#report.full) {
      this.line++;
      this.at = this.#start = this.#next;
      const feed = this.text.indexOf('\n', this.at);
      this.terminated = feed >= 0;
      this.end = this.terminated ? feed : this.text.length;
      this.#next = this.end + 1;
      if (this.line === 1) this.#skipByteOrderMark();
      this.#cutCarriageReturn();
      const broken = this.#broken.get(this.line);
      if (broken === undefined) return true;
      this.error(
        this.#start + broken - 1,
        'EXPOSITION_BAD_ENCODING',
        'the line is not UTF-8',
        'write names, labels and help texts as UTF-8',
      );
    }
    return false;
  }

  #skipByteOrderMark(): void {
    if (this.text.charCodeAt(0) !== BYTE_ORDER_MARK) return;
    this.error(
      0,
      'EXPOSITION_BAD_ENCODING',
      'the exposition begins with a byte order mark',
      'write UTF-8 without one',
    );
    this.at++;
  }

  /** A file with Windows' line breaks has one in every line; it is reported once. */
  #cutCarriageReturn(): void {
    if (this.end === this.at || this.text.charCodeAt(this.end - 1) !== CARRIAGE_RETURN) return;
    this.end--;
    if (this.#carriageReturns) return;
    this.#carriageReturns = true;
    this.error(
      this.end,
      'EXPOSITION_LINE_BREAK',
      'the line ends in a carriage return',
      'end every line with a line feed alone',
    );
  }

  /** Reports what is wrong at a place of this line. */
  error(at: number, code: string, message: string, fix: string): undefined {
    // What is missing from an input without lines is missing from the first.
    const line = Math.max(1, this.line);
    this.#report.add({ line, column: this.columnOf(at), code, message, fix });
  }

  columnOf(at: number): number {
    return at - this.#start + 1;
  }

  /** The character at `at`, or `END`. */
  peek(): number {
    return this.at < this.end ? this.text.charCodeAt(this.at) : END;
  }

  skipBlanks(): void {
    while (this.at < this.end) {
      const code = this.text.charCodeAt(this.at);
      if (code !== SPACE && code !== TAB) return;
      this.at++;
    }
  }

  /** Steps over one character if it is there. */
  take(code: number): boolean {
    if (this.peek() !== code) return false;
    this.at++;
    return true;
  }

  /** The end of the name that begins at `at`: letters, digits, `_`, and `:` in metric names. `at` if none does. */
  nameEnd(colons: boolean): number {
    let at = this.at;
    let wanted = NAME_START;
    for (; at < this.end; at++) {
      const code = this.text.charCodeAt(at);
      if (code < 128 ? !((CLASSES[code] ?? 0) & wanted) && !(colons && code === COLON) : true) break;
      wanted = NAME_PART;
    }
    return at;
  }

  /** Reads a name without quotes; empty if none begins here. */
  bareName(colons: boolean): string {
    const start = this.at;
    this.at = this.nameEnd(colons);
    return this.text.slice(start, this.at);
  }

  /** The end of the token that begins at `at`: the next blank, or the end of the line. */
  tokenEnd(): number {
    let at = this.at;
    while (at < this.end) {
      const code = this.text.charCodeAt(at);
      if (code === SPACE || code === TAB) break;
      at++;
    }
    return at;
  }

  /** Reads up to the next blank. */
  token(): string {
    const start = this.at;
    this.at = this.tokenEnd();
    return this.text.slice(start, this.at);
  }

  /** Reads what is left of the line. */
  rest(): string {
    const start = this.at;
    this.at = this.end;
    return this.text.slice(start, this.end);
  }

  /**
   * Reads what stands between quotes, from the first of them on.
   * @param loose a backslash before any other character than `\`, `"` and `n` stands for itself
   */
  quoted(what: string, loose: boolean): string | undefined {
    const opening = this.at;
    const start = opening + 1;
    let escaped = false;
    let at = start;
    for (; at < this.end; at++) {
      const code = this.text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escaped = true;
        at++;
      }
    }
    if (at >= this.end) {
      return this.error(
        opening,
        'EXPOSITION_UNFINISHED',
        `${what} has no closing quote on its line`,
        'close it, and write a line break within it as \\n and a quote as \\"',
      );
    }
    this.at = at + 1;
    return escaped ? this.#unescape(start, at, loose, true) : this.text.slice(start, at);
  }

  /** Reads a help text up to the end of the line. */
  help(loose: boolean): string | undefined {
    const start = this.at;
    this.at = this.end;
    return this.#unescape(start, this.end, loose, false);
  }

  #unescape(start: number, end: number, loose: boolean, quoted: boolean): string | undefined {
    const raw = this.text.slice(start, end);
    let at = raw.indexOf('\\');
    if (at < 0) return raw;
    const parts: string[] = [];
    let from = 0;
    while (at >= 0) {
      const character = raw.charAt(at + 1);
      const plain = character === 'n' ? '\n' : character;
      if (character === 'n' || character === '\\' || character === '"')
        parts.push(raw.slice(from, at), plain);
      else if (loose) parts.push(raw.slice(from, at + 2));
      else {
        const known = quoted ? '\\\\, \\" and \\n' : '\\\\ and \\n';
        return this.error(
          start + at,
          'EXPOSITION_BAD_ESCAPE',
          `${shown(`\\${character}`)} is not an escape sequence`,
          `write a backslash as \\\\; there are ${known} only`,
        );
      }
      from = at + 2;
      at = raw.indexOf('\\', from);
    }
    parts.push(raw.slice(from));
    return parts.join('');
  }
}
