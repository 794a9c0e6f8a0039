import {
  type Counter,
  type CounterChild,
  type CounterFamily,
  type Gauge,
  type GaugeFamily,
  type Histogram,
  type HistogramFamily,
  type Logger,
  Registry,
  type RegistryState,
  type Sample,
} from '@dynamic-informer/sdk';
import * as own from '../metrics.ts';
import type { Compilation, CompiledPattern, Count, MetricPlan } from './compile.ts';
import type { Captures } from './extractor.ts';
import { captured } from './groups.ts';
import { BoundedSeries } from './series.ts';

type AnyFamily = CounterFamily<string> | GaugeFamily<string> | HistogramFamily<string>;

/** Ties the patterns to their counters; holds every counter that must survive with the offsets. */
export class LineCounter {
  /** Not the context's registry: what that one holds is exposed at once, and these values only when they are kept. */
  readonly #registry = new Registry();
  readonly #families = new Map<string, AnyFamily>();
  readonly #bounded = new Map<string, BoundedSeries<unknown>>();
  /** The patterns as an engine runs them, in their order. */
  readonly patterns: readonly CompiledPattern[];
  readonly #parseErrors = this.#total(own.parseErrorsTotal);
  readonly #others = this.#total(own.otherValuesTotal);

  constructor(compilation: Compilation, maxLabelValues: number, logger: Logger) {
    for (const descriptor of compilation.descriptors.values()) {
      const family = this.#familyOf(descriptor as Counter | Gauge | Histogram);
      this.#families.set(descriptor.name, family);
      if (descriptor.labels.length > 0) {
        const onOther = this.#otherReporter(descriptor.name, maxLabelValues, logger);
        this.#bounded.set(descriptor.name, new BoundedSeries<unknown>(family, maxLabelValues, onOther));
      } else if (descriptor.type !== 'gauge') {
        // A rate needs the zero that it starts from.
        family.with({});
      }
    }
    this.patterns = compilation.patterns.map(({ metrics, ...pattern }) => ({
      ...pattern,
      counts: metrics.map((metric) => this.#countOf(metric)),
    }));
  }

  collect(): Sample[] {
    return this.#registry.collect();
  }

  dump(): RegistryState {
    return this.#registry.dump();
  }

  restore(state: RegistryState): void {
    this.#registry.restore(state);
    for (const { descriptor, labels } of this.#registry.collect()) {
      this.#bounded.get(descriptor.name)?.adopt(labels);
    }
  }

  #total(descriptor: Counter<never>): CounterChild {
    return this.#registry.counter(descriptor).with();
  }

  #familyOf(descriptor: Counter | Gauge | Histogram): AnyFamily {
    if (descriptor.type === 'counter') return this.#registry.counter(descriptor);
    if (descriptor.type === 'gauge') return this.#registry.gauge(descriptor);
    return this.#registry.histogram(descriptor);
  }

  #otherReporter(metric: string, limit: number, logger: Logger): (label: string) => void {
    const said = new Set<string>();
    return (label) => {
      this.#others.inc();
      if (said.has(label)) return;
      said.add(label);
      logger.warn(
        `Metric "${metric}": label "${label}" reached its limit; further values count as "other". ` +
          'Capture something with fewer values, or raise max_label_values.',
        { metric, label, limit },
      );
    };
  }

  #countOf(metric: MetricPlan): Count {
    const family = this.#families.get(metric.name) as AnyFamily;
    if (family.descriptor.type === 'counter') {
      const seriesOf = this.#seriesOf(family as CounterFamily<string>, metric);
      if (metric.value === undefined) return (captures) => seriesOf(captures).inc();
      return this.#counting(metric.value, 0, (captures, value) => seriesOf(captures).inc(value));
    }
    if (family.descriptor.type === 'gauge') {
      const seriesOf = this.#seriesOf(family as GaugeFamily<string>, metric);
      return this.#counting(metric.value, -Infinity, (captures, value) => seriesOf(captures).set(value));
    }
    const seriesOf = this.#seriesOf(family as HistogramFamily<string>, metric);
    return this.#counting(metric.value, -Infinity, (captures, value) => seriesOf(captures).observe(value));
  }

  /** Counts the number in a capture; a line without the capture is none of the metric's. */
  #counting(
    indices: readonly number[] = [],
    least: number,
    count: (captures: Captures, value: number) => void,
  ): Count {
    return (captures) => {
      const text = captured(captures, indices);
      if (text === undefined) return;
      const value = text.trim() === '' ? Number.NaN : Number(text);
      if (Number.isFinite(value) && value >= least) count(captures, value);
      else this.#parseErrors.inc();
    };
  }

  #seriesOf<C>(
    family: { with(labels: Record<string, string>): C },
    metric: MetricPlan,
  ): (captures: Captures) => C {
    const bounded = this.#bounded.get(metric.name) as BoundedSeries<C> | undefined;
    if (bounded === undefined) {
      let only: C | undefined;
      return () => {
        only ??= family.with({});
        return only;
      };
    }
    const groups = metric.labels;
    const values = groups.map(() => '');
    return (captures) => {
      for (let i = 0; i < groups.length; i++) values[i] = captured(captures, groups[i] as number[]) ?? '';
      return bounded.find(values);
    };
  }
}
