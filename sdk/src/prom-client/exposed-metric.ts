import type { Descriptor } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import type { MetricCollector } from '../registry/registry.ts';
import type { Metric } from './any-metric.ts';

/** A metric as one registry exposes it: with that registry's default labels. */
export class ExposedMetric implements MetricCollector {
  readonly #metric: Metric;
  readonly #defaults: readonly (readonly [name: string, value: string])[];
  readonly #descriptor: Descriptor;

  constructor(metric: Metric, defaultLabels: Readonly<Record<string, unknown>>) {
    this.#metric = metric;
    this.#defaults = Object.entries(defaultLabels).map(([name, value]) => [name, `${value}`]);
    const descriptor = metric.describe();
    const added = this.#defaults.map(([name]) => name).filter((name) => !descriptor.labels.includes(name));
    this.#descriptor =
      added.length === 0 ? descriptor : { ...descriptor, labels: [...descriptor.labels, ...added] };
  }

  /** Runs the metric's `collect` callback. */
  refresh(): void | Promise<void> {
    return this.#metric.refresh();
  }

  describe(): Descriptor[] {
    return [this.#descriptor];
  }

  collect(): Sample[] {
    const samples = this.#metric.samples();
    if (this.#defaults.length === 0) return samples;
    return samples.map((sample) => ({
      ...sample,
      descriptor: this.#descriptor,
      labels: this.#labelled(sample.labels),
    }));
  }

  /** What the SDK's registry registers: without default labels it reads the metric's own, which is faster. */
  source(): MetricCollector {
    return this.#defaults.length === 0 ? this.#metric.source() : this;
  }

  /** A series' own label goes before a default one, unless it is empty. */
  #labelled(own: Readonly<Record<string, string>>): Record<string, string> {
    const labels = { ...own };
    for (const [name, value] of this.#defaults) {
      if (labels[name] === undefined || labels[name] === '') labels[name] = value;
    }
    return labels;
  }
}
