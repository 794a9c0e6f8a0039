import { pluginError } from '../errors.ts';
import { ambiguousLabel } from '../exposition/names.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import { linesOf } from '../metric/lines.ts';
import { sortTexts } from '../metric/text-order.ts';
import { isLabelName } from './guard.ts';

/** Labels that every series of a resource gets. */
export interface StaticLabels {
  /** Becomes the label `resource`; an existing one is renamed `exported_resource`. */
  readonly resource?: string | undefined;
  /** A sample's own label of such a name becomes `exported_…`. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** How a family's labels are exposed. */
export interface Naming {
  /** Sorted. */
  readonly names: readonly string[];
  /** Where each of the source's label values goes, in the order of its sorted label names. */
  readonly positions: readonly number[];
  /** The values of the other labels at their places. */
  readonly constants: readonly string[];
  /** Whether series that are ordered by their own labels are in the order of the exposed ones too. */
  readonly keepsOrder: boolean;
}

/** Labels that only single lines of a family have. */
export const ownLabels = (descriptor: Descriptor): string[] => [
  ...new Set(linesOf(descriptor).flatMap(({ label }) => (label === undefined ? [] : [label[0]]))),
];

/**
 * Puts a metric's labels and those of its resource together.
 * @throws an error of the configuration if two of them get the same name
 */
export function nameLabels(descriptor: Descriptor, { resource, labels = {} }: StaticLabels): Naming {
  const own = sortTexts([...descriptor.labels]).map((name, index) => ({ name: renamed(name), index }));
  const constants = Object.entries({ ...descriptor.constLabels }).map(([name, value]) => ({
    name: renamed(name),
    value,
  }));
  for (const [name, value] of Object.entries(labels)) {
    constants.push({
      name: resource !== undefined && name === 'resource' ? 'exported_resource' : name,
      value,
    });
  }
  if (resource !== undefined) constants.push({ name: 'resource', value: resource });

  const names = sortTexts([...own, ...constants].map(({ name }) => name));
  const utf8 = descriptor.utf8Names === true;
  const bad =
    names.find((name, i) => !isLabelName(name, utf8) || name === names[i - 1]) ??
    (utf8 ? ambiguousLabel([...names, ...ownLabels(descriptor)]) : undefined);
  if (bad !== undefined) {
    throw pluginError(`Metric "${descriptor.name}": the label "${bad}" stands twice.`, {
      code: 'CONFIG_BAD_RELABEL',
      fix: 'Change the static labels.',
    });
  }
  const positions = own.map(({ name }) => names.indexOf(name));
  const values = names.map(() => '');
  for (const { name, value } of constants) values[names.indexOf(name)] = value;
  const keepsOrder = positions.every((position, i) => i === 0 || position > (positions[i - 1] as number));
  return { names, positions, constants: values, keepsOrder };

  function renamed(name: string): string {
    const clashes = Object.hasOwn(labels, name) || (resource !== undefined && name === 'resource');
    return clashes ? `exported_${name}` : name;
  }
}
