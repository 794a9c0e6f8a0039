import { open } from 'node:fs/promises';
import pLimit from 'p-limit';
import { disk } from './disk.ts';
import { includedFiles } from './include.ts';
import { CONCURRENT_READS, digestOf, digestOfError, sizeIn } from './source-files.ts';
import type { ConfigSources } from './types.ts';

/** A file as it is now. */
export interface SeenFile {
  readonly digest: string;
  /** Changes with every write, also with one that leaves the bytes as they were. */
  readonly stamp: string;
  /**
   * It was renamed, or had its mode or times set, after it was last written, as editors and tools do when they are
   * through with it. Without that, more of it may be to come.
   */
  readonly isFinished: boolean;
}

/** By absolute path. */
export type Seen = ReadonlyMap<string, SeenFile>;

/** Reads what the configuration was read from once more, and what its `include` names by now. */
export async function lookAgain(sources: ConfigSources): Promise<Seen> {
  const { mainFile, include, included, digests } = sources;
  const paths = new Set(Object.keys(digests).filter((path) => !included.includes(path)));
  for (const file of (await includedFiles(mainFile, include, disk.glob)).files) paths.add(file);
  const limit = pLimit(CONCURRENT_READS);
  const looks = [...paths].map(async (path) => [path, await limit(() => lookAt(path))] as const);
  return new Map(await Promise.all(looks));
}

/** The paths that are not what the configuration was read from. */
export function changedSince({ digests }: Pick<ConfigSources, 'digests'>, seen: Seen): string[] {
  const paths = new Set([...Object.keys(digests), ...seen.keys()]);
  return [...paths].filter((path) => seen.get(path)?.digest !== digests[path]);
}

/**
 * Whether a changed file looks like one that is being written in place, of which more is to come: it is gone or
 * can't be read, or it is shorter than what the configuration was read from.
 */
export function mayGrow({ digests }: Pick<ConfigSources, 'digests'>, seen: Seen, path: string): boolean {
  const file = seen.get(path);
  const before = digests[path];
  if (file?.isFinished) return false;
  const size = file && sizeIn(file.digest);
  if (size === undefined) return true;
  if (before === undefined) return false;
  const sizeBefore = sizeIn(before);
  return sizeBefore === undefined || size < sizeBefore;
}

async function lookAt(path: string): Promise<SeenFile> {
  try {
    await using file = await open(path);
    const digest = digestOf(await file.readFile());
    // After reading: a write meanwhile shows in the stamp, and the next look finds another digest.
    const { dev, ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
    return { digest, stamp: [dev, ino, size, mtimeNs].join(), isFinished: ctimeNs > mtimeNs };
  } catch (error) {
    return { digest: digestOfError(error), stamp: '', isFinished: false };
  }
}
