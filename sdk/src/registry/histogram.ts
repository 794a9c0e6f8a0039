import type { Histogram } from '../metric/descriptor.ts';
import { NativeHistogram } from '../metric/native-histogram.ts';
import type { NativeOptions, NativeValue } from '../metric/native-value.ts';
import type { HistogramValue } from '../metric/sample.ts';
import type { Cells } from './cells.ts';
import { exemplarOf } from './exemplar.ts';
import { type Child, Family, type FamilyOptions } from './family.ts';
import type { SeriesExtras } from './source.ts';
import { startTimer } from './timer.ts';

/** One series of a histogram. Its cells are one count a bucket, not cumulated so that an observation changes one, and the sum. */
export class HistogramChild implements Child {
  /** @internal */
  cells: Cells;
  /** @internal */
  slot = 0;
  readonly #bounds: readonly number[];
  readonly #native: NativeHistogram | undefined;
  #created = 0;

  /** @internal */
  constructor(cells: Cells, bounds: readonly number[], native: NativeOptions | undefined) {
    this.cells = cells;
    this.#bounds = bounds;
    if (native !== undefined) this.#native = new NativeHistogram(native, Date.now);
  }

  /** Counts a value. `exemplar` are labels that lead to this one observation, a trace's number say. */
  observe(value: number, exemplar?: Readonly<Record<string, string>>): void {
    // Before anything is counted: it can be refused.
    const of = exemplar && exemplarOf(exemplar, value);
    const { cells, slot } = this;
    if (this.#native !== undefined) {
      this.#native.observe(value);
      this.#follow(this.#native);
    }
    const { values, stride } = cells;
    const first = slot * stride;
    const bucket = first + this.#bucketOf(value);
    (values[bucket] as number) += 1;
    (values[first + stride - 1] as number) += value;
    if (cells.touched !== undefined) cells.touched[slot] = 1;
    if (of !== undefined) {
      cells.exemplars ??= new Map();
      cells.exemplars.set(bucket, of);
    }
  }

  /** Gives a function that observes the seconds since now, and returns them. */
  startTimer(): () => number {
    return startTimer(this);
  }

  /** NaN is in no bucket but the last, as with client_golang. */
  #bucketOf(value: number): number {
    const bounds = this.#bounds;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= (bounds[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** A native histogram that has too many buckets can begin anew; the classic buckets beside it do so too. */
  #follow(native: NativeHistogram): void {
    if (native.created === this.#created) return;
    this.#created = native.created;
    this.cells.clearSlot(this.slot);
    if (this.cells.created) this.cells.created[this.slot] = native.created;
  }

  /** @internal */
  reset(): void {
    this.cells.clearSlot(this.slot);
    this.#native?.reset();
    this.#created = this.#native?.created ?? 0;
  }

  /** @internal */
  native(): NativeValue | undefined {
    const value = this.#native?.read();
    if (this.#native !== undefined) this.#follow(this.#native);
    return value;
  }

  read(): HistogramValue {
    const native = this.native();
    const { values, stride } = this.cells;
    const first = this.slot * stride;
    const counts = Array.from(values.subarray(first, first + stride - 1));
    const sum = values[first + stride - 1] as number;
    return native === undefined ? { counts, sum } : { counts, sum, native };
  }

  /** Takes over a state with the same buckets, and says whether it has them. @internal */
  load({ counts, sum, native }: HistogramValue, created: number | undefined): boolean {
    const { values, stride } = this.cells;
    if (counts.length !== stride - 1 || (native === undefined) !== (this.#native === undefined)) return false;
    if (native !== undefined && this.#native !== undefined) {
      if (!this.#native.fits(native)) return false;
      this.#native.load(native, created);
      this.#created = this.#native.created;
    }
    values.set([...counts, sum], this.slot * stride);
    return true;
  }
}

/** All series of a histogram. */
export class HistogramFamily<L extends string> extends Family<L, HistogramChild> {
  readonly descriptor: Histogram<L>;

  /** @internal */
  constructor(descriptor: Histogram<L>, options?: FamilyOptions) {
    super(descriptor, descriptor.buckets.length + 2, options);
    this.descriptor = descriptor;
  }
  protected create(cells: Cells): HistogramChild {
    return new HistogramChild(cells, this.descriptor.buckets, this.descriptor.native);
  }
  protected load(child: HistogramChild, value: unknown, created: number | undefined): boolean {
    const { counts, sum, native } = (value ?? {}) as Partial<HistogramValue>;
    const isCounts =
      Array.isArray(counts) && counts.every((count) => Number.isSafeInteger(count) && count >= 0);
    return isCounts && typeof sum === 'number' && child.load({ counts, sum, native }, created);
  }
  protected override reset(child: HistogramChild): void {
    child.reset();
  }
  /** @internal */
  override extras(slot: number): SeriesExtras {
    const native = this.descriptor.native === undefined ? undefined : this.index.slots[slot]?.native();
    return { ...super.extras(slot), native };
  }
  /** @internal */
  override read(slots: Int32Array, values: Float64Array): void {
    const { stride, values: source } = this.cells;
    const buckets = stride - 1;
    let at = 0;
    for (const slot of slots) {
      let cell = slot * stride;
      let count = 0;
      for (let i = 0; i < buckets; i++) {
        count += source[cell++] as number;
        values[at++] = count;
      }
      values[at++] = source[cell] as number;
      values[at++] = count;
    }
  }
}
