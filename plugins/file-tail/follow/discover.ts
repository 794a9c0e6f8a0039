import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type InformerError, targetError } from '@dynamic-informer/sdk';

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

const COMPRESSED = /\.(bz2|xz|lz4|lzma|zip|Z)$/;

/** The same file under any name, for as long as it exists. */
export const idOf = (stats: BigIntStats): string => `${stats.dev}:${stats.ino}`;

/** The device of an identity. */
export const deviceOf = (id: string): string => id.slice(0, id.indexOf(':'));

/** Looks at paths, one after the other: which of them are files whose content can be read, compressed ones included. */
export async function lookAt(paths: readonly string[]): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  for (const file of paths) {
    // What can't be looked at is none of them.
    const stats = await stat(file, { bigint: true }).catch(() => undefined);
    if (stats !== undefined && reasonToSkip(file, stats) === undefined) files.push({ path: file, stats });
  }
  return files;
}

/** Why what a path leads to can not be followed; undefined for what can. */
export function reasonToSkip(file: string, stats: BigIntStats): string | undefined {
  if (!stats.isFile()) return `is ${kindOf(stats)}, not a regular file`;
  return COMPRESSED.test(file) ? 'is compressed in a way that can not be read here' : undefined;
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
  EMFILE: [
    'the process has as many open files as it may have',
    'Raise its limit of open files (LimitNOFILE of systemd, ulimit -n), or follow fewer files.',
  ],
  EIO: ['the device failed', 'Look at the disk and at the kernel log.'],
  ESTALE: ['the network file system lost it', 'Mount the file system anew.'],
};

export function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Whether a path that the patterns match is left out. */
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
