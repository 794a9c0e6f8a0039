import type { Sample, SummaryValue } from '../metric/sample.ts';
import type { MetricCollector } from '../registry/registry.ts';
import type { SummaryChild, SummaryFamily } from '../registry/summary.ts';
import { checkLabels, type GivenLabels, isObject } from './labels.ts';
import type { Series } from './metric.ts';
import { misuse } from './misuse.ts';
import { stopwatch } from './numbers.ts';
import { type ObservedSeries, ObservingMetric } from './observing-metric.ts';
import type { CollectFunction, LabelValues, MetricConfiguration, MetricValueWithName } from './types.ts';

/** What `new Summary` takes. */
export interface SummaryConfiguration<T extends string> extends MetricConfiguration<T> {
  /** Between 0 and 1. */
  percentiles?: readonly number[] | undefined;
  /** How far back percentiles look; together with `ageBuckets`. Without both they look at everything. */
  maxAgeSeconds?: number | undefined;
  /** In how many steps what is too old is left behind. */
  ageBuckets?: number | undefined;
  /** Forget a series of which nothing was observed within `maxAgeSeconds`; needs a percentile at least. */
  pruneAgedBuckets?: boolean | undefined;
  /** Accepted, and without effect: the estimate is compressed as it grows. */
  compressCount?: number | undefined;
  collect?: CollectFunction<Summary<T>> | undefined;
}

// biome-ignore lint/style/noNamespace: the name that prom-client's types have
export declare namespace Summary {
  type Internal<T extends string> = ObservedSeries<T>;
  interface Config {
    percentiles?: number[];
  }
}

const DEFAULT_PERCENTILES: readonly number[] = [0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999];

/** Longer than any process runs. */
const FOR_EVER_SECONDS = 1e10;

/** Percentiles of what was observed, with the sum and the count. */
export class Summary<T extends string = string> extends ObservingMetric<
  T,
  SummaryChild,
  SummaryFamily<string>
> {
  readonly #isPruned: boolean;

  constructor(configuration: SummaryConfiguration<T>) {
    super(
      'summary',
      configuration,
      (engine, { name, help, labels }) => engine.summary(name, help, labels, optionsOf(configuration)),
      'quantile',
    );
    this.#isPruned = Boolean(configuration.pruneAgedBuckets);
  }

  /** Observes a finite number in the series with these labels. */
  observe(labels: LabelValues<T>, value: number): void;
  observe(value: number): void;
  observe(first?: unknown, second?: unknown): void {
    // As in prom-client, and unlike a histogram's: a second argument is the value whatever the first is.
    const [labels, value] = second === undefined ? [{}, first] : [isObject(first) ? first : {}, second];
    this.#observe(labels, value);
  }

  /** Gives a function that observes the seconds since, and returns them; either may name labels. */
  startTimer(labels?: LabelValues<T>): (labels?: LabelValues<T>) => number {
    const elapsed = stopwatch();
    return (endLabels) => {
      const seconds = elapsed();
      this.#observe({ ...labels, ...endLabels } as GivenLabels, seconds);
      return seconds;
    };
  }

  /** Sets every series back to nothing observed. */
  reset(): void {
    this.family.zero();
  }

  /** As prom-client, a percentile of nothing is 0. */
  override samples(): Sample[] {
    const shown: Sample[] = [];
    for (const sample of super.samples()) {
      const value = sample.value as SummaryValue;
      const [first] = value.quantiles;
      const isIdle = first !== undefined && Number.isNaN(first[1]);
      if (isIdle && this.#isPruned) this.remove(sample.labels as LabelValues<T>);
      else shown.push({ ...sample, value: { ...value, quantiles: value.quantiles.map(zeroForNaN) } });
    }
    return shown;
  }

  override source(): MetricCollector {
    return { describe: () => [this.describe()], collect: () => this.samples() };
  }

  protected linesOf({ value, labels }: Series): MetricValueWithName<string>[] {
    const { quantiles, sum, count } = value as SummaryValue;
    return [
      ...quantiles.map(([quantile, estimate]) => ({ labels: { quantile, ...labels }, value: estimate })),
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }

  #observe(labels: GivenLabels, value: unknown): void {
    checkLabels(this.name, this.labelNames, labels);
    const observed = this.observedValue(value);
    this.child(labels).observe(observed);
  }
}

function zeroForNaN([quantile, estimate]: readonly [number, number]): [number, number] {
  return [quantile, Number.isNaN(estimate) ? 0 : estimate];
}

function optionsOf({
  name,
  percentiles,
  maxAgeSeconds,
  ageBuckets,
}: Omit<SummaryConfiguration<string>, 'collect'>) {
  const quantiles = [...new Set(percentiles ?? DEFAULT_PERCENTILES)].sort((a, b) => a - b);
  const bad = quantiles.find((quantile) => !(quantile >= 0 && quantile <= 1));
  if (bad !== undefined) {
    const message = `The metric "${name}" has the percentile ${bad}.`;
    throw misuse(RangeError, message, {
      code: 'PLUGIN_BAD_DESCRIPTOR',
      fix: 'Give percentiles from 0 to 1: 0.99, say.',
    });
  }
  const isAged = Boolean(maxAgeSeconds) && Boolean(ageBuckets);
  return {
    quantiles,
    maxAgeSeconds: isAged ? Number(maxAgeSeconds) : FOR_EVER_SECONDS,
    ageBuckets: isAged ? Number(ageBuckets) : 1,
  };
}
