import { basename, matchesGlob } from 'node:path';

/** What a queue of a spool folder takes in. Paths are relative to the root, with slashes. */
export interface Pattern {
  /** The folder where the walk begins; '' is the root. */
  readonly start: string;
  /** How many folders below `start` can hold files of the queue. */
  readonly depth: number;
  matches(path: string): boolean;
}

const GLOB = /[*?[\]{}!]/;

/** A folder's files, or with `*`, `?`, `[…]` or `{…}` the files whose path matches. */
export function compilePattern(text: string, recursive: boolean): Pattern {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  const first = parts.findIndex((part) => GLOB.test(part));
  if (first < 0) {
    return { start: parts.join('/'), depth: recursive ? Number.POSITIVE_INFINITY : 0, matches: () => true };
  }
  const pattern = parts.join('/');
  const depth =
    parts.includes('**') || pattern.includes('{') ? Number.POSITIVE_INFINITY : parts.length - first - 1;
  return {
    start: parts.slice(0, first).join('/'),
    depth,
    matches: (path) => matchesGlob(path, pattern),
  };
}

/** Files that are still being written, by their names. */
export function isSkipped(path: string, skipHidden: boolean, skip: readonly string[]): boolean {
  const name = basename(path);
  return (skipHidden && name.startsWith('.')) || skip.some((glob) => matchesGlob(name, glob));
}
