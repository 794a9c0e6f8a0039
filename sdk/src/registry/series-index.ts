import { sortTexts } from '../metric/text-order.ts';

/** What stands in an index: it knows its slot, which changes when slots before it are given up. */
export interface Slotted {
  slot: number;
}

/** A map for each label, the innermost holds the series: no joined keys to build at each look-up. */
type Level<S> = Map<string, Level<S> | S>;

type LabelRecord = Readonly<Record<string, string>>;

/**
 * The series of one family by their label values, and in the order of their birth: a slot is lower than
 * those of all younger series.
 */
export class SeriesIndex<S extends Slotted> {
  /** Sorted: walking the maps in the order of their keys then is the order of the exposition. */
  readonly names: readonly string[];
  /** By slot; `undefined` where a series was given up. */
  readonly slots: (S | undefined)[] = [];
  /** Changes whenever a series comes, goes or gets another slot. */
  version = 0;
  /** A slot that moves with the series around it when slots below are given up; see `SeriesSource`. */
  fence = 0;
  #live = 0;
  #root: Level<S> = new Map();

  constructor(names: readonly string[]) {
    this.names = sortTexts([...names]);
  }

  get size(): number {
    return this.#live;
  }

  /** The series with these labels. Labels that the family does not have are not noticed here. */
  find(labels: LabelRecord): S | undefined {
    const { names } = this;
    // Written out for the usual numbers of labels: half the time of the loop.
    switch (names.length) {
      case 0:
        return this.#root.get('') as S | undefined;
      case 1:
        return this.#root.get(labels[names[0] as string] as string) as S | undefined;
      case 2: {
        const second = this.#root.get(labels[names[0] as string] as string) as Level<S> | undefined;
        return second?.get(labels[names[1] as string] as string) as S | undefined;
      }
      case 3: {
        const second = this.#root.get(labels[names[0] as string] as string) as Level<S> | undefined;
        const third = second?.get(labels[names[1] as string] as string) as Level<S> | undefined;
        return third?.get(labels[names[2] as string] as string) as S | undefined;
      }
      default: {
        let level: Level<S> | undefined = this.#root;
        for (let i = 0; level && i < names.length - 1; i++) {
          level = level.get(labels[names[i] as string] as string) as Level<S> | undefined;
        }
        return level?.get(labels[names[names.length - 1] as string] as string) as S | undefined;
      }
    }
  }

  /** Adds a series that is not there yet, with the next slot. */
  insert(labels: LabelRecord, series: S): void {
    let level = this.#root;
    const last = this.names.length - 1;
    for (let i = 0; i < last; i++) {
      const value = labels[this.names[i] as string] as string;
      let next = level.get(value) as Level<S> | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(value, next);
      }
      level = next;
    }
    level.set(last < 0 ? '' : (labels[this.names[last] as string] as string), series);
    series.slot = this.slots.length;
    this.slots.push(series);
    this.#live++;
    this.version++;
  }

  /** Gives a series up; its slot stays empty until `compact`. */
  delete(labels: LabelRecord): S | undefined {
    const series = this.find(labels);
    if (series === undefined) return undefined;
    this.#unlink(this.#root, labels, 0);
    this.slots[series.slot] = undefined;
    this.#live--;
    this.version++;
    return series;
  }

  #unlink(level: Level<S>, labels: LabelRecord, depth: number): void {
    const value = this.names.length === 0 ? '' : (labels[this.names[depth] as string] as string);
    if (depth < this.names.length - 1) {
      const next = level.get(value) as Level<S>;
      this.#unlink(next, labels, depth + 1);
      if (next.size > 0) return;
    }
    level.delete(value);
  }

  clear(): void {
    this.#root = new Map();
    this.slots.length = 0;
    this.fence = 0;
    this.#live = 0;
    this.version++;
  }

  /** Closes gaps once half of the slots are empty; `moved` is told of each series that gets a lower slot. */
  compact(moved: (from: number, to: number) => void): void {
    const { slots } = this;
    if (slots.length < 64 || this.#live > slots.length / 2) return;
    let next = 0;
    let fence = 0;
    for (let slot = 0; slot < slots.length; slot++) {
      if (slot === this.fence) fence = next;
      const series = slots[slot];
      if (series === undefined) continue;
      if (slot !== next) {
        moved(slot, next);
        series.slot = next;
        slots[next] = series;
      }
      next++;
    }
    this.fence = this.fence >= slots.length ? next : fence;
    slots.length = next;
    this.version++;
  }

  /** The different values of each label, in the order of `names`; after `most` values nothing more is looked at. */
  labelValues(most: number): Set<string>[] {
    const found = this.names.map(() => new Set<string>());
    let left = most;
    const descend = (level: Level<S>, depth: number): void => {
      for (const [value, next] of level) {
        if (--left < 0) return;
        found[depth]?.add(value);
        if (depth < this.names.length - 1) descend(next as Level<S>, depth + 1);
      }
    };
    if (this.names.length > 0) descend(this.#root, 0);
    return found;
  }

  /** All series in the order of their label values; `values` is in the order of `names` and reused. */
  walk(visit: (values: readonly string[], series: S) => void): void {
    const values: string[] = this.names.map(() => '');
    const descend = (level: Level<S>, depth: number): void => {
      const isLast = depth >= this.names.length - 1;
      for (const value of sortTexts([...level.keys()])) {
        if (this.names.length > 0) values[depth] = value;
        const next = level.get(value);
        // Whoever visits may delete what comes later.
        if (next === undefined) continue;
        if (isLast) visit(values, next as S);
        else descend(next as Level<S>, depth + 1);
      }
    };
    descend(this.#root, 0);
  }
}
