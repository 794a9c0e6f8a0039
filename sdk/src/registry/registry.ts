import { pluginError } from '../errors.ts';
import type { Counter, Descriptor, Gauge, Histogram, Sample } from '../metric/descriptor.ts';
import { counter, gauge, histogram } from '../metric/descriptor.ts';
import { CounterFamily, type Family, GaugeFamily, HistogramFamily } from './families.ts';

/** What `Registry.dump` gives and `restore` takes: plain JSON. */
export interface RegistryState {
  families: { name: string; type: string; series: { labels: Record<string, string>; value: unknown }[] }[];
}

/**
 * Holds the instruments that a collector keeps between collects. Made by the host, one for each
 * resource, so that two resources of a plugin share nothing.
 */
export class Registry {
  readonly #families = new Map<string, Family>();

  /** A family of counters: from a descriptor, or from the name, help and labels of a new one. */
  counter<const L extends string = never>(descriptor: Counter<L>): CounterFamily<L>;
  counter<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
  ): CounterFamily<L>;
  counter<const L extends string = never>(
    first: Counter<L> | string,
    help = '',
    labels: readonly L[] = [],
  ): CounterFamily<L> {
    return this.#add(new CounterFamily(typeof first === 'string' ? counter(first, help, labels) : first));
  }

  gauge<const L extends string = never>(descriptor: Gauge<L>): GaugeFamily<L>;
  gauge<const L extends string = never>(name: string, help: string, labels?: readonly L[]): GaugeFamily<L>;
  gauge<const L extends string = never>(
    first: Gauge<L> | string,
    help = '',
    labels: readonly L[] = [],
  ): GaugeFamily<L> {
    return this.#add(new GaugeFamily(typeof first === 'string' ? gauge(first, help, labels) : first));
  }

  histogram<const L extends string = never>(descriptor: Histogram<L>): HistogramFamily<L>;
  histogram<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    options?: { buckets?: readonly number[] },
  ): HistogramFamily<L>;
  histogram<const L extends string = never>(
    first: Histogram<L> | string,
    help = '',
    labels: readonly L[] = [],
    options: { buckets?: readonly number[] } = {},
  ): HistogramFamily<L> {
    return this.#add(
      new HistogramFamily(typeof first === 'string' ? histogram(first, help, labels, options) : first),
    );
  }

  describe(): Descriptor[] {
    return [...this.#families.values()].map((family) => family.descriptor);
  }

  collect(): Sample[] {
    const samples: Sample[] = [];
    for (const family of this.#families.values()) family.collectInto(samples);
    return samples;
  }

  /** Every series' value, for a collector that keeps its counters in its state. */
  dump(): RegistryState {
    const families = [...this.#families.values()].map((family) => {
      const samples: Sample[] = [];
      family.collectInto(samples);
      const series = samples.map(({ labels, value }) => ({ labels: { ...labels }, value: value as unknown }));
      return { name: family.descriptor.name, type: family.descriptor.type, series };
    });
    return { families };
  }

  /**
   * Puts back what `dump` gave, into families that were created since. A series is left out if its
   * family is gone, has another type, other labels or other buckets: its values would mean something else.
   */
  restore(state: RegistryState): void {
    for (const { name, type, series } of state.families) {
      const family = this.#families.get(name);
      if (family?.descriptor.type !== type) continue;
      for (const { labels, value } of series) family.restore(labels, value);
    }
  }

  #add<F extends Family>(family: F): F {
    const { name } = family.descriptor;
    if (this.#families.has(name)) {
      throw pluginError(`The registry already has a metric named "${name}".`, {
        code: 'PLUGIN_DUPLICATE_METRIC',
        fix: 'Create each metric once and keep it.',
      });
    }
    this.#families.set(name, family);
    return family;
  }
}
