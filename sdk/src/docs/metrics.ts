import { alternatives } from '../schema/node.ts';

/** What is read of a descriptor; a plugin may bring another version of the SDK, so all but the first is optional. */
export interface DescribedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly unit?: string;
  readonly constLabels?: Readonly<Record<string, string>>;
  readonly buckets?: readonly number[];
  /** There if it is a native histogram, with buckets or without. */
  readonly native?: unknown;
  readonly quantiles?: readonly number[];
  readonly states?: readonly string[];
}

/** One metric, in words. */
export interface MetricRow {
  readonly name: string;
  /** With what a histogram's, a summary's or a stateset's values are about. */
  readonly type: string;
  /** Empty where the descriptor names none. */
  readonly unit: string;
  /** The sets of labels that it may have: several where it depends on the configuration. */
  readonly labels: readonly (readonly string[])[];
  readonly help: string;
}

/**
 * What the descriptors say, one row for each name. A plugin may describe one metric several times, once for
 * each kind of thing that it reads: then the row has all their sets of labels.
 */
export function metricRows(descriptors: Iterable<DescribedMetric>): MetricRow[] {
  return [...Map.groupBy(descriptors, ({ name }) => name)].map(([name, same]) => ({
    name,
    type: alternatives(same.map(typeOf)),
    unit: alternatives(same.flatMap(({ unit }) => unit ?? [])),
    labels: distinctSets(same.map(labelsOf)),
    help: [...new Set(same.map(({ help }) => help))].join(' '),
  }));
}

function typeOf({ type, buckets = [], native, quantiles, states }: DescribedMetric): string {
  if (type === 'histogram') {
    const fixed =
      buckets.length > 0 ? [`${buckets.length} buckets from ${buckets[0]} to ${buckets.at(-1)}`] : [];
    return [native ? 'native histogram' : 'histogram', ...fixed].join(', ');
  }
  if (type === 'summary' && quantiles && quantiles.length > 0) {
    return `summary, quantiles ${quantiles.join(', ')}`;
  }
  if (type === 'stateset' && states) return `stateset of ${states.map((state) => `\`${state}\``).join(', ')}`;
  return type;
}

function labelsOf({ labels, constLabels = {} }: DescribedMetric): string[] {
  return [...labels, ...Object.entries(constLabels).map(([name, value]) => `${name}="${value}"`)];
}

function distinctSets(sets: readonly string[][]): string[][] {
  return [...new Map(sets.map((labels) => [JSON.stringify(labels), labels])).values()];
}
