import { readFileSync } from 'node:fs';

/** Left for everything else that the process opens: its state, its pipes, listings of folders. */
const RESERVED = 64;

let last: number | undefined;

/**
 * The highest descriptor that a followed file may have. As the kernel gives the lowest free one, a higher one tells that the
 * whole process is near its limit.
 */
export function lastDescriptor(): number {
  last ??= readLimit();
  return last;
}

export const tooManyOpen = (): NodeJS.ErrnoException =>
  Object.assign(new Error('too many open files'), { code: 'EMFILE' });

function readLimit(): number {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    return Number(limit) - Math.min(RESERVED, Math.ceil(Number(limit) / 4));
  } catch {
    // Not Linux: the limit shows when it is reached.
    return Number.POSITIVE_INFINITY;
  }
}
