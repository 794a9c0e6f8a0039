import { isDeepStrictEqual } from 'node:util';
import type { Path } from '../config/types.ts';

/** One place in which two values differ; `undefined` on the side on which it is not there. */
export interface Difference {
  readonly path: Path;
  readonly from: unknown;
  readonly to: unknown;
}

/**
 * The places in which two values of plain data differ, as far inwards as both have the same shape. A list is
 * compared without what is the same at its beginning and its end, so that one item more is one difference.
 */
export function differences(from: unknown, to: unknown, path: Path = []): Difference[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (Array.isArray(from) && Array.isArray(to)) return inLists(from, to, path);
  if (isMapping(from) && isMapping(to)) {
    const keys = new Set([...Object.keys(to), ...Object.keys(from)]);
    return [...keys].flatMap((key) => differences(ownValue(from, key), ownValue(to, key), [...path, key]));
  }
  return [{ path, from, to }];
}

function inLists(from: readonly unknown[], to: readonly unknown[], path: Path): Difference[] {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && isDeepStrictEqual(from[start], to[start])) start++;
  let end = 0;
  while (end < shorter - start && isDeepStrictEqual(from.at(-1 - end), to.at(-1 - end))) end++;
  const [gone, come] = [from.slice(start, from.length - end), to.slice(start, to.length - end)];
  if (gone.length === come.length) {
    return come.flatMap((item, index) => differences(gone[index], item, [...path, start + index]));
  }
  return [
    ...gone.map((item, index) => ({ path: [...path, start + index], from: item, to: undefined })),
    ...come.map((item, index) => ({ path: [...path, start + index], from: undefined, to: item })),
  ];
}

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ownValue = (mapping: Mapping, key: string): unknown =>
  Object.hasOwn(mapping, key) ? mapping[key] : undefined;
