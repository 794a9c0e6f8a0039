import { textHeader } from '@dynamic-informer/sdk/host';
import type { Fragment } from '../contract.ts';

/** Text format 0.0.4, as Prometheus' scrapers name it. */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

/**
 * Merges fragments into one exposition: families by name, each with one header, its resources' lines in
 * the order given. Merging is putting bytes one after the other: nothing is parsed or formatted here.
 */
export function mergeText(fragments: Iterable<Fragment>, helpOf: (family: string) => string): Buffer {
  const families = new Map<string, Fragment[]>();
  for (const fragment of fragments) {
    const family = families.get(fragment.name);
    if (family) family.push(fragment);
    else families.set(fragment.name, [fragment]);
  }
  const parts: Uint8Array[] = [];
  for (const name of [...families.keys()].sort()) {
    const family = families.get(name) as [Fragment, ...Fragment[]];
    const [first] = family;
    parts.push(Buffer.from(textHeader({ name, type: first.type, help: helpOf(name) || first.help })));
    for (const { text } of family) parts.push(text);
  }
  return Buffer.concat(parts);
}
