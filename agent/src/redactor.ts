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

  add(values: Iterable<string>): void {
    for (const value of values) {
      if (value.length < SHORTEST_MASKED || this.#known.has(value)) continue;
      this.#known.add(value);
      for (const form of formsOf(value)) this.#learn(form);
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
    const head = form.slice(0, SHORTEST_MASKED);
    const forms = this.#forms.get(head);
    if (!forms) this.#forms.set(head, [form]);
    else if (!forms.includes(form)) {
      forms.push(form);
      forms.sort((a, b) => b.length - a.length);
    }
  }

  /** What it costs depends on the text's length, not on how many secrets there are. */
  #withoutSecrets(text: string): string {
    if (this.#forms.size === 0) return text;
    let masked = '';
    let done = 0;
    let [start, end] = [0, 0];
    const flush = () => {
      if (end > start) masked += text.slice(done, start) + MASK;
      done = Math.max(done, end);
    };
    for (let at = 0; at + SHORTEST_MASKED <= text.length; at++) {
      const length = this.#lengthAt(text, at);
      if (length === 0) continue;
      if (at > end || end === start) {
        flush();
        start = at;
      }
      end = Math.max(end, at + length);
    }
    flush();
    return done === 0 ? text : masked + text.slice(done);
  }

  /** How many characters from here on are a secret, or the beginning of one that was cut off at a "…". */
  #lengthAt(text: string, at: number): number {
    const forms = this.#forms.get(text.slice(at, at + SHORTEST_MASKED));
    if (!forms) return 0;
    const whole = forms.find((form) => text.startsWith(form, at));
    if (whole !== undefined) return whole.length;
    const cut = text.indexOf('…', at);
    if (cut < 0) return 0;
    const rest = text.slice(at, cut);
    return forms.some((form) => form.startsWith(rest)) ? rest.length : 0;
  }
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
