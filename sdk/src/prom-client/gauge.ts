import type { GaugeChild, GaugeFamily } from '../registry/gauge.ts';
import { checkLabels, type GivenLabels, isObject } from './labels.ts';
import { Metric, type Series } from './metric.ts';
import { notANumber, stopwatch } from './numbers.ts';
import type { CollectFunction, LabelValues, MetricConfiguration, MetricValueWithName } from './types.ts';

/** What `new Gauge` takes. */
export interface GaugeConfiguration<T extends string> extends MetricConfiguration<T> {
  collect?: CollectFunction<Gauge<T>> | undefined;
}

/** The series with given labels. */
interface GaugeSeries<T extends string> {
  inc(value?: number): void;
  dec(value?: number): void;
  set(value: number): void;
  /** Sets it to the seconds since the epoch. */
  setToCurrentTime(): void;
  /** Gives a function that sets the gauge to the seconds since, and returns them. */
  startTimer(): (labels?: LabelValues<T>) => number;
}

// biome-ignore lint/style/noNamespace: the name that prom-client's types have
export declare namespace Gauge {
  type Internal<T extends string> = GaugeSeries<T>;
}

/** A value that goes up and down. */
export class Gauge<T extends string = string> extends Metric<T, GaugeChild, GaugeFamily<string>> {
  constructor(configuration: GaugeConfiguration<T>) {
    super('gauge', configuration, (engine, { name, help, labels }) =>
      engine.gauge(name, help, labels, { allowNaN: true }),
    );
  }

  set(labels: LabelValues<T>, value: number): void;
  set(value: number): void;
  set(first: unknown, second?: unknown): void {
    const [labels, value] = split(first, second);
    if (typeof value !== 'number') throw notANumber('Value', value, this.name);
    this.child(labels).set(value);
  }

  inc(labels: LabelValues<T>, value?: number): void;
  inc(value?: number): void;
  inc(first?: unknown, second?: unknown): void {
    const [labels, value = 1] = split(first, second);
    this.#add(labels, value);
  }

  dec(labels: LabelValues<T>, value?: number): void;
  dec(value?: number): void;
  dec(first?: unknown, second?: unknown): void {
    const [labels, value = 1] = split(first, second);
    this.#add(labels, -(value as number));
  }

  /** Sets it to the seconds since the epoch. */
  setToCurrentTime(labels: LabelValues<T> = {}): void {
    this.set(labels, Date.now() / 1000);
  }

  /** Gives a function that sets the gauge to the seconds since, and returns them; either may name labels. */
  startTimer(labels?: LabelValues<T>): (labels?: LabelValues<T>) => number {
    const elapsed = stopwatch();
    return (endLabels) => {
      const seconds = elapsed();
      this.set({ ...labels, ...endLabels } as LabelValues<T>, seconds);
      return seconds;
    };
  }

  /** The series with these labels: a value for each label name, or an object. */
  labels(...values: (string | number)[]): Gauge.Internal<T>;
  labels(labels: LabelValues<T>): Gauge.Internal<T>;
  labels(...given: unknown[]): Gauge.Internal<T> {
    const labels = this.labelsOf(given);
    checkLabels(this.name, this.labelNames, labels);
    const child = this.keep(labels);
    const add = (delta: unknown) => {
      const checked = this.#deltaOf(delta);
      child().inc(checked);
    };
    const set = (value: unknown) => {
      if (typeof value !== 'number') throw notANumber('Value', value, this.name);
      child().set(value);
    };
    return {
      inc: (value: unknown = 1) => add(value),
      dec: (value: unknown = 1) => add(-(value as number)),
      set,
      setToCurrentTime: () => set(Date.now() / 1000),
      startTimer: () => this.startTimer(labels as LabelValues<T>),
    };
  }

  /** Forgets the series, or sets a metric without labels to zero. */
  reset(): void {
    this.forget();
    this.createUnlabelled();
  }

  protected linesOf({ value, labels }: Series): MetricValueWithName<string>[] {
    return [{ value: value as number, labels }];
  }

  #add(labels: GivenLabels, delta: unknown): void {
    const checked = this.#deltaOf(delta);
    this.child(labels).inc(checked);
  }

  #deltaOf(delta: unknown): number {
    if (typeof delta !== 'number') throw notANumber('Delta', delta, this.name);
    return delta;
  }
}

/** Labels and a value, or a value alone. */
const split = (first: unknown, second: unknown): [labels: GivenLabels, value: unknown] =>
  isObject(first) ? [first, second] : [{}, first];
