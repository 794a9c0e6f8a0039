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
import type { FileCounts } from '../file-counts.ts';
import type { LineSink } from '../lines/splitter.ts';
import * as own from '../metrics.ts';
import type { Compilation, CompiledMetric } from './compile.ts';
import { captured } from './groups.ts';
import { BoundedSeries } from './series.ts';

type AnyFamily = CounterFamily<string> | GaugeFamily<string> | HistogramFamily<string>;
/** Lets one matching line change one metric. */
type Count = (match: RegExpExecArray) => void;

interface Rule {
  readonly regex: RegExp;
  readonly counts: readonly Count[];
}

/** Applies the patterns to lines; holds every counter that must survive with the offsets. */
export class LineCounter implements LineSink {
  /** Not the context's registry: what that one holds is exposed at once, and these values only when they are kept. */
  readonly #registry = new Registry();
  readonly #families = new Map<string, AnyFamily>();
  readonly #bounded = new Map<string, BoundedSeries<unknown>>();
  readonly #rules: readonly Rule[];
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
    this.#rules = compilation.patterns.map(({ regex, metrics }) => ({
      regex,
      counts: metrics.map((metric) => this.#countOf(metric)),
    }));
  }

  lines(batch: readonly string[], counts: FileCounts): void {
    for (const text of batch) if (!this.#isMatched(text)) counts.unmatched++;
  }

  #isMatched(text: string): boolean {
    let matched = false;
    for (const { regex, counts } of this.#rules) {
      const match = regex.exec(text);
      if (match === null) continue;
      matched = true;
      for (const count of counts) count(match);
    }
    return matched;
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

  #countOf(metric: CompiledMetric): Count {
    const family = this.#families.get(metric.name) as AnyFamily;
    if (family.descriptor.type === 'counter') {
      const seriesOf = this.#seriesOf(family as CounterFamily<string>, metric);
      if (metric.value === undefined) return (match) => seriesOf(match).inc();
      return this.#counting(metric.value, 0, (match, value) => seriesOf(match).inc(value));
    }
    if (family.descriptor.type === 'gauge') {
      const seriesOf = this.#seriesOf(family as GaugeFamily<string>, metric);
      return this.#counting(metric.value, -Infinity, (match, value) => seriesOf(match).set(value));
    }
    const seriesOf = this.#seriesOf(family as HistogramFamily<string>, metric);
    return this.#counting(metric.value, -Infinity, (match, value) => seriesOf(match).observe(value));
  }

  /** Counts the number in a capture; a line without the capture is none of the metric's. */
  #counting(
    indices: readonly number[] = [],
    least: number,
    count: (match: RegExpExecArray, value: number) => void,
  ): Count {
    return (match) => {
      const text = captured(match, indices);
      if (text === undefined) return;
      const value = text.trim() === '' ? Number.NaN : Number(text);
      if (Number.isFinite(value) && value >= least) count(match, value);
      else this.#parseErrors.inc();
    };
  }

  #seriesOf<C>(
    family: { with(labels: Record<string, string>): C },
    metric: CompiledMetric,
  ): (match: RegExpExecArray) => C {
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
    return (match) => {
      for (let i = 0; i < groups.length; i++) values[i] = captured(match, groups[i] as number[]) ?? '';
      return bounded.find(values);
    };
  }
}
