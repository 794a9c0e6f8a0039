import type { MetricType } from '../metric/descriptor.ts';

export type LabelPair = readonly [name: string, value: string];

/** A classic histogram as it is exposed: cumulated, `+Inf` last. Relabelling can take lines away. */
export interface GatheredHistogram {
  readonly buckets: readonly (readonly [bound: number, count: number])[];
  readonly sum?: number;
  readonly count?: number;
}

export interface GatheredSeries {
  /** The labels, sorted by name, encoded without braces: what tells one series of a family from another. */
  readonly block: string;
  readonly labels: readonly LabelPair[];
  readonly value: number | GatheredHistogram;
}

export interface GatheredFamily {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly series: GatheredSeries[];
}
