import {
  type CounterChild,
  type CounterFamily,
  type GaugeFamily,
  type HistogramFamily,
  type Logger,
  Registry,
  type Sample,
} from '@dynamic-informer/sdk';
import * as own from '../metrics.ts';
import type { Compilation, CompiledPattern, Count, MetricPlan } from './compile.ts';
import type { ExposedMetric } from './exposed.ts';
import type { Captures } from './extractor.ts';
import { type FindSeries, seriesFinder } from './finder.ts';
import { reading } from './reference.ts';
import { BoundedSeries } from './series.ts';
import { type CounterState, type Definition, definitionOf, takeOver } from './state.ts';

type AnyFamily = CounterFamily<string> | GaugeFamily<string> | HistogramFamily<string>;

/** Ties the patterns to their counters; holds every counter that must survive with the offsets. */
export class LineCounter {
  /** Not the context's registry: what that one holds is exposed at once, and these values only when they are kept. */
  readonly #registry = new Registry();
  readonly #families = new Map<string, AnyFamily>();
  readonly #bounded = new Map<string, BoundedSeries<unknown>>();
  readonly #metrics: Compilation['metrics'];
  readonly #definitions: Readonly<Record<string, Definition>>;
  readonly #logger: Logger;
  readonly #parseErrors = this.#total(own.parseErrorsTotal);
  readonly #others = this.#total(own.otherValuesTotal);
  /** The patterns as an engine runs them, in their order. */
  readonly patterns: readonly CompiledPattern[];
  /** What an engine calls for a line that no pattern matched. */
  readonly otherwise: readonly Count[];
  readonly #timeouts = this.#registry.counter(own.patternTimeoutsTotal);

  constructor(compilation: Compilation, maxLabelValues: number, logger: Logger) {
    this.#metrics = compilation.metrics;
    this.#logger = logger;
    for (const exposed of compilation.metrics.values()) this.#add(exposed, maxLabelValues);
    this.#definitions = Object.fromEntries(
      [...compilation.metrics].map(([name, exposed]) => [name, definitionOf(exposed)]),
    );
    this.patterns = compilation.patterns.map(({ metrics, config: _, ...pattern }) => ({
      ...pattern,
      counts: metrics.map((metric) => this.#countOf(metric)),
    }));
    this.otherwise = compilation.otherwise.map((metric) => this.#countOf(metric));
  }

  /** Lines that a pattern took too long on; kept as what the patterns count. */
  timeouts(pattern: string): CounterChild {
    return this.#timeouts.with({ pattern });
  }

  collect(): Sample[] {
    return this.#registry.collect();
  }

  dump(): CounterState {
    return { ...this.#registry.dump(), definitions: this.#definitions };
  }

  /** Puts back what `dump` gave. What other patterns made that mean something else now is left out, and said. */
  restore(before: CounterState): void {
    const { state, left, relabelled } = takeOver(before, this.#metrics);
    this.#registry.restore(state);
    for (const { descriptor, labels } of this.#registry.collect()) {
      this.#bounded.get(descriptor.name)?.adopt(labels, !relabelled.has(descriptor.name));
    }
    if (left.length > 0) this.#logger.info(`Not taken over from the state: ${left.join('; ')}.`);
  }

  #total(descriptor: typeof own.parseErrorsTotal): CounterChild {
    return this.#registry.counter(descriptor).with();
  }

  #add({ descriptor, labels }: ExposedMetric, maxLabelValues: number): void {
    const family = this.#familyOf(descriptor);
    this.#families.set(descriptor.name, family);
    if (labels.length > 0) {
      const bounds = labels.map(({ limit = maxLabelValues, texts }) => ({ limit, texts }));
      const onOther = this.#otherReporter(descriptor.name);
      this.#bounded.set(descriptor.name, new BoundedSeries<unknown>(family, bounds, onOther));
    } else if (descriptor.type !== 'gauge') {
      // A rate needs the zero that it starts from.
      family.with({});
    }
  }

  #familyOf(descriptor: ExposedMetric['descriptor']): AnyFamily {
    if (descriptor.type === 'counter') return this.#registry.counter(descriptor);
    if (descriptor.type === 'gauge') return this.#registry.gauge(descriptor);
    return this.#registry.histogram(descriptor);
  }

  #otherReporter(metric: string): (label: string) => void {
    const said = new Set<string>();
    return (label) => {
      this.#others.inc();
      if (said.has(label)) return;
      said.add(label);
      this.#logger.warn(
        `Metric "${metric}": label "${label}" reached its limit; further values count as "other". ` +
          'Capture something with fewer values, map them to fewer, or raise max_label_values or its own max_values.',
        { metric, label },
      );
    };
  }

  #countOf(metric: MetricPlan): Count {
    const count = this.#countAll(metric);
    const { when } = metric;
    if (when === undefined) return count;
    return (captures, fields) => {
      if (when(captures, fields)) count(captures, fields);
    };
  }

  #countAll(metric: MetricPlan): Count {
    const family = this.#families.get(metric.name) as AnyFamily;
    if (family.descriptor.type === 'counter') {
      const find = this.#finder(family as CounterFamily<string>, metric);
      if (metric.value === undefined) return (captures, fields) => find(captures, fields).inc();
      return this.#counting(metric.value, 0, (value, captures, fields) => find(captures, fields).inc(value));
    }
    if (family.descriptor.type === 'gauge') {
      const find = this.#finder(family as GaugeFamily<string>, metric);
      return this.#counting(metric.value, -Infinity, (value, captures, fields) =>
        find(captures, fields).set(value),
      );
    }
    const find = this.#finder(family as HistogramFamily<string>, metric);
    return this.#counting(metric.value, -Infinity, (value, captures, fields) =>
      find(captures, fields).observe(value),
    );
  }

  /** Counts the number in a text; a line that has none, or a dash in its place, is none of the metric's. */
  #counting(
    value: MetricPlan['value'],
    least: number,
    count: (value: number, captures: Captures, fields: Captures) => void,
  ): Count {
    if (value === undefined) throw new TypeError('A metric that needs a value was compiled without one.');
    const readText = reading(value.from);
    const { read } = value;
    return (captures, fields) => {
      const text = readText(captures, fields);
      if (text === undefined) return;
      const number = read(text);
      if (number >= least && number < Infinity) count(number, captures, fields);
      else if (!isNothing(text)) this.#parseErrors.inc();
    };
  }

  #finder<C>(
    family: { with(labels: Record<string, string>): C },
    { name, labels }: MetricPlan,
  ): FindSeries<C> {
    const bounded = this.#bounded.get(name) as BoundedSeries<C> | undefined;
    if (bounded) return seriesFinder(labels, bounded);
    let only: C | undefined;
    return () => {
      only ??= family.with({});
      return only;
    };
  }
}

/** What logs write where there is no value. */
const isNothing = (text: string): boolean => ['', '-'].includes(text.trim());
