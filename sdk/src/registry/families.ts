import { pluginError } from '../errors.ts';
import type {
  Counter,
  Descriptor,
  Gauge,
  Histogram,
  HistogramValue,
  LabelArguments,
  Sample,
} from '../metric/descriptor.ts';

/** All series of one metric; a child for each set of label values. */
export interface Family {
  readonly descriptor: Descriptor;
  collectInto(samples: Sample[]): void;
  restore(labels: Record<string, string>, value: unknown): void;
}

interface Child {
  read(): number | HistogramValue;
}

/** A map for each label, the innermost one holds the children: no joined keys to build at each look-up. */
type Level<C> = Map<string, Level<C> | C>;

abstract class LabelledFamily<L extends string, C extends Child> implements Family {
  abstract readonly descriptor: Descriptor;
  readonly #root: Level<C> = new Map();
  readonly #series: { labels: Readonly<Record<string, string>>; child: C }[] = [];

  protected abstract create(): C;
  protected abstract set(child: C, value: unknown): void;

  /** The series with these label values, created at zero when it is new. Keep it where it is hot. */
  with(...labels: LabelArguments<L>): C {
    return this.#find(labels[0] ?? {});
  }

  collectInto(samples: Sample[]): void {
    for (const { labels, child } of this.#series) {
      samples.push({ descriptor: this.descriptor, labels, value: child.read() });
    }
  }

  restore(labels: Record<string, string>, value: unknown): void {
    const names = this.descriptor.labels;
    if (Object.keys(labels).length !== names.length || names.some((name) => typeof labels[name] !== 'string'))
      return;
    this.set(this.#find(labels), value);
  }

  /** Forgets every series. */
  clear(): void {
    this.#root.clear();
    this.#series.length = 0;
  }

  #find(labels: Readonly<Record<string, string>>): C {
    let level: Level<C> = this.#root;
    const names = this.descriptor.labels;
    const last = names.length - 1;
    for (let i = 0; i < last; i++) {
      const value = this.#valueOf(labels, names[i] as string);
      let next = level.get(value) as Level<C> | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(value, next);
      }
      level = next;
    }
    const key = last < 0 ? '' : this.#valueOf(labels, names[last] as string);
    let child = level.get(key) as C | undefined;
    if (child === undefined) {
      if (Object.keys(labels).length > names.length) this.#rejectUnknown(labels);
      child = this.create();
      level.set(key, child);
      this.#series.push({ labels: { ...labels }, child });
    }
    return child;
  }

  #valueOf(labels: Readonly<Record<string, string>>, name: string): string {
    const value = labels[name];
    if (typeof value === 'string') return value;
    throw pluginError(
      `Metric "${this.descriptor.name}": label "${name}" is ${value === undefined ? 'missing' : `a ${typeof value}`}.`,
      { code: 'PLUGIN_BAD_LABEL', fix: 'Give every label of the metric a string.' },
    );
  }

  #rejectUnknown(labels: Readonly<Record<string, string>>): never {
    const unknown = Object.keys(labels).find((name) => !this.descriptor.labels.includes(name));
    throw pluginError(`Metric "${this.descriptor.name}" has no label "${unknown}".`, {
      code: 'PLUGIN_BAD_LABEL',
      fix: `Its labels are: ${this.descriptor.labels.join(', ') || 'none'}.`,
    });
  }
}

export class CounterChild {
  #value = 0;

  /** Adds `amount`, which is zero or more. */
  inc(amount = 1): void {
    if (!(amount >= 0)) {
      throw pluginError(`A counter was increased by ${amount}.`, {
        code: 'PLUGIN_COUNTER_DECREASED',
        fix: 'A counter only goes up; use a gauge for a value that also falls.',
      });
    }
    this.#value += amount;
  }

  read(): number {
    return this.#value;
  }
}

export class CounterFamily<L extends string> extends LabelledFamily<L, CounterChild> {
  readonly descriptor: Counter<L>;
  constructor(descriptor: Counter<L>) {
    super();
    this.descriptor = descriptor;
  }
  protected create(): CounterChild {
    return new CounterChild();
  }
  protected set(child: CounterChild, value: unknown): void {
    if (typeof value === 'number') child.inc(Math.max(0, value - child.read()));
  }
}

export class GaugeChild {
  #value = 0;

  set(value: number): void {
    this.#value = value;
  }
  inc(amount = 1): void {
    this.#value += amount;
  }
  dec(amount = 1): void {
    this.#value -= amount;
  }
  read(): number {
    return this.#value;
  }
}

export class GaugeFamily<L extends string> extends LabelledFamily<L, GaugeChild> {
  readonly descriptor: Gauge<L>;
  constructor(descriptor: Gauge<L>) {
    super();
    this.descriptor = descriptor;
  }
  protected create(): GaugeChild {
    return new GaugeChild();
  }
  protected set(child: GaugeChild, value: unknown): void {
    if (typeof value === 'number') child.set(value);
  }
}

export class HistogramChild {
  readonly #bounds: readonly number[];
  #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let low = 0;
    let high = this.#bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= (this.#bounds[middle] as number)) high = middle;
      else low = middle + 1;
    }
    this.#counts[low] = (this.#counts[low] as number) + 1;
    this.#sum += value;
  }

  read(): HistogramValue {
    return { counts: [...this.#counts], sum: this.#sum };
  }

  /** Takes over a state with the same number of buckets. */
  load(value: HistogramValue): void {
    if (value.counts.length !== this.#counts.length) return;
    this.#counts = [...value.counts];
    this.#sum = value.sum;
  }
}

export class HistogramFamily<L extends string> extends LabelledFamily<L, HistogramChild> {
  readonly descriptor: Histogram<L>;
  constructor(descriptor: Histogram<L>) {
    super();
    this.descriptor = descriptor;
  }
  protected create(): HistogramChild {
    return new HistogramChild(this.descriptor.buckets);
  }
  protected set(child: HistogramChild, value: unknown): void {
    const { counts, sum } = (value ?? {}) as Partial<HistogramValue>;
    if (
      Array.isArray(counts) &&
      counts.every((count) => typeof count === 'number') &&
      typeof sum === 'number'
    ) {
      child.load({ counts, sum });
    }
  }
}
