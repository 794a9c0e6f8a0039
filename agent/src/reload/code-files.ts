import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { digestOfLarge, MOST_HASHED_BYTES } from '../code-digest.ts';
import type { SeenFile } from '../config/look.ts';
import { digestOf, digestOfError } from '../config/source-files.ts';

/** A file that was written this shortly before it was read could be written again without its times telling. */
const SURE_MS = 2_000;

interface Known {
  readonly stats: string;
  readonly seen: SeenFile;
}

/** Looks at files of code. What has not changed since the last look is not read again. */
export class CodeFiles {
  #known = new Map<string, Known>();
  #before = new Map<string, Known>();

  /** What was not looked at since this was last called is forgotten. */
  begin(): void {
    this.#before = this.#known;
    this.#known = new Map();
  }

  /** Never rejects: what can't be read has the error's code as its digest. */
  async at(path: string): Promise<SeenFile> {
    try {
      const stats = await stat(path, { bigint: true });
      const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = stats;
      const stamp = [dev, ino, size, mtimeNs].join();
      const key = `${stamp},${ctimeNs}`;
      const known = this.#known.get(path) ?? this.#before.get(path);
      if (known?.stats === key) {
        this.#known.set(path, known);
        return known.seen;
      }
      if (!stats.isFile()) return { digest: 'no file', stamp, isFinished: true };
      const readAt = Date.now();
      const digest = size > MOST_HASHED_BYTES ? digestOfLarge(stats) : digestOf(await readNow(path));
      const seen = { digest, stamp, isFinished: ctimeNs > mtimeNs };
      if (readAt - Number(ctimeMs) > SURE_MS) this.#known.set(path, { stats: key, seen });
      return seen;
    } catch (error) {
      return { digest: digestOfError(error), stamp: '', isFinished: false };
    }
  }
}

/** Never waits for somebody to write, should it have become a pipe meanwhile. */
async function readNow(path: string): Promise<Uint8Array> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return file.readFile();
}

/** A path without links in it, as far as it leads somewhere. */
export async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(await realOf(folder), basename(path));
  }
}
