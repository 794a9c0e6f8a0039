import type { NativeOptions } from './native-value.ts';
import type { HistogramValue, Sample, SampleOptions, SummaryValue } from './sample.ts';

/** What a metric is. OpenMetrics calls `untyped` `unknown`. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'info' | 'stateset' | 'untyped';

/** The type as the text format writes it: `info` and `stateset` are gauges there. */
export const TEXT_TYPES: Readonly<Record<MetricType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  untyped: 'untyped',
};

/** What is known of a metric before it has a value. */
export interface Descriptor {
  /** The full name as it is exposed, base unit and `_total` or `_info` included. */
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  /** The base unit, which the name ends in (before `_total`): `seconds`, `bytes`. OpenMetrics shows it. */
  readonly unit?: string;
  /** Labels that every series has. */
  readonly constLabels?: Readonly<Record<string, string>>;
  /** Upper bounds in ascending order, without `+Inf`; histograms only. */
  readonly buckets?: readonly number[];
  /** How its native histogram is made; histograms only. Prometheus gets it through protobuf. */
  readonly native?: NativeOptions;
  /** Between 0 and 1 in ascending order; summaries only. */
  readonly quantiles?: readonly number[];
  /** All states that there are; statesets only. */
  readonly states?: readonly string[];
  /** NaN is a value here, not a mistake. Without it the guard drops a NaN and says so. */
  readonly allowNaN?: boolean;
  /**
   * Its name and those of its labels may be any UTF-8 text of 1 to 512 characters, as OpenTelemetry's
   * `http.server.duration` is. Prometheus 3 takes them; scrapers that do not ask for them get them escaped,
   * `http_server_duration`. Without it such a name is refused: a dash in a name is most often a mistake.
   */
  readonly utf8Names?: boolean;
}

/** A string for each label. */
export type Labels<L extends string> = Readonly<Record<L, string>>;

/** A label argument that is there only if there are labels. */
export type LabelArguments<L extends string> = [L] extends [never]
  ? [labels?: undefined]
  : [labels: Labels<L>];

/** The same for a sample, which can say more beside. */
export type SampleArguments<L extends string> = [L] extends [never]
  ? [labels?: undefined, options?: SampleOptions]
  : [labels: Labels<L>, options?: SampleOptions];

/** A descriptor that knows the names of its labels. */
interface Labelled<L extends string> extends Descriptor {
  readonly labels: readonly L[];
}
/** A descriptor whose samples are one number. */
export interface ValueDescriptor<L extends string> extends Labelled<L> {
  sample(value: number, ...labels: SampleArguments<L>): Sample;
}
/** What `counter` gives. `sample` takes the value, which is zero or more. */
export interface Counter<L extends string = string> extends ValueDescriptor<L> {
  readonly type: 'counter';
}
/** What `gauge` gives. `sample` takes any number. */
export interface Gauge<L extends string = string> extends ValueDescriptor<L> {
  readonly type: 'gauge';
}
/** What `untyped` gives. `sample` takes any number. */
export interface Untyped<L extends string = string> extends ValueDescriptor<L> {
  readonly type: 'untyped';
}
/** What `info` gives. `sample` takes the labels; the value is always 1. */
export interface Info<L extends string = string> extends Labelled<L> {
  readonly type: 'info';
  sample(...labels: SampleArguments<L>): Sample;
}
/** What `stateset` gives. `sample` takes the state, or the states, that are on. */
export interface StateSet<L extends string = string, S extends string = string> extends Labelled<L> {
  readonly type: 'stateset';
  readonly states: readonly S[];
  /** `active` are the states that are on; most often one. */
  sample(active: S | readonly S[], ...labels: SampleArguments<L>): Sample;
}
/** What `histogram` gives. `sample` takes a histogram that the source counted itself. */
export interface Histogram<L extends string = string> extends Labelled<L> {
  readonly type: 'histogram';
  readonly buckets: readonly number[];
  sample(value: HistogramValue, ...labels: SampleArguments<L>): Sample;
}
/** What `summary` gives. `sample` takes quantiles that the source computed itself. */
export interface Summary<L extends string = string> extends Labelled<L> {
  readonly type: 'summary';
  readonly quantiles: readonly number[];
  sample(value: SummaryValue, ...labels: SampleArguments<L>): Sample;
}

/** What every metric can have beside name, help and labels; `Descriptor` says what they are. */
export interface DescriptorOptions {
  unit?: string;
  constLabels?: Readonly<Record<string, string>>;
  /** Names may be any UTF-8 text, which Prometheus 3 takes and others get escaped; see `Descriptor`. */
  utf8Names?: boolean;
}
/** What an info and a stateset can have beside, which have no unit. */
export type FactOptions = Omit<DescriptorOptions, 'unit'>;
/** What a counter, a gauge and an untyped metric can have beside; `Descriptor` says what it is. */
export interface ValueOptions extends DescriptorOptions {
  allowNaN?: boolean;
}
/** What a histogram can have beside. */
export interface HistogramOptions extends DescriptorOptions {
  /** `+Inf` is added by itself. Without any: none beside a native histogram, else `DEFAULT_BUCKETS`. */
  buckets?: readonly number[];
  /** A native histogram too, or only: it needs no bounds and costs a fraction of their series. */
  native?: NativeOptions;
}
/** What a summary can have beside. */
export interface SummaryOptions extends DescriptorOptions {
  /** 0.5, 0.9 and 0.99 if there are none. */
  quantiles?: readonly number[];
}

const NO_LABELS = Object.freeze({});

function valueDescriptor<T extends 'counter' | 'gauge' | 'untyped', L extends string>(
  type: T,
  name: string,
  help: string,
  labels: readonly L[],
  { unit, constLabels, allowNaN, utf8Names }: ValueOptions,
): ValueDescriptor<L> & { readonly type: T } {
  return {
    name,
    help,
    type,
    labels,
    ...(unit !== undefined && { unit }),
    ...(constLabels && { constLabels }),
    ...(allowNaN === true && { allowNaN }),
    ...(utf8Names === true && { utf8Names }),
    sample(value, ...given) {
      return sampleOf(this, value, given);
    },
  };
}

function sampleOf(
  descriptor: Descriptor,
  value: Sample['value'],
  [labels = NO_LABELS, options]: [
    labels?: Readonly<Record<string, string>> | undefined,
    options?: SampleOptions,
  ],
): Sample {
  return options === undefined ? { descriptor, value, labels } : { descriptor, value, labels, ...options };
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
  options: FactOptions = {},
): Info<L> {
  return {
    name,
    help,
    type: 'info',
    labels,
    ...options,
    sample(...given) {
      return sampleOf(this, 1, given);
    },
  };
}

/** Which of a few states something is in: a series each, 1 for those that are on, with the state in a label of the metric's name. */
export function stateset<const S extends string, const L extends string = never>(
  name: string,
  help: string,
  states: readonly S[],
  labels: readonly L[] = [],
  options: FactOptions = {},
): StateSet<L, S> {
  return {
    name,
    help,
    type: 'stateset',
    labels,
    states,
    ...options,
    sample(active, ...given) {
      return sampleOf(this, typeof active === 'string' ? [active] : active, given);
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
  { native, buckets = native ? [] : DEFAULT_BUCKETS, ...options }: HistogramOptions = {},
): Histogram<L> {
  return {
    name,
    help,
    type: 'histogram',
    labels,
    buckets: buckets.filter((bound) => bound !== Number.POSITIVE_INFINITY),
    ...(native && { native }),
    ...options,
    sample(value, ...given) {
      return sampleOf(this, value, given);
    },
  };
}

/** The quantiles that a summary has unless it is told others. */
export const DEFAULT_QUANTILES: readonly number[] = [0.5, 0.9, 0.99];

/** Quantiles that the source computes itself, with the sum and the count of what was observed. */
export function summary<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  { quantiles = DEFAULT_QUANTILES, ...options }: SummaryOptions = {},
): Summary<L> {
  return {
    name,
    help,
    type: 'summary',
    labels,
    quantiles,
    ...options,
    sample(value, ...given) {
      return sampleOf(this, value, given);
    },
  };
}
