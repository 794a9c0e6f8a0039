import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Descriptor, type Sample, targetError } from '@dynamic-informer/sdk';
import type { HostConfig } from './config.ts';

/** One collect, as a part sees it. */
export interface Reading {
  readonly signal: AbortSignal;
  /** The text of a file below procfs. @throws a target error that names the file */
  proc(name: string): Promise<string>;
  /** The text of a file below sysfs. @throws a target error that names the file */
  sys(name: string): Promise<string>;
  /** Milliseconds that are left for this collect. */
  remaining(): number;
  /** Reports something that could not be read; the rest is kept. */
  error(error: unknown): void;
}

/** One kind of thing that a host has. */
export interface Part {
  readonly metrics: readonly Descriptor[];
  /** Gives a function for every collect of one resource; it may keep values from one collect to the next. */
  open(config: HostConfig): (reading: Reading) => Promise<Sample[]>;
}

/** Reads files below a folder. */
export function filesBelow(folder: string, what: string, signal: AbortSignal) {
  return async (name: string): Promise<string> => {
    const path = join(folder, name);
    try {
      return await readFile(path, { encoding: 'utf8', signal });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw targetError(`${path} can not be read: ${code ?? message}.`, {
        code: code === 'ENOENT' || code === 'EOPNOTSUPP' ? 'HOST_FILE_MISSING' : 'HOST_FILE_UNREADABLE',
        fix: `Point "${what}" to where it is mounted, or leave this out with "exclude".`,
        cause,
      });
    }
  };
}

/** Whether the kernel does not have that file, as opposed to keeping it from us. */
export const isMissing = (error: unknown): boolean =>
  (error as { code?: unknown } | undefined)?.code === 'HOST_FILE_MISSING';
