import { type Encoding, encodingKey, TEXT_ENCODING } from '@dynamic-informer/sdk/host';

/** Beyond this nobody is likely to ask for it again: the scrapers that did have been changed, or are gone. */
const KEEP_MS = 10 * 60_000;

/** Which encodings collects have to bring: text, and what scrapers have asked for lately. */
export class WantedEncodings {
  readonly #asked = new Map<string, { readonly encoding: Encoding; at: number }>();

  ask({ format, escaping }: Encoding, now = Date.now()): void {
    const encoding = { format, escaping };
    this.#asked.set(encodingKey(encoding), { encoding, at: now });
  }

  list(now = Date.now()): Encoding[] {
    for (const [key, { at }] of this.#asked) if (now - at > KEEP_MS) this.#asked.delete(key);
    this.#asked.delete(encodingKey(TEXT_ENCODING));
    return [TEXT_ENCODING, ...[...this.#asked.values()].map(({ encoding }) => encoding)];
  }
}
