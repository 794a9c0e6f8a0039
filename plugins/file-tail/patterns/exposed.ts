import { type Counter, counter, type Gauge, gauge, type Histogram, histogram } from '@dynamic-informer/sdk';
import type { MetricConfig } from '../config.ts';
import type { Report } from './report.ts';

/** A label of a metric, as all the patterns that make it see it. */
export interface ExposedLabel {
  /** How many values it may take, if the configuration says so of this label. */
  limit: number | undefined;
  /** The values that the configuration names. */
  readonly texts: Set<string>;
}

/** A metric that patterns make: several of them one that they agree on. */
export interface ExposedMetric {
  readonly descriptor: Counter | Gauge | Histogram;
  /** In the order of the descriptor's labels. */
  readonly labels: readonly ExposedLabel[];
  /** What its labels are made of, in the words of the configuration. */
  readonly labelSources: unknown[];
  /** What its values are: `lines` that are counted, a `number`, or one in a unit. */
  readonly values: Set<string>;
  /** Where it was first named. */
  readonly place: string;
}

const DEFAULT_HELP = {
  counter: 'Counted from log lines.',
  gauge: 'The last value in the log lines.',
  histogram: 'Observed in log lines.',
} as const;

const FIX = 'metrics of one name agree in type, labels and buckets; mend it or choose another name';

/** The metrics that patterns make, by name. */
export class ExposedMetrics {
  readonly byName = new Map<string, ExposedMetric>();

  /** The metric of that name; reports what a second place says otherwise than the first. */
  declare(metric: MetricConfig, place: string, report: Report): ExposedMetric {
    const first = this.byName.get(metric.name);
    if (first === undefined) {
      const descriptor = descriptorOf(metric);
      const labels = descriptor.labels.map(() => ({ limit: undefined, texts: new Set<string>() }));
      const exposed = { descriptor, labels, labelSources: [], values: new Set<string>(), place };
      this.byName.set(metric.name, exposed);
      return exposed;
    }
    reportDifferences(metric, first, report);
    return first;
  }
}

/** Lets a place say how many values a label may take; reports a place that says otherwise than another. */
export function limitLabel(label: ExposedLabel, limit: number | undefined, report: Report): void {
  if (limit === undefined) return;
  if (label.limit !== undefined && label.limit !== limit)
    report([], `${limit} here, and ${label.limit} for the same label in another place`, 'say one of them');
  label.limit = limit;
}

function descriptorOf(metric: MetricConfig): Counter | Gauge | Histogram {
  const { name, type, help = DEFAULT_HELP[type], buckets } = metric;
  const labels = Object.keys(metric.labels ?? {});
  if (type === 'counter') return counter(name, help, labels);
  if (type === 'gauge') return gauge(name, help, labels);
  return histogram(name, help, labels, buckets ? { buckets } : {});
}

function reportDifferences(metric: MetricConfig, { descriptor, place }: ExposedMetric, report: Report): void {
  const { name, type, buckets } = metric;
  if (descriptor.type !== type) {
    report(['type'], `"${name}" is a ${descriptor.type} in ${place}, and a ${type} here`, FIX);
    return;
  }
  const list = (names: readonly string[]) => [...names].sort().join(', ') || 'none';
  const labels = list(Object.keys(metric.labels ?? {}));
  if (list(descriptor.labels) !== labels) {
    const message = `"${name}" has the labels ${list(descriptor.labels)} in ${place}, and ${labels} here`;
    report(['labels'], message, FIX);
  }
  if (buckets && descriptor.type === 'histogram' && buckets.join() !== descriptor.buckets.join())
    report(['buckets'], `"${name}" has other buckets in ${place}`, FIX);
}
