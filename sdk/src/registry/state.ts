import { formatValue } from '../exposition/number.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import { identityOf } from '../metric/identity.ts';
import type { Sample } from '../metric/sample.ts';

/** What `Registry.dump` gives and `restore` takes: plain JSON, in which NaN and the infinities are text. */
export interface RegistryState {
  families: FamilyState[];
}

/** A family's part of a `RegistryState`. */
export interface FamilyState {
  name: string;
  type: string;
  /** The family's constant labels, if it has any. */
  constLabels?: Readonly<Record<string, string>>;
  /** A histogram's bounds. */
  buckets?: readonly number[];
  series: SeriesState[];
}

/** One series of a `FamilyState`. */
export interface SeriesState {
  labels: Record<string, string>;
  value: unknown;
  /** When the series began, in milliseconds since the epoch. */
  created?: number;
}

/** A family as its state sees it. */
interface Stateful {
  readonly descriptor: Descriptor;
  samples(): Iterable<Sample>;
  restore(labels: Readonly<Record<string, string>>, value: unknown, created?: number): void;
}

export function dumpFamily(family: Stateful): FamilyState {
  const { name, type, constLabels, buckets } = family.descriptor;
  const series = [...family.samples()].map(
    ({ labels, value, created }): SeriesState => ({
      labels: { ...labels },
      value: plain(value),
      ...(created !== undefined && { created }),
    }),
  );
  return { name, type, ...(constLabels && { constLabels }), ...(buckets && { buckets }), series };
}

/** Puts back what fits; values of other buckets would mean something else. */
export function restoreFamilies(families: readonly Stateful[], { families: states }: RegistryState): void {
  const byIdentity = new Map(families.map((family) => [identityOf(family.descriptor), family]));
  for (const { name, type, constLabels, buckets, series } of states) {
    const family = byIdentity.get(identityOf({ name, constLabels }));
    if (family?.descriptor.type !== type) continue;
    if (buckets && JSON.stringify(buckets) !== JSON.stringify(family.descriptor.buckets)) continue;
    for (const { labels, value, created } of series) {
      family.restore(labels, type === 'stateset' ? value : revived(value), created);
    }
  }
}

const NOT_FINITE: ReadonlyMap<unknown, number> = new Map(
  [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => [
    formatValue(value),
    value,
  ]),
);

/** JSON has no NaN and no infinity. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : formatValue(value);
  return mapped(value, plain);
}

const revived = (value: unknown): unknown =>
  typeof value === 'string' ? (NOT_FINITE.get(value) ?? value) : mapped(value, revived);

function mapped(value: unknown, each: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(each);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, each(part)]));
}
