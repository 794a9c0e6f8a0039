import { Registry as Engine } from '../registry/registry.ts';
import type { Metric } from './any-metric.ts';
import {
  checkContentType,
  type OpenMetricsContentType,
  openMetricsContentType,
  type PrometheusContentType,
  prometheusContentType,
  type RegistryContentType,
} from './content-type.ts';
import { ExposedMetric } from './exposed-metric.ts';
import { misuse } from './misuse.ts';
import type { MetricObject, MetricObjectWithValues, MetricValueWithName } from './types.ts';

/** A registry may hold metrics of any label names. */
type AnyMetric = Metric<string>;

/** Holds metrics, and renders them. A metric may stand in several. */
export class Registry<_ContentType extends RegistryContentType = RegistryContentType> {
  static get PROMETHEUS_CONTENT_TYPE(): PrometheusContentType {
    return prometheusContentType;
  }
  static get OPENMETRICS_CONTENT_TYPE(): OpenMetricsContentType {
    return openMetricsContentType;
  }

  readonly #metrics = new Map<string, AnyMetric>();
  #defaultLabels: Readonly<Record<string, string | number>> = {};
  #contentType: RegistryContentType;
  /** What renders the metrics; it keeps what it rendered, so it stays until metrics or default labels change. */
  #engine: Engine | undefined;
  /** What was left out of an exposition is said once for each code: every scrape would repeat it. */
  readonly #warned = new Set<string>();

  constructor(contentType: RegistryContentType = prometheusContentType) {
    checkContentType(contentType, TypeError);
    this.#contentType = contentType;
  }

  get contentType(): RegistryContentType {
    return this.#contentType;
  }

  /** @throws an error if the value is neither of the two formats */
  setContentType(contentType: RegistryContentType): void {
    checkContentType(contentType, Error);
    this.#contentType = contentType;
  }

  /** The exposition in the registry's format, after every metric's `collect`. Rejects if one of those fails. */
  async metrics(): Promise<string> {
    await this.#refresh();
    this.#engine ??= engineOf(this.exposed());
    return this.#textOf(this.#engine);
  }

  /** The exposition of one metric, without the end mark of OpenMetrics. */
  async getMetricsAsString<T extends string>(metric: Metric<T>): Promise<string> {
    await metric.refresh();
    const exposed = new ExposedMetric(metric as unknown as AnyMetric, this.#defaultLabels);
    return this.#textOf(engineOf([exposed])).replace(/\n(# EOF\n)?$/, '');
  }

  async getSingleMetricAsString(name: string): Promise<string> {
    const metric = this.#metrics.get(name);
    if (metric) return this.getMetricsAsString(metric);
    throw misuse(TypeError, `The registry has no metric "${name}".`, {
      code: 'PLUGIN_UNKNOWN_METRIC',
      fix: `It has: ${[...this.#metrics.keys()].join(', ') || 'none'}.`,
    });
  }

  async getMetricsAsJSON(): Promise<MetricObjectWithValues<MetricValueWithName<string>>[]> {
    await this.#refresh();
    const objects = [...this.#metrics.values()].map((metric) => metric.toObject());
    const defaults = Object.entries(this.#defaultLabels);
    for (const { values } of objects) {
      for (const each of values) {
        for (const [name, value] of defaults) each.labels[name] ??= value;
      }
    }
    return objects;
  }

  getMetricsAsArray(): MetricObject[] {
    return [...this.#metrics.values()];
  }

  getSingleMetric<T extends string>(name: string): Metric<T> | undefined {
    return this.#metrics.get(name) as unknown as Metric<T> | undefined;
  }

  /** @throws an error if there is another metric of that name */
  registerMetric<T extends string>(metric: Metric<T>): void {
    const { name } = metric;
    const known: unknown = this.#metrics.get(name);
    if (known !== undefined && known !== metric) {
      throw misuse(Error, `A metric with the name ${name} has already been registered.`, {
        code: 'PLUGIN_DUPLICATE_METRIC',
        fix: 'Create each metric once and keep it, or find it with getSingleMetric().',
      });
    }
    this.#metrics.set(name, metric as unknown as AnyMetric);
    this.#engine = undefined;
  }

  removeSingleMetric(name: string): void {
    this.#metrics.delete(name);
    this.#engine = undefined;
  }

  /** Labels that every series has which has none of that name itself. */
  setDefaultLabels(labels: object): void {
    this.#defaultLabels = { ...labels };
    this.#engine = undefined;
  }

  /** Each metric with the default labels, as a collector of the SDK reads it. An addition to prom-client. */
  exposed(): ExposedMetric[] {
    return [...this.#metrics.values()].map((metric) => new ExposedMetric(metric, this.#defaultLabels));
  }

  /** Forgets every metric's values. */
  resetMetrics(): void {
    for (const metric of this.#metrics.values()) metric.reset();
  }

  /** Takes all metrics and the default labels out. */
  clear(): void {
    this.#metrics.clear();
    this.#engine = undefined;
    this.#defaultLabels = {};
  }

  /**
   * A registry with the metrics of all of these, without their default labels.
   * @throws an error if their formats differ, or two metrics have the same name
   */
  static merge(registers: readonly Registry[]): Registry {
    const [first] = registers;
    const contentType = first?.contentType ?? prometheusContentType;
    if (registers.some((registry) => registry.contentType !== contentType)) {
      throw misuse(Error, 'Registers can only be merged if they have the same content type', {
        code: 'PLUGIN_BAD_CONTENT_TYPE',
        fix: 'Give them the same one with setContentType().',
      });
    }
    const merged = new Registry(contentType);
    for (const registry of registers) {
      for (const metric of registry.#metrics.values()) merged.registerMetric(metric);
    }
    return merged;
  }

  #textOf(engine: Engine): string {
    const exposition = engine.expose(this.#contentType);
    for (const { code, message, fix = '' } of exposition.errors) {
      if (this.#warned.has(code)) continue;
      this.#warned.add(code);
      process.emitWarning(`${message} ${fix}`, { type: 'MetricsWarning', code });
    }
    const text = exposition.toBuffer().toString();
    exposition.done();
    return text;
  }

  async #refresh(): Promise<void> {
    await Promise.all([...this.#metrics.values()].map(async (metric) => metric.refresh()));
  }
}

function engineOf(metrics: readonly ExposedMetric[]): Engine {
  const engine = new Engine();
  for (const metric of metrics) engine.register(metric.source());
  return engine;
}
