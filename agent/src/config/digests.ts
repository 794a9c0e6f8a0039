import { createHash } from 'node:crypto';

/** Plain data that nobody changes any more is hashed once. */
const known = new WeakMap<object, string>();

/**
 * A hash of plain data, the same for equal data; the order of keys is no difference. What is compared again and
 * again is small by it, and holds no secret.
 */
export function digestOfData(data: unknown): string {
  if (typeof data !== 'object' || data === null) return digestOfText(canonical(data));
  const digest = known.get(data) ?? digestOfText(canonical(data));
  known.set(data, digest);
  return digest;
}

export const digestOfText = (text: string): string => createHash('sha256').update(text).digest('base64url');

function canonical(data: unknown): string {
  return JSON.stringify(data, (_key, inner: unknown) => {
    // JSON has no infinity, and would make it the same as nothing.
    if (typeof inner === 'number') return Number.isFinite(inner) ? inner : `\0${inner}`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
