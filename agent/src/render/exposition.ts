import {
  assemble,
  type Encoding,
  encodingKey,
  type FamilyBody,
  type FamilyHeader,
  Headers,
  sharedEncoding,
  sortFamilies,
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
  const sorted = sortFamilies([...families.values()].map(([first]) => first));
  const bodies = sorted.map((family): FamilyBody => {
    const parts = (families.get(family.name) ?? []).flatMap((fragment) => bodyIn(fragment, encoding) ?? []);
    return [headerOf(family.name) ?? family, parts];
  });
  return assemble(bodies, encoding, headers);
}

/** A fragment's part in an encoding, if it was encoded so. */
export const bodyIn = (
  { bodies, hasLegacyNames = false }: Fragment,
  encoding: Encoding,
): readonly Uint8Array[] | undefined =>
  bodies.get(encodingKey(encoding)) ?? bodies.get(encodingKey(sharedEncoding({ hasLegacyNames }, encoding)));
