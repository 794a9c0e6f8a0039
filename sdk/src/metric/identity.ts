import type { Descriptor } from './descriptor.ts';
import { compareText } from './text-order.ts';

/**
 * What tells one metric from another: its name and its constant labels. Two metrics of one name that differ in
 * these are parts of one family, as the parts of a program have them that are wrapped with a label each.
 */
export function identityOf({
  name,
  constLabels,
}: {
  name: string;
  constLabels?: Descriptor['constLabels'] | undefined;
}): string {
  const labels = Object.entries(constLabels ?? {});
  if (labels.length === 0) return name;
  return `${name} ${JSON.stringify(labels.sort(([a], [b]) => compareText(a, b)))}`;
}
