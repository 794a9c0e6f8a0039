import type { RegistryContentType } from './content-type.ts';
import type { Registry } from './registry.ts';

/** How workers of a cluster would be summed up; kept and given back, and without effect here. */
export type Aggregator = 'omit' | 'sum' | 'first' | 'min' | 'max' | 'average';

/** The types that prom-client has. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** A metric's own callback: it runs before each exposition, and sets what it has to. */
export type CollectFunction<T> = (this: T) => void | Promise<void>;

/** A label that is left out is empty, which Prometheus treats as absent. Numbers become text. */
export type LabelValues<T extends string> = Partial<Record<T, string | number>>;

/** A metric without its values. */
export interface MetricObject {
  name: string;
  help: string;
  type: MetricType;
  aggregator: Aggregator;
  collect?: (() => void | Promise<void>) | undefined;
}

/** A value and its labels. */
export interface MetricValue<T extends string> {
  value: number;
  labels: LabelValues<T>;
}

/** One line of an exposition; `metricName` is there where it is not the metric's own. */
export interface MetricValueWithName<T extends string> extends MetricValue<T> {
  metricName?: string;
  exemplar?: ExemplarObject | null | undefined;
}

/** An exemplar as `get` gives it. */
export interface ExemplarObject {
  labelSet: Record<string, string | number>;
  value: number;
  /** Seconds since the epoch. */
  timestamp: number;
}

/** A metric with its values, as `get` gives it. */
export interface MetricObjectWithValues<V> extends MetricObject {
  values: V[];
}

/** What the constructor of every metric takes. */
export interface MetricConfiguration<T extends string> {
  name: string;
  help: string;
  labelNames?: T[] | readonly T[] | undefined;
  /** Where the metric is registered: in `register` without it, nowhere if it is empty. */
  registers?: readonly Registry<RegistryContentType>[] | undefined;
  aggregator?: Aggregator | undefined;
  /** OpenMetrics registries only. `inc` and `observe` then take `{labels, value, exemplarLabels}`. */
  enableExemplars?: boolean | undefined;
}
