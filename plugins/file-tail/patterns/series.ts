import type { Descriptor, Labels } from '@dynamic-informer/sdk';
import { ownText } from './label-text.ts';

/** What takes the place of a label value beyond the limit. */
export const OTHER = 'other';

/** The most series of one metric: a few labels that are within their limits can still multiply. */
const MAX_SERIES = 5000;
const MAX_VALUE_LENGTH = 256;

interface Family<C> {
  readonly descriptor: Descriptor;
  with(labels: Labels<string>): C;
}

/** What is known of a label before any line. */
export interface LabelBounds {
  /** How many values it may take, those in `texts` aside. */
  readonly limit: number;
  /** Values that the configuration names. */
  readonly texts: Iterable<string>;
}

/** A map for each label; the innermost holds the series. */
type Level<C> = Map<string, Level<C> | C>;

/** The series of one metric that has labels, kept within bounds whatever the lines hold. */
export class BoundedSeries<C> {
  readonly #family: Family<C>;
  readonly #onOther: (label: string) => void;
  /** For each label the values that it may take. */
  readonly #known: Map<string, string>[];
  /** For each label how many more it may take. */
  readonly #room: number[];
  readonly #root: Level<C> = new Map();
  #size = 0;
  /** Whether the last `find` put another value in the place of one that it was given. */
  replaced = false;

  /** `bounds` are in the order of the metric's labels. */
  constructor(family: Family<C>, bounds: readonly LabelBounds[], onOther: (label: string) => void) {
    this.#family = family;
    this.#onOther = onOther;
    this.#known = bounds.map(({ texts }) => new Map([OTHER, ...texts].map((text) => [text, text])));
    this.#room = bounds.map(({ limit }) => limit);
  }

  /** Makes room for a series that a state brought back, beyond the limits too; its values count towards them if `counted`. */
  adopt(labels: Readonly<Record<string, string>>, counted: boolean): void {
    const values = this.#family.descriptor.labels.map((label) => labels[label] ?? '');
    for (const [index, value] of values.entries()) {
      if (this.#known[index]?.has(value)) continue;
      this.#known[index]?.set(value, value);
      if (counted) this.#room[index] = Math.max(0, (this.#room[index] as number) - 1);
    }
    this.#leaf(values, true);
  }

  /** The series with these label values, in the order of the metric's labels. Changes `values`. */
  find(values: string[]): C {
    this.replaced = false;
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
    const room = this.#room[index] as number;
    if (room === 0) return this.#other(index);
    this.#room[index] = room - 1;
    const own = ownText(value);
    known.set(own, own);
    return own;
  }

  #other(index: number): string {
    this.replaced = true;
    this.#onOther(this.#family.descriptor.labels[index] as string);
    return OTHER;
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
    return this.#leaf(
      values.map((_, index) => this.#other(index)),
      true,
    );
  }
}
