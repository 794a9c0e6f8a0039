export type MetricType = 'counter' | 'gauge' | 'histogram' | 'info' | 'untyped';

/** The type as the text format writes it: `info` is a gauge there. */
export const TEXT_TYPES: Readonly<Record<MetricType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  info: 'gauge',
  untyped: 'untyped',
};

/** What is known of a metric before it has a value. */
export interface Descriptor {
  /** The full name as it is exposed, base unit and `_total` or `_info` included. */
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  /** Upper bounds in ascending order, without `+Inf`; histograms only. */
  readonly buckets?: readonly number[];
  /** NaN is a value here, not a mistake. Without it the guard drops a NaN and says so. */
  readonly allowNaN?: boolean;
}

export type Labels<L extends string> = Readonly<Record<L, string>>;

/** A label argument that is there only if there are labels. */
export type LabelArguments<L extends string> = [L] extends [never]
  ? [labels?: undefined]
  : [labels: Labels<L>];

/** A classic histogram's state: `counts[i]` observations fell at or below `buckets[i]` and above the bound before it. */
export interface HistogramValue {
  /** Observations in each bucket, not cumulated, one more than there are bounds: the last is `+Inf`'s. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** One value of one series, as a collect returns it. Plain data, read by structure. */
export interface Sample {
  readonly descriptor: Descriptor;
  readonly value: number | HistogramValue;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ValueDescriptor<L extends string> extends Descriptor {
  readonly labels: readonly L[];
  sample(value: number, ...labels: LabelArguments<L>): Sample;
}
export interface Counter<L extends string = string> extends ValueDescriptor<L> {
  readonly type: 'counter';
}
export interface Gauge<L extends string = string> extends ValueDescriptor<L> {
  readonly type: 'gauge';
}
export interface Untyped<L extends string = string> extends ValueDescriptor<L> {
  readonly type: 'untyped';
}
export interface Info<L extends string = string> extends Descriptor {
  readonly type: 'info';
  readonly labels: readonly L[];
  sample(...labels: LabelArguments<L>): Sample;
}
export interface Histogram<L extends string = string> extends Descriptor {
  readonly type: 'histogram';
  readonly labels: readonly L[];
  readonly buckets: readonly number[];
  sample(value: HistogramValue, ...labels: LabelArguments<L>): Sample;
}

export interface ValueOptions {
  allowNaN?: boolean;
}

const NO_LABELS = Object.freeze({});

function valueDescriptor<T extends 'counter' | 'gauge' | 'untyped', L extends string>(
  type: T,
  name: string,
  help: string,
  labels: readonly L[],
  options: ValueOptions,
): ValueDescriptor<L> & { readonly type: T } {
  return {
    name,
    help,
    type,
    labels,
    ...options,
    sample(value, ...given) {
      return { descriptor: this, value, labels: given[0] ?? NO_LABELS };
    },
  };
}

/** A value that only goes up, and back to zero when its source restarts. The name ends in `_total`. */
export function counter<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  options: ValueOptions = {},
): Counter<L> {
  return valueDescriptor('counter', name, help, labels, options);
}

/** A value that goes up and down. */
export function gauge<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  options: ValueOptions = {},
): Gauge<L> {
  return valueDescriptor('gauge', name, help, labels, options);
}

/** A value of which nobody knows what it does. */
export function untyped<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  options: ValueOptions = {},
): Untyped<L> {
  return valueDescriptor('untyped', name, help, labels, options);
}

/** Facts as labels, with the value 1. The name ends in `_info`. */
export function info<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
): Info<L> {
  return {
    name,
    help,
    type: 'info',
    labels,
    sample(...given) {
      return { descriptor: this, value: 1, labels: given[0] ?? NO_LABELS };
    },
  };
}

/** client_golang's `DefBuckets`, in seconds: they suit the latency of a network service. */
export const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Observations counted in buckets, with their sum. */
export function histogram<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  options: { buckets?: readonly number[] } = {},
): Histogram<L> {
  const buckets = [...(options.buckets ?? DEFAULT_BUCKETS)].filter(
    (bound) => bound !== Number.POSITIVE_INFINITY,
  );
  return {
    name,
    help,
    type: 'histogram',
    labels,
    buckets,
    sample(value, ...given) {
      return { descriptor: this, value, labels: given[0] ?? NO_LABELS };
    },
  };
}
