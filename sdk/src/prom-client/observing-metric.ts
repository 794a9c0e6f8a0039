import type { Child, Family } from '../registry/family.ts';
import { checkLabels } from './labels.ts';
import { Metric } from './metric.ts';
import { notANumber } from './numbers.ts';
import type { LabelValues } from './types.ts';

/** The series of a histogram or summary with given labels. */
export interface ObservedSeries<T extends string> {
  observe(value: number): void;
  /** Gives a function that observes the seconds since, and returns them. */
  startTimer(): (labels?: LabelValues<T>) => number;
}

/** What histograms and summaries have in common. */
export abstract class ObservingMetric<
  T extends string,
  C extends Child & { observe(value: number): void },
  F extends Family<string, C>,
> extends Metric<T, C, F> {
  /** Gives a function that observes the seconds since, and returns them; either may name labels. */
  abstract startTimer(labels?: LabelValues<T>): (labels?: LabelValues<T>) => number;

  /** The series with these labels: a value for each label name, or an object. */
  labels(...values: (string | number)[]): ObservedSeries<T>;
  labels(labels: LabelValues<T>): ObservedSeries<T>;
  labels(...given: unknown[]): ObservedSeries<T> {
    const labels = this.labelsOf(given);
    checkLabels(this.name, this.labelNames, labels);
    const child = this.keep(labels);
    return {
      observe: (value: unknown) => {
        const observed = this.observedValue(value);
        child().observe(observed);
      },
      startTimer: () => this.startTimer(labels as LabelValues<T>),
    };
  }

  /** @throws a TypeError for what is no finite number */
  protected observedValue(value: unknown): number {
    if (!Number.isFinite(value)) throw notANumber('Value', value, this.name);
    return value as number;
  }
}
