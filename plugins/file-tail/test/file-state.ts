import { readFile, rename, writeFile } from 'node:fs/promises';
import type { State } from '@dynamic-informer/sdk';

/** State in a file, replaced by rename, as the agent keeps it. */
export class FileState implements State {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<Uint8Array | undefined> {
    return readFile(this.#path).catch(() => undefined);
  }

  async write(_version: number, bytes: Uint8Array): Promise<void> {
    await writeFile(`${this.#path}.new`, bytes);
    await rename(`${this.#path}.new`, this.#path);
  }
}
