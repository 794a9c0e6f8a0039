import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Digests } from './types.ts';

/** What loading a configuration touches of the world. */
export interface ConfigIo {
  readFile(file: string): Promise<Uint8Array>;
  /** Paths that match, relative to `directory` or absolute; none if a folder is not there. */
  glob(pattern: string, directory: string): Promise<readonly string[]>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Instead of `web.config_file`; relative to the working directory. */
  readonly webConfigFile?: string | undefined;
}

/** The files of one load: each is read once. */
export class SourceFiles {
  readonly #io: ConfigIo;
  readonly #read = new Map<string, Promise<string | Error>>();
  readonly #digests = new Map<string, string>();

  constructor(io: ConfigIo) {
    this.#io = io;
  }

  /** A file's text, or why there is none. */
  read(file: string): Promise<string | Error> {
    const path = resolve(file);
    let text = this.#read.get(path);
    if (!text) {
      text = this.#readNow(path);
      this.#read.set(path, text);
    }
    return text;
  }

  /** Absolute, in the order in which they were first asked for. */
  get files(): string[] {
    return [...this.#read.keys()];
  }

  get digests(): Digests {
    return Object.fromEntries(this.#digests);
  }

  async #readNow(path: string): Promise<string | Error> {
    try {
      const bytes = await this.#io.readFile(path);
      this.#digests.set(path, digestOf(bytes));
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (error) {
      this.#digests.set(path, this.#digests.get(path) ?? digestOfError(error));
      return new Error(reasonOf(error));
    }
  }
}

/** A file's size and hash. */
export const digestOf = (bytes: Uint8Array): string =>
  `${bytes.byteLength}:${createHash('sha256').update(bytes).digest('hex')}`;

/** The size in a digest; `undefined` in one of an error. */
export function sizeIn(digest: string): number | undefined {
  const size = /^(\d+):/.exec(digest)?.[1];
  return size === undefined ? undefined : Number(size);
}

/** What stands for a file that can't be read. */
export const digestOfError = (error: unknown): string =>
  (error as { code?: string }).code ?? (error instanceof Error ? error.message : String(error));

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return REASONS[code ?? ''] ?? message ?? String(error);
}
