import type { ErrorInfo } from '@dynamic-informer/sdk';
import { MASK, SHORTEST_MASKED } from './masking.ts';

/** Lines of a secret, and encodings that show only a part of it, say nothing when they are shorter. */
const SHORTEST_PART = 8;
const SHORTEST_LINE = 16;
const MAX_DEPTH = 32;

/** User and password end at the last "@" before the path: who forgets to encode one is not to be punished for it. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/?#@"'<>]*):[^\s/?#"'<>]+@/gi;
const URL_PARAMETER =
  /([?&](?:pass(?:word|wd)?|pwd|(?:access_|auth_)?token|api_?key|(?:client_)?secret|sig(?:nature)?)=)[^&\s#"'<>]+/gi;

/** Values that are shown nowhere, replaced wherever they stand in a text. */
export class Redactor {
  readonly #known = new Set<string>();
  /** The forms in which secrets can appear, the longest first, by their first characters. */
  readonly #forms = new Map<string, string[]>();
  /** By the first characters of a part that stays as it is. */
  readonly #escaped = new Map<string, Escaped[]>();

  add(values: Iterable<string>): void {
    for (const value of values) {
      if (value.length < SHORTEST_MASKED || this.#known.has(value)) continue;
      this.#known.add(value);
      for (const form of formsOf(value)) this.#learn(form);
      // One of backslashes alone would be found everywhere.
      const isWritten = value.replaceAll('\\', '').length >= SHORTEST_MASKED;
      if (isWritten && CAN_BE_ESCAPED.test(value)) this.#learnEscaped(value);
    }
  }

  redact(text: string): string {
    return this.#withoutSecrets(text)
      .replace(URL_PASSWORD, `$1:${MASK}@`)
      .replace(URL_PARAMETER, `$1${MASK}`);
  }

  /** A copy of plain data with every text and key in it masked, and numbers that are a whole secret. */
  redactValue(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return this.redact(value);
    if (typeof value === 'number') return this.#known.has(String(value)) ? MASK : value;
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) return '…';
    if (Array.isArray(value)) return value.map((item) => this.redactValue(item, depth + 1));
    if ('toJSON' in value && typeof value.toJSON === 'function')
      return this.redactValue(value.toJSON(), depth + 1);
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
      this.redact(key),
      this.redactValue(inner, depth + 1),
    ]);
    return Object.fromEntries(entries);
  }

  /** The same error with everything in it masked: what a plugin throws can hold anything. */
  redactError(error: ErrorInfo): ErrorInfo {
    return this.redactValue(error) as ErrorInfo;
  }

  #learn(form: string): void {
    addTo(this.#forms, form.slice(0, SHORTEST_MASKED), form);
    this.#forms.get(form.slice(0, SHORTEST_MASKED))?.sort((a, b) => b.length - a.length);
  }

  /** What an encoder may write in more ways than can be listed is found by its longest part that none changes. */
  #learnEscaped(value: string): void {
    const [run = ''] = (value.match(/[A-Za-z0-9]+/g) ?? []).sort((a, b) => b.length - a.length);
    const escaped = { run, pattern: escapedPattern(value) };
    addTo(this.#escaped, run.length < SHORTEST_MASKED ? '' : run.slice(0, SHORTEST_MASKED), escaped);
  }

  /** What it costs depends on the text's length, and hardly on how many secrets there are. */
  #withoutSecrets(text: string): string {
    if (this.#forms.size === 0) return text;
    const found: Range[] = [];
    const maybe = new Set<Escaped>(this.#escaped.get(''));
    for (let at = 0; at + SHORTEST_MASKED <= text.length; at++) {
      const head = text.slice(at, at + SHORTEST_MASKED);
      const length = this.#lengthAt(text, at, head);
      if (length > 0) found.push([at, at + length]);
      for (const each of this.#escaped.get(head) ?? []) if (text.startsWith(each.run, at)) maybe.add(each);
    }
    for (const { pattern } of maybe) {
      for (const { index, 0: match } of text.matchAll(pattern)) found.push([index, index + match.length]);
    }
    return found.length === 0 ? text : masked(text, found);
  }

  /** How many characters from here on are a secret, or the beginning of one that was cut off at a "…". */
  #lengthAt(text: string, at: number, head: string): number {
    const forms = this.#forms.get(head);
    if (!forms) return 0;
    const whole = forms.find((form) => text.startsWith(form, at));
    if (whole !== undefined) return whole.length;
    const cut = text.indexOf('…', at);
    if (cut < 0) return 0;
    const rest = text.slice(at, cut);
    return forms.some((form) => form.startsWith(rest)) ? rest.length : 0;
  }
}

type Range = readonly [start: number, end: number];

/** A secret that has characters which stand for something somewhere, and so are written in other ways there. */
interface Escaped {
  readonly run: string;
  readonly pattern: RegExp;
}

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (!values) map.set(key, [value]);
  else if (!values.includes(value)) values.push(value);
}

/** Ranges that touch are masked as one. */
function masked(text: string, ranges: readonly Range[]): string {
  let result = '';
  let done = 0;
  let [start, end] = [-1, -1];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (from > end) {
      if (end >= 0) result += text.slice(done, start) + MASK;
      done = Math.max(done, end);
      start = from;
    }
    end = Math.max(end, to);
  }
  return result + text.slice(done, start) + MASK + text.slice(end);
}

/** Is there anything that quotes, JSON or what is like it would write in another way? */
const CAN_BE_ESCAPED = /[^A-Za-z0-9 _.,:;!?@#$%^*()[\]{}|~-]/;
const CONTROLS: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };

/** The secret with any number of backslashes between its characters, and such as `\u0026` or `&amp;` for what may be that. */
function escapedPattern(value: string): RegExp {
  const parts = [...value].flatMap((character): string[] => {
    if (character === '\\') return [];
    if (/[A-Za-z0-9]/.test(character)) return [character];
    const code = character.codePointAt(0) ?? 0;
    const named: Record<string, string> = {
      '&': '&amp;',
      '<': '&lt;',
      '>': '&gt;',
      '"': '&quot;',
      "'": '&#39;',
    };
    const ways = [
      character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'),
      `u${code.toString(16).padStart(4, '0')}`,
      ...(CONTROLS[character] ? [CONTROLS[character]] : []),
      ...(named[character] ? [named[character]] : []),
    ];
    return [`(?:${ways.join('|')})`];
  });
  return new RegExp(parts.join('\\\\*'), 'gi');
}

/** A secret as it is, and as it stands in JSON, in URLs, in base64 at any place of a longer text, and line by line. */
function formsOf(value: string): Set<string> {
  const encoded = encodeURIComponent(value.toWellFormed());
  const lowerCase = encoded.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());
  const forms = [value, JSON.stringify(value).slice(1, -1), encoded, lowerCase];
  if (value.length >= SHORTEST_PART) {
    for (const alphabet of ['base64', 'base64url'] as const) {
      for (const before of [0, 1, 2]) {
        const text = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]).toString(alphabet);
        // The characters at the ends hold bits of what stands around it.
        forms.push(text.replace(/=+$/, '').slice(before === 0 ? 0 : before + 1, -1));
      }
    }
  }
  const lines = value.split(/\r?\n/);
  if (lines.length > 1) forms.push(...lines.filter((line) => line.length >= SHORTEST_LINE));
  return new Set(forms.filter((form) => form.length >= SHORTEST_MASKED));
}
