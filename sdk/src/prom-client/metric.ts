import type { Descriptor } from '../metric/descriptor.ts';
import type { Exemplar, Sample, SampleValue } from '../metric/sample.ts';
import type { Child, Family } from '../registry/family.ts';
import { Registry as Engine, type MetricCollector } from '../registry/registry.ts';
import { prometheusContentType } from './content-type.ts';
import { register } from './global-registry.ts';
import { checkLabels, type GivenLabels, givenLabels, isObject, labelsOf, textLabels } from './labels.ts';
import { misuse } from './misuse.ts';
import { isLabelName, validateMetricName } from './names.ts';
import type { Registry } from './registry.ts';
import type {
  Aggregator,
  CollectFunction,
  LabelValues,
  MetricConfiguration,
  MetricObjectWithValues,
  MetricType,
  MetricValueWithName,
} from './types.ts';

/** What of a configuration the SDK's registry takes. */
interface Checked {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** A series as its lines are made from it. */
export interface Series {
  readonly value: SampleValue;
  /** As the caller gave them. */
  readonly labels: LabelValues<string>;
  /** By line, in the order of the exposition. */
  readonly exemplars: ReadonlyMap<number, Exemplar> | undefined;
}

/** A metric of prom-client's kind around one family of the SDK's registry, which holds the values. */
export abstract class Metric<T extends string, C extends Child, F extends Family<string, C>> {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly labelNames: readonly string[];
  readonly registers: readonly Registry[];
  readonly aggregator: Aggregator;
  readonly enableExemplars: boolean;
  /** Runs before each exposition; it may be replaced. */
  collect: (() => void | Promise<void>) | undefined;

  readonly #engine = new Engine();
  readonly #family: F;
  /** The labels as they were first given, for `get()`: numbers stay numbers, and absent ones absent. */
  readonly #given = new WeakMap<C, LabelValues<string>>();
  /** How often series were taken away: what keeps a child has to look it up anew then. */
  #generation = 0;

  protected constructor(
    type: MetricType,
    given: MetricConfiguration<T> & { collect?: CollectFunction<never> | undefined },
    open: (engine: Engine, about: Checked) => F,
    reservedLabel?: string,
  ) {
    const about = checkConfiguration(given, reservedLabel);
    this.name = about.name;
    this.help = about.help;
    this.type = type;
    this.labelNames = about.labels;
    this.registers = given.registers ?? [register];
    this.aggregator = given.aggregator ?? 'sum';
    this.enableExemplars = Boolean(given.enableExemplars);
    this.collect = given.collect as (() => void | Promise<void>) | undefined;
    this.#family = open(this.#engine, about);
    this.createUnlabelled();
    for (const registry of this.registers) {
      if (this.enableExemplars) checkExemplarRegistry(registry, this.name);
      registry.registerMetric(this as never);
    }
  }

  /** The metric with its values, after its `collect` callback. */
  async get(): Promise<MetricObjectWithValues<MetricValueWithName<T>>> {
    await this.refresh();
    return this.toObject() as MetricObjectWithValues<MetricValueWithName<T>>;
  }

  /** Forgets the series with these labels: a value for each label name, or an object. */
  remove(...values: (string | number)[]): void;
  remove(labels: LabelValues<T>): void;
  remove(...given: unknown[]): void {
    const labels = labelsOf(this.name, this.labelNames, given);
    checkLabels(this.name, this.labelNames, labels);
    this.#generation++;
    this.#family.delete(textLabels(this.labelNames, labels));
  }

  /** Runs the metric's `collect` callback; a promise if that gives one. An addition to prom-client. */
  refresh(): void | Promise<void> {
    if (this.collect) return this.collect();
  }

  /** What is known of the metric before it has a value. An addition to prom-client. */
  describe(): Descriptor {
    return this.#family.descriptor;
  }

  /** The series as they are, without calling `collect`. An addition to prom-client. */
  samples(): Sample[] {
    return this.#engine.collect().map((sample) => {
      const { created, exemplars } = this.#family.extras(this.#family.with(sample.labels).slot);
      return { ...sample, created, exemplar: newest(exemplars) };
    });
  }

  /** The same for a registry of the SDK. An addition to prom-client. */
  source(): MetricCollector {
    return this.#engine;
  }

  /** What `get` gives, without calling `collect`. An addition to prom-client. */
  toObject(): MetricObjectWithValues<MetricValueWithName<string>> {
    const values = this.samples().flatMap(({ labels, value }) => {
      const child = this.#family.with(labels);
      const { exemplars } = this.#family.extras(child.slot);
      return this.linesOf({ value, labels: { ...this.#given.get(child) }, exemplars });
    });
    const { help, name, type, aggregator } = this;
    return { help, name, type, values, aggregator };
  }

  /** A series' lines, as `get` gives them. */
  protected abstract linesOf(series: Series): MetricValueWithName<string>[];

  protected get family(): F {
    return this.#family;
  }

  /** The series with these labels. @throws an error if the metric has not all of the labels */
  protected child(labels: GivenLabels): C {
    checkLabels(this.name, this.labelNames, labels);
    const { size } = this.#family;
    const child = this.#family.with(textLabels(this.labelNames, labels));
    if (this.#family.size > size) this.#given.set(child, givenLabels(this.labelNames, labels));
    return child;
  }

  /** Gives the series with these labels each time; it is looked up anew only after series were taken away. */
  protected keep(labels: GivenLabels): () => C {
    let kept: { readonly child: C; readonly generation: number } | undefined;
    return () => {
      if (kept?.generation !== this.#generation) {
        kept = { child: this.child(labels), generation: this.#generation };
      }
      return kept.child;
    };
  }

  /** Forgets every series. */
  protected forget(): void {
    this.#generation++;
    this.#family.clear();
  }

  /** A metric without labels shows its zero before anything happened. */
  protected createUnlabelled(): void {
    if (this.labelNames.length === 0) this.child({});
  }

  protected labelsOf(given: readonly unknown[]): GivenLabels {
    return labelsOf(this.name, this.labelNames, given);
  }
}

/** A sample has one exemplar, where a histogram's series has one for each bucket. */
function newest(exemplars: Series['exemplars']): Exemplar | undefined {
  let found: Exemplar | undefined;
  for (const each of exemplars?.values() ?? []) {
    if ((each.timestamp ?? 0) >= (found?.timestamp ?? 0)) found = each;
  }
  return found;
}

function checkConfiguration(given: MetricConfiguration<string>, reserved: string | undefined): Checked {
  if (!isObject(given)) {
    throw misuse(TypeError, `The constructor expected a config object, not ${String(given)}.`, {
      code: 'PLUGIN_BAD_DESCRIPTOR',
      fix: 'Give {name, help, labelNames}.',
    });
  }
  const { name, help, collect, labelNames } = given as MetricConfiguration<string> & { collect?: unknown };
  const refuse = (message: string, code: string, fix: string) => misuse(Error, message, { code, fix });
  if (!help) {
    const of = name ? ` of the metric "${name}"` : '';
    throw refuse(`Missing mandatory help parameter${of}.`, 'PLUGIN_BAD_DESCRIPTOR', 'Say what it measures.');
  }
  if (!name) {
    throw refuse('Missing mandatory name parameter.', 'PLUGIN_BAD_NAME', 'Give the metric a name.');
  }
  if (!validateMetricName(name)) {
    throw refuse(`Invalid metric name: ${name}`, 'PLUGIN_BAD_NAME', 'Use letters, digits, "_" and ":".');
  }
  const labels = [...(labelNames ?? [])];
  const bad = labels.find((label) => !isLabelName(label));
  if (bad !== undefined) {
    const fix = 'Use letters, digits and "_", and do not begin with "__".';
    throw refuse(`Invalid label name "${bad}" of the metric "${name}".`, 'PLUGIN_BAD_LABEL', fix);
  }
  if (reserved !== undefined && labels.includes(reserved)) {
    const message = `${reserved} is a reserved label keyword; the metric "${name}" has such a label.`;
    throw refuse(message, 'PLUGIN_BAD_LABEL', 'Rename the label.');
  }
  if (collect && typeof collect !== 'function') {
    const message = `Optional "collect" parameter must be a function; that of the metric "${name}" is a ${typeof collect}.`;
    throw refuse(message, 'PLUGIN_BAD_DESCRIPTOR', 'Give a function that sets the value.');
  }
  return { name: `${name}`, help: `${help}`, labels };
}

function checkExemplarRegistry(registry: Registry, metric: string): void {
  if (registry.contentType !== prometheusContentType) return;
  const message = `Exemplars are supported only on OpenMetrics registries; that of the metric "${metric}" has the text format.`;
  const fix = 'Make it with new Registry(Registry.OPENMETRICS_CONTENT_TYPE).';
  throw misuse(TypeError, message, { code: 'PLUGIN_BAD_EXEMPLAR', fix });
}
