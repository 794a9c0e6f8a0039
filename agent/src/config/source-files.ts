import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { formatSize } from '@dynamic-informer/sdk';
import { lineIndex } from './line-index.ts';
import type { Digests } from './types.ts';

/** So many files of a configuration are open at one time. */
export const CONCURRENT_READS = 16;

/** What loading a configuration touches of the world. */
export interface ConfigIo {
  readFile(file: string): Promise<Uint8Array>;
  /** Paths that match, relative to `directory` or absolute; none if a folder is not there. Rejects if one can't be searched. */
  glob(pattern: string, directory: string): Promise<readonly string[]>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Instead of `web.config_file`; relative to the working directory. */
  readonly webConfigFile?: string | undefined;
}

/** Why there is no text of a file; `place` is that of what is wrong inside it. */
export class UnreadableFile extends Error {
  readonly fix: string | undefined;
  readonly place: readonly [line: number, column: number];

  constructor(reason: string, fix?: string, place: readonly [number, number] = [1, 1]) {
    super(reason);
    this.fix = fix;
    this.place = place;
  }
}

/** A configuration that is larger than this is an accident. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The files of one load: each is read once. */
export class SourceFiles {
  readonly #io: ConfigIo;
  readonly #read = new Map<string, Promise<string | UnreadableFile>>();
  readonly #digests = new Map<string, string>();

  constructor(io: ConfigIo) {
    this.#io = io;
  }

  /** A file's text, or why there is none. */
  read(file: string): Promise<string | UnreadableFile> {
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

  async #readNow(path: string): Promise<string | UnreadableFile> {
    try {
      const bytes = await this.#io.readFile(path);
      this.#digests.set(path, digestOf(bytes));
      return textOf(bytes);
    } catch (error) {
      this.#digests.set(path, this.#digests.get(path) ?? digestOfError(error));
      return new UnreadableFile(reasonOf(error));
    }
  }
}

function textOf(bytes: Uint8Array): string | UnreadableFile {
  if (bytes.byteLength > MAX_BYTES) {
    return new UnreadableFile(
      `it has more than ${formatSize(MAX_BYTES)}`,
      'divide it, and include the parts',
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return notUtf8(bytes);
  }
}

function notUtf8(bytes: Uint8Array): UnreadableFile {
  const [first, second, third] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return new UnreadableFile('it is UTF-16 text', 'save it as UTF-8');
  }
  const text = new TextDecoder('utf-8').decode(bytes);
  const mark = first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
  // What can't be decoded becomes U+FFFD, which can be meant as well.
  let at = text.indexOf('\ufffd');
  let offset = mark + Buffer.byteLength(text.slice(0, at));
  while (bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd) {
    const next = text.indexOf('\ufffd', at + 1);
    offset += Buffer.byteLength(text.slice(at, next));
    at = next;
  }
  return new UnreadableFile('it is not UTF-8 text', 'save it as UTF-8', lineIndex(text)(at));
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
};

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return REASONS[code ?? ''] ?? message ?? String(error);
}
