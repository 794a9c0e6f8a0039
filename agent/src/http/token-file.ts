import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

/** So long it is believed that the file has not changed. */
const FRESH_MS = 1_000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The token in a file, read when the file has changed. */
export class TokenFile {
  readonly path: string;
  #stamp = '';
  #token: Buffer | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.path = path;
  }

  /** Whether it is the token; `undefined` if the file is empty or can't be read. */
  async has(given: string): Promise<boolean | undefined> {
    if (performance.now() - this.#lookedAt >= FRESH_MS) await this.#look();
    // What is wrong by what was read may be right by what has been written since.
    if (!this.#matches(given)) await this.#look();
    return this.#token && this.#matches(given);
  }

  #matches(given: string): boolean {
    return this.#token !== undefined && timingSafeEqual(digest(given), this.#token);
  }

  async #look(): Promise<void> {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = await stat(this.path, { bigint: true });
      const stamp = [dev, ino, size, mtimeNs, ctimeNs].join();
      if (stamp !== this.#stamp) {
        const token = (await readFile(this.path, 'utf8')).trim();
        this.#token = token === '' ? undefined : digest(token);
        this.#stamp = stamp;
      }
    } catch {
      this.#token = undefined;
      this.#stamp = '';
    }
    this.#lookedAt = performance.now();
  }
}
