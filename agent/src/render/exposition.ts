import {
  type Encoding,
  encodingKey,
  endOf,
  type FamilyHeader,
  Headers,
  sharedEncoding,
  sortFamilies,
  TEXT_ENCODING,
} from '@dynamic-informer/sdk/host';
import type { Fragment } from '../contract.ts';

/**
 * Merges fragments into one exposition: families by name, each with one header, its resources' parts in
 * the order given. Merging is putting bytes one after the other: nothing is parsed or formatted here.
 */
export function merge(
  fragments: Iterable<Fragment>,
  encoding: Encoding,
  headers = new Headers(),
  headerOf: (family: string) => FamilyHeader | undefined = () => undefined,
): Uint8Array[] {
  const families = new Map<string, [Fragment, ...Fragment[]]>();
  for (const fragment of fragments) {
    const family = families.get(fragment.name);
    if (family) family.push(fragment);
    else families.set(fragment.name, [fragment]);
  }
  const parts: Uint8Array[] = [];
  for (const family of sortFamilies([...families.values()].map(([first]) => first))) {
    const bodies = (families.get(family.name) ?? []).flatMap((fragment) => bodyIn(fragment, encoding) ?? []);
    const bytes = bodies.reduce((sum, body) => sum + body.byteLength, 0);
    parts.push(headers.encode(headerOf(family.name) ?? family, encoding, bytes), ...bodies);
  }
  return [...parts, ...endOf(encoding)];
}

/** A fragment's part in an encoding, if it was encoded so. */
export const bodyIn = (
  { bodies, hasLegacyNames = false }: Fragment,
  encoding: Encoding,
): readonly Uint8Array[] | undefined =>
  bodies.get(encodingKey(encoding)) ?? bodies.get(encodingKey(sharedEncoding({ hasLegacyNames }, encoding)));

/** The exposition in text format 0.0.4. */
export const mergeText = (fragments: Iterable<Fragment>): Buffer =>
  Buffer.concat(merge(fragments, TEXT_ENCODING));
