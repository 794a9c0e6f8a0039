import type { Descriptor, Labels } from '@dynamic-informer/sdk';

/** What takes the place of a label value beyond the limit. */
export const OTHER = 'other';

/** The most series of one metric: a few labels that are within their limits can still multiply. */
const MAX_SERIES = 5000;
const MAX_VALUE_LENGTH = 256;

interface Family<C> {
  readonly descriptor: Descriptor;
  with(labels: Labels<string>): C;
}

type Level<C> = Map<string, Level<C> | C>;

/** The series of one metric that has labels, kept within bounds whatever the lines hold. */
export class BoundedSeries<C> {
  readonly #family: Family<C>;
  readonly #maxValues: number;
  readonly #onOther: (label: string) => void;
  /** For each label the values that it may take. */
  readonly #known: Map<string, string>[];
  readonly #root: Level<C> = new Map();
  #size = 0;

  constructor(family: Family<C>, maxValues: number, onOther: (label: string) => void) {
    this.#family = family;
    this.#maxValues = maxValues;
    this.#onOther = onOther;
    this.#known = family.descriptor.labels.map(() => new Map());
  }

  /** Makes room for a series that a state brought back, beyond the limits too. */
  adopt(labels: Readonly<Record<string, string>>): void {
    const values = this.#family.descriptor.labels.map((label) => labels[label] ?? '');
    for (const [index, value] of values.entries()) this.#known[index]?.set(value, value);
    this.#leaf(values, true);
  }

  /** The series with these label values, in the order of the metric's labels. Changes `values`. */
  find(values: string[]): C {
    for (const [index, known] of this.#known.entries()) {
      values[index] = known.get(values[index] as string) ?? this.#admit(index, values[index] as string);
    }
    return this.#leaf(values, false);
  }

  #admit(index: number, value: string): string {
    const known = this.#known[index] as Map<string, string>;
    if (value.length > MAX_VALUE_LENGTH) {
      const cut = value.slice(0, MAX_VALUE_LENGTH);
      return known.get(cut) ?? this.#admit(index, cut);
    }
    if (value !== OTHER && known.size - (known.has(OTHER) ? 1 : 0) >= this.#maxValues) {
      this.#onOther(this.#family.descriptor.labels[index] as string);
      return OTHER;
    }
    // A copy: a capture is a window on its line, and would keep the whole text that was read with it.
    const own = Buffer.from(value).toString();
    known.set(own, own);
    return own;
  }

  #leaf(values: readonly string[], beyond: boolean): C {
    let level = this.#root;
    const last = values.length - 1;
    for (let i = 0; i < last; i++) {
      let next = level.get(values[i] as string) as Level<C> | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(values[i] as string, next);
      }
      level = next;
    }
    let series = level.get(values[last] as string) as C | undefined;
    if (series === undefined) {
      if (this.#size >= MAX_SERIES && !beyond) return this.#otherSeries(values);
      const names = this.#family.descriptor.labels;
      const labels = Object.fromEntries(names.map((name, index) => [name, values[index] as string]));
      series = this.#family.with(labels);
      level.set(values[last] as string, series);
      this.#size++;
    }
    return series;
  }

  #otherSeries(values: readonly string[]): C {
    for (const label of this.#family.descriptor.labels) this.#onOther(label);
    return this.#leaf(
      values.map(() => OTHER),
      true,
    );
  }
}
