import type { Descriptor } from './descriptor.ts';
import type { NativeValue } from './native-value.ts';

/** A classic histogram's state: `counts[i]` observations fell at or below `buckets[i]` and above the bound before it. */
export interface HistogramValue {
  /** Observations in each bucket, not cumulated, one more than there are bounds: the last is `+Inf`'s. */
  readonly counts: readonly number[];
  readonly sum: number;
  /** The native histogram beside the buckets; without buckets, `counts` is its count alone. */
  readonly native?: NativeValue | undefined;
}

/** A summary's state: what was observed, and its quantiles in the descriptor's order. */
export interface SummaryValue {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly (readonly [quantile: number, value: number])[];
}

/** A trace or the like that an observation came from. */
export interface Exemplar {
  /** Names and values, at most 128 characters together. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number | undefined;
}

/** A number, a histogram, a summary, or the states of a stateset that are on. */
export type SampleValue = number | HistogramValue | SummaryValue | readonly string[];

/** What a sample can say beside its value. Times are milliseconds since the epoch. */
export interface SampleOptions {
  /** When the value was true. Prometheus takes the time of the scrape without it, which is nearly always right. */
  readonly timestamp?: number | undefined;
  /** When the counter, histogram or summary began at zero. */
  readonly created?: number | undefined;
  /** A histogram's goes to the bucket that its value falls in. */
  readonly exemplar?: Exemplar | undefined;
}

/** One value of one series, as a collect returns it. Plain data, read by structure. */
export interface Sample extends SampleOptions {
  readonly descriptor: Descriptor;
  readonly value: SampleValue;
  readonly labels: Readonly<Record<string, string>>;
}
