import type { CounterChild, CounterFamily } from '../registry/counter.ts';
import {
  type Call,
  callWithExemplar,
  exemplarObject,
  exemplarProblem,
  type IncreaseDataWithExemplar,
} from './exemplars.ts';
import { checkLabels, isObject } from './labels.ts';
import { Metric, type Series } from './metric.ts';
import { misuse } from './misuse.ts';
import { notANumber } from './numbers.ts';
import type { CollectFunction, LabelValues, MetricConfiguration, MetricValueWithName } from './types.ts';

/** What `new Counter` takes. */
export interface CounterConfiguration<T extends string> extends MetricConfiguration<T> {
  collect?: CollectFunction<Counter<T>> | undefined;
}

/** The series with given labels. */
interface CounterSeries {
  /** Adds 1, or a number that is not negative. */
  inc(value?: number): void;
}

// biome-ignore lint/style/noNamespace: the name that prom-client's types have
export declare namespace Counter {
  type Internal = CounterSeries;
}

/** A value that only goes up. */
export class Counter<T extends string = string> extends Metric<T, CounterChild, CounterFamily<string>> {
  constructor(configuration: CounterConfiguration<T>) {
    super('counter', configuration, (engine, { name, help, labels }) => engine.counter(name, help, labels));
  }

  /** Adds to the series with these labels: 1, or a number that is not negative. */
  inc(labels: LabelValues<T>, value?: number): void;
  inc(value?: number): void;
  /** The shape with `enableExemplars`. */
  inc(data: IncreaseDataWithExemplar<T>): void;
  inc(first?: unknown, second?: unknown): void {
    if (this.enableExemplars) this.#add(callWithExemplar(first, second));
    else if (isObject(first)) this.#add({ labels: first, value: second });
    else this.#add({ labels: {}, value: first });
  }

  /** The series with these labels: a value for each label name, or an object. */
  labels(...values: (string | number)[]): Counter.Internal;
  labels(labels: LabelValues<T>): Counter.Internal;
  labels(...given: unknown[]): Counter.Internal {
    const labels = this.labelsOf(given);
    const child = this.keep(labels);
    return {
      inc: (value?: unknown) => {
        checkLabels(this.name, this.labelNames, labels);
        const amount = this.#amountOf(value);
        child().inc(amount);
      },
    };
  }

  /** Forgets the series, or sets a metric without labels to zero. */
  reset(): void {
    this.forget();
    this.createUnlabelled();
  }

  protected linesOf({ value, labels, exemplars }: Series): MetricValueWithName<string>[] {
    const line = { value: value as number, labels };
    const exemplar = exemplars?.get(0);
    return [exemplar ? { ...line, exemplar: exemplarObject(exemplar) } : line];
  }

  #add({ labels, value, exemplarLabels }: Call): void {
    checkLabels(this.name, this.labelNames, labels);
    const amount = this.#amountOf(value);
    const problem = exemplarProblem(exemplarLabels, this.name);
    this.child(labels).inc(amount, problem ? undefined : exemplarLabels);
    // What was counted stays counted: only what leads to it is lost.
    if (problem) throw problem;
  }

  #amountOf(value: unknown): number {
    if (value === undefined || value === null) return 1;
    if (!Number.isFinite(value)) throw notANumber('Value', value, this.name);
    const amount = value as number;
    if (amount >= 0) return amount;
    throw misuse(Error, `It is not possible to decrease a counter: "${this.name}" by ${-amount}.`, {
      code: 'PLUGIN_COUNTER_DECREASED',
      fix: 'Use a gauge for a value that also falls.',
    });
  }
}
