import type { Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSkipped, type Pattern } from './pattern.ts';

export interface ScanOptions {
  readonly root: string;
  readonly skipHidden: boolean;
  readonly skip: readonly string[];
}

/** What a queue's files come to. */
export interface Found {
  files: number;
  bytes: number;
  /** Of the file that was not written to for longest; milliseconds since the epoch. */
  oldest: number | undefined;
}

export class TooManyEntries extends Error {}

/** How many files are looked at together: enough to keep the thread pool's threads busy. */
const BATCH = 64;

/**
 * Counts the files that a pattern takes in. What vanishes meanwhile does not count; a symbolic link counts as itself.
 * Rejects with a `TooManyEntries`, with the signal's reason, or with the error of a folder that can't be read.
 */
export async function scan(
  pattern: Pattern,
  options: ScanOptions,
  limit: number,
  signal: AbortSignal,
): Promise<Found> {
  const found: Found = { files: 0, bytes: 0, oldest: undefined };
  const folders = [{ path: pattern.start, depth: pattern.depth }];
  let batch: string[] = [];
  let looked = 0;
  const flush = async () => {
    await Promise.all(batch.map((path) => weigh(join(options.root, path), found)));
    batch = [];
    signal.throwIfAborted();
  };
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const { path: parent, depth } = folder;
    for await (const entry of entriesOf(join(options.root, parent), parent === pattern.start)) {
      signal.throwIfAborted();
      looked += 1;
      if (looked > limit) throw new TooManyEntries();
      const path = parent === '' ? entry.name : `${parent}/${entry.name}`;
      if (isSkipped(path, options.skipHidden, options.skip)) continue;
      if (entry.isDirectory()) {
        if (depth > 0) folders.push({ path, depth: depth - 1 });
      } else if ((entry.isFile() || entry.isSymbolicLink()) && pattern.matches(path)) {
        batch.push(path);
        if (batch.length >= BATCH) await flush();
      }
    }
  }
  await flush();
  return found;
}

/** A folder that vanished since its parent was read is empty; the one where the walk begins has to be there. */
async function* entriesOf(path: string, required: boolean): AsyncIterable<Dirent> {
  try {
    yield* await opendir(path, { bufferSize: 256 });
  } catch (error) {
    if (required || !vanished(error)) throw error;
  }
}

async function weigh(path: string, found: Found): Promise<void> {
  try {
    const { size, mtimeMs } = await lstat(path);
    found.files += 1;
    found.bytes += size;
    found.oldest = Math.min(found.oldest ?? mtimeMs, mtimeMs);
  } catch (error) {
    if (!vanished(error)) throw error;
  }
}

function vanished(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
