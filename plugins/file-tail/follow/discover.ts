import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { access, glob, stat } from 'node:fs/promises';
import path from 'node:path';
import { type InformerError, targetError } from '@dynamic-informer/sdk';
import { isArchive } from './rotated-name.ts';

export interface FileScope {
  readonly patterns: readonly string[];
  readonly exclude: readonly string[];
  /** Where relative patterns start. */
  readonly directory: string;
}

export interface FoundFile {
  readonly path: string;
  readonly stats: BigIntStats;
}

/** What the patterns match now. */
export interface Findings {
  readonly files: readonly FoundFile[];
  /** Compressed files that can be unpacked. */
  readonly archives: readonly FoundFile[];
  /** Paths that are not followed, with the reason. */
  readonly skipped: ReadonlyMap<string, string>;
  /** Paths that can not be looked at. */
  readonly problems: ReadonlyMap<string, InformerError>;
}

const MAGIC = /[*?[{]|[!+@]\(/;
const COMPRESSED = /\.(bz2|xz|lz4|lzma|zip|Z)$/;
const STATS_AT_ONCE = 64;

/** The same file under any name, for as long as it exists. */
export const idOf = (stats: BigIntStats): string => `${stats.dev}:${stats.ino}`;

/** Lists the paths that the patterns match, sorted. */
export async function findPaths(
  scope: FileScope,
): Promise<{ paths: string[]; problems: Map<string, InformerError> }> {
  const found = new Set<string>();
  const problems = new Map<string, InformerError>();
  for (const pattern of scope.patterns) {
    const literal = path.resolve(scope.directory, pattern);
    if (!MAGIC.test(pattern) || (await exists(literal))) {
      found.add(literal);
      continue;
    }
    const base = staticBase(literal);
    try {
      // The glob itself takes a folder that can't be listed for an empty one.
      await access(base, constants.R_OK | constants.X_OK);
      for await (const match of glob(pattern, { cwd: scope.directory })) {
        found.add(path.resolve(scope.directory, match));
      }
    } catch (error) {
      if (!isAbsence(error)) problems.set(base, unreadable(base, error));
    }
  }
  const excluded = excluder(scope);
  return { paths: [...found].filter((file) => !excluded(file)).sort(), problems };
}

/** Looks at paths: which of them are files to follow. */
export async function lookAt(paths: readonly string[]): Promise<Findings> {
  const files: FoundFile[] = [];
  const archives: FoundFile[] = [];
  const skipped = new Map<string, string>();
  const problems = new Map<string, InformerError>();
  for (let start = 0; start < paths.length; start += STATS_AT_ONCE) {
    const batch = paths.slice(start, start + STATS_AT_ONCE);
    const looks = await Promise.allSettled(batch.map((file) => stat(file, { bigint: true })));
    for (const [index, look] of looks.entries()) {
      const file = batch[index] as string;
      if (look.status === 'rejected') {
        if (!isAbsence(look.reason)) problems.set(file, unreadable(file, look.reason));
      } else if (!look.value.isFile()) skipped.set(file, `is ${kindOf(look.value)}, not a regular file`);
      else if (isArchive(file)) archives.push({ path: file, stats: look.value });
      else if (COMPRESSED.test(file)) skipped.set(file, 'is compressed in a way that can not be read here');
      else files.push({ path: file, stats: look.value });
    }
  }
  return { files, archives, skipped, problems };
}

/** The error of a path that can't be read, with what an operator can do about it. */
export function unreadable(file: string, error: unknown): InformerError {
  const { code, message } = error as NodeJS.ErrnoException;
  const [reason, fix] = (code !== undefined && REASONS[code]) || [
    message,
    'Look at the file system that holds it.',
  ];
  return targetError(`${file}: can not be read: ${reason} (${code ?? 'unknown'}).`, { fix, cause: error });
}

const REASONS: Record<string, [reason: string, fix: string]> = {
  EACCES: [
    'permission denied',
    "Give the agent's user the right to read it and to enter its folders, or exclude it.",
  ],
  EPERM: ['not permitted', "Give the agent's user the right to read it, or exclude it."],
  ELOOP: ['its symbolic links lead back to themselves', 'Point the link at a file.'],
  EMFILE: ['the agent has too many open files', 'Raise the limit of open files, or follow fewer files.'],
  EIO: ['the device failed', 'Look at the disk and at the kernel log.'],
  ESTALE: ['the network file system lost it', 'Mount the file system anew.'],
};

export function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The folder that a glob certainly starts in. */
function staticBase(pattern: string): string {
  const parts = pattern.split(path.sep);
  const first = parts.findIndex((part) => MAGIC.test(part));
  return parts.slice(0, first).join(path.sep) || path.sep;
}

export function excluder({ exclude, directory }: FileScope): (file: string) => boolean {
  const byName = exclude.filter((pattern) => !pattern.includes('/'));
  const byPath = exclude
    .filter((pattern) => pattern.includes('/'))
    .map((pattern) => path.resolve(directory, pattern));
  return (file) =>
    byName.some((pattern) => path.matchesGlob(path.basename(file), pattern)) ||
    byPath.some((pattern) => file === pattern || path.matchesGlob(file, pattern));
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
