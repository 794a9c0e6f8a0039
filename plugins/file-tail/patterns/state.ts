import { createHash } from 'node:crypto';
import type { RegistryState } from '@dynamic-informer/sdk';
import { OWN_PREFIX } from '../metrics.ts';
import type { ExposedMetric } from './exposed.ts';

/** The counters as a checkpoint keeps them. */
export interface CounterState extends RegistryState {
  /** What made the values of each metric. */
  readonly definitions?: Readonly<Record<string, Definition>>;
}

export interface Definition {
  /** A digest of what the labels are made of. */
  readonly labels: string;
  /** What a value is: `lines`, a unit, or `number`; all of them where patterns differ. */
  readonly value: string;
}

/** What a state means for metrics that may have been defined otherwise when it was written. */
export interface Takeover {
  readonly state: RegistryState;
  /** What is left out, each with the reason: added to new values it would be wrong. */
  readonly left: readonly string[];
  /** Metrics whose labels are made of something else now: how many values they had says nothing about how many they will have. */
  readonly relabelled: ReadonlySet<string>;
}

export function definitionOf({ labelSources, values }: ExposedMetric): Definition {
  const labels = createHash('sha256').update(JSON.stringify(labelSources)).digest('base64url').slice(0, 16);
  return { labels, value: [...values].sort().join(' ') };
}

/** Decides what of a state is taken over; the plugin's own metrics always are. */
export function takeOver(state: CounterState, metrics: ReadonlyMap<string, ExposedMetric>): Takeover {
  const left: string[] = [];
  const relabelled = new Set<string>();
  const families = state.families.filter((family) => {
    const metric = metrics.get(family.name);
    if (family.name.startsWith(OWN_PREFIX)) return true;
    const { definitions = {} } = state;
    const before = Object.hasOwn(definitions, family.name) ? definitions[family.name] : undefined;
    const reason = differenceOf(family, metric, before);
    if (reason !== undefined) {
      if (family.series.length > 0) left.push(`"${family.name}", ${reason}`);
      return false;
    }
    if (metric && before && before.labels !== definitionOf(metric).labels) relabelled.add(family.name);
    return true;
  });
  return { state: { families }, left, relabelled };
}

function differenceOf(
  { type, buckets, series }: RegistryState['families'][number],
  metric: ExposedMetric | undefined,
  before: Definition | undefined,
): string | undefined {
  if (metric === undefined) return 'which no pattern names any more';
  const { descriptor } = metric;
  if (type !== descriptor.type) return `which was a ${type} and is a ${descriptor.type}`;
  const list = (names: readonly string[]) => [...names].sort().join(', ') || 'none';
  const labels = list(Object.keys(series[0]?.labels ?? {}));
  if (series.length > 0 && labels !== list(descriptor.labels))
    return `whose labels were ${labels} and are ${list(descriptor.labels)}`;
  if (descriptor.type === 'histogram' && buckets?.join() !== descriptor.buckets.join())
    return 'whose buckets have changed';
  const { value } = definitionOf(metric);
  if (before !== undefined && before.value !== value)
    return `whose value was ${before.value} and is ${value}`;
  return undefined;
}
