import { DEFAULT_BUCKETS } from '../metric/descriptor.ts';
import type { HistogramValue } from '../metric/sample.ts';
import type { HistogramChild, HistogramFamily } from '../registry/histogram.ts';
import {
  type Call,
  callWithExemplar,
  exemplarObject,
  exemplarProblem,
  exemplarText,
  type ObserveDataWithExemplar,
} from './exemplars.ts';
import { checkLabels, type GivenLabels, isObject } from './labels.ts';
import type { Series } from './metric.ts';
import { misuse } from './misuse.ts';
import { stopwatch } from './numbers.ts';
import { type ObservedSeries, ObservingMetric } from './observing-metric.ts';
import type { CollectFunction, LabelValues, MetricConfiguration, MetricValueWithName } from './types.ts';

/** What `new Histogram` takes. */
export interface HistogramConfiguration<T extends string> extends MetricConfiguration<T> {
  /** Upper bounds, `+Inf` not needed; client_golang's if there are none. */
  buckets?: readonly number[] | undefined;
  collect?: CollectFunction<Histogram<T>> | undefined;
}

// biome-ignore lint/style/noNamespace: the name that prom-client's types have
export declare namespace Histogram {
  type Internal<T extends string> = ObservedSeries<T>;
  interface Config {
    buckets?: number[];
  }
}

/** Observations counted in buckets, with their sum. */
export class Histogram<T extends string = string> extends ObservingMetric<
  T,
  HistogramChild,
  HistogramFamily<string>
> {
  constructor(configuration: HistogramConfiguration<T>) {
    super(
      'histogram',
      configuration,
      (engine, { name, help, labels }) =>
        engine.histogram(name, help, labels, { buckets: boundsOf(name, configuration.buckets) }),
      'le',
    );
  }

  /** Counts a finite number in the series with these labels. */
  observe(labels: LabelValues<T>, value: number): void;
  observe(value: number): void;
  /** The shape with `enableExemplars`. */
  observe(data: ObserveDataWithExemplar<T>): void;
  observe(first?: unknown, second?: unknown): void {
    if (this.enableExemplars) this.#observe(callWithExemplar(first, second));
    else if (isObject(first)) this.#observe({ labels: first, value: second });
    else this.#observe({ labels: {}, value: first });
  }

  /**
   * Gives a function that observes the seconds since, and returns them; either may name labels, and with
   * `enableExemplars` an exemplar's labels.
   */
  startTimer(
    labels?: LabelValues<T>,
    exemplarLabels?: LabelValues<string>,
  ): (labels?: LabelValues<T>, exemplarLabels?: LabelValues<string>) => number {
    const elapsed = stopwatch();
    return (endLabels, endExemplarLabels) => {
      const value = elapsed();
      const exemplar = exemplarText({ ...exemplarLabels, ...endExemplarLabels });
      const isWanted = this.enableExemplars && Object.keys(exemplar).length > 0;
      const all: GivenLabels = { ...labels, ...endLabels };
      this.#observe({ labels: all, value, exemplarLabels: isWanted ? exemplar : undefined });
      return value;
    };
  }

  /** Shows the series with these labels before anything was observed, or sets it back to that. */
  zero(labels: LabelValues<T>): void {
    this.remove(labels);
    this.child(labels);
  }

  /** Forgets the series. A metric without labels shows its own again with the next observation. */
  reset(): void {
    this.forget();
  }

  protected linesOf({ value, labels, exemplars }: Series): MetricValueWithName<string>[] {
    const { counts, sum } = value as HistogramValue;
    const bounds = [...(this.describe().buckets ?? []), '+Inf'];
    let count = 0;
    const buckets = bounds.map((le, index) => {
      count += counts[index] ?? 0;
      const exemplar = exemplars?.get(index);
      return {
        metricName: `${this.name}_bucket`,
        labels: { le, ...labels },
        value: count,
        exemplar: exemplar ? exemplarObject(exemplar) : null,
      };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels: { ...labels }, value: sum },
      { metricName: `${this.name}_count`, labels: { ...labels }, value: count },
    ];
  }

  #observe({ labels, value, exemplarLabels }: Call): void {
    checkLabels(this.name, this.labelNames, labels);
    const observed = this.observedValue(value);
    const exemplar = exemplarLabels && Object.keys(exemplarLabels).length > 0 ? exemplarLabels : undefined;
    const problem = exemplarProblem(exemplar, this.name);
    this.child(labels).observe(observed, problem ? undefined : exemplar);
    // What was observed stays counted: only what leads to it is lost.
    if (problem) throw problem;
  }
}

/** In ascending order, each once: in any other, values would be counted in the wrong buckets. */
function boundsOf(metric: string, buckets: readonly number[] = DEFAULT_BUCKETS): number[] {
  const bad = buckets.find((bound) => typeof bound !== 'number' || Number.isNaN(bound));
  if (bad !== undefined) {
    const message = `The metric "${metric}" has a bucket that is not a number: ${String(bad)}.`;
    throw misuse(TypeError, message, { code: 'PLUGIN_BAD_BUCKETS', fix: 'Give numbers as upper bounds.' });
  }
  return [...new Set(buckets)].sort((a, b) => a - b);
}
