import type { Summary } from '../metric/descriptor.ts';
import type { SummaryValue } from '../metric/sample.ts';
import { SlidingQuantiles } from '../metric/sliding-quantiles.ts';
import type { Cells } from './cells.ts';
import { type Child, Family, type FamilyOptions } from './family.ts';
import { startTimer } from './timer.ts';

/** Over which time a summary's quantiles are. */
export interface WindowOptions {
  /** Observations older than this do not count any more; 600 without it. */
  maxAgeSeconds?: number;
  /** In how many parts the window moves on; 5 without it. */
  ageBuckets?: number;
}

/** One series of a summary. Its cells are the count and the sum. */
export class SummaryChild implements Child {
  /** @internal */
  cells: Cells;
  /** @internal */
  slot = 0;
  readonly #window: SlidingQuantiles;

  /** @internal */
  constructor(cells: Cells, window: SlidingQuantiles) {
    this.cells = cells;
    this.#window = window;
  }

  observe(value: number): void {
    const { cells, slot } = this;
    (cells.values[2 * slot] as number) += 1;
    (cells.values[2 * slot + 1] as number) += value;
    this.#window.observe(value);
    if (cells.touched !== undefined) cells.touched[slot] = 1;
  }

  /** Gives a function that observes the seconds since now, and returns them. */
  startTimer(): () => number {
    return startTimer(this);
  }

  /** A quantile of nothing is NaN. */
  read(): SummaryValue {
    const { values } = this.cells;
    const [count = 0, sum = 0] = values.subarray(2 * this.slot, 2 * this.slot + 2);
    return { count, sum, quantiles: this.#window.read() };
  }

  /** @internal */
  reset(): void {
    this.cells.clearSlot(this.slot);
    this.#window.reset();
  }

  /** Takes over count and sum; the window fills anew. @internal */
  load({ count, sum }: Pick<SummaryValue, 'count' | 'sum'>): void {
    this.cells.values.set([count, sum], 2 * this.slot);
  }
}

/** All series of a summary. */
export class SummaryFamily<L extends string> extends Family<L, SummaryChild> {
  readonly descriptor: Summary<L>;
  readonly #window: Required<WindowOptions>;

  /** @internal */
  constructor(
    descriptor: Summary<L>,
    { maxAgeSeconds = 600, ageBuckets = 5, ...options }: FamilyOptions & WindowOptions = {},
  ) {
    super(descriptor, 2, options);
    this.descriptor = descriptor;
    this.#window = { maxAgeSeconds, ageBuckets };
  }
  protected create(cells: Cells): SummaryChild {
    const { quantiles } = this.descriptor;
    return new SummaryChild(cells, new SlidingQuantiles({ quantiles, ...this.#window }, Date.now));
  }
  protected load(child: SummaryChild, value: unknown): boolean {
    const { count, sum } = (value ?? {}) as Partial<SummaryValue>;
    if (!isCount(count) || typeof sum !== 'number') return false;
    child.load({ count, sum });
    return true;
  }
  protected override reset(child: SummaryChild): void {
    child.reset();
  }
  /** @internal */
  override read(slots: Int32Array, values: Float64Array): void {
    let at = 0;
    for (const slot of slots) {
      const { count, sum, quantiles } = this.index.slots[slot]?.read() ?? EMPTY;
      for (const [, value] of quantiles) values[at++] = value;
      values[at++] = sum;
      values[at++] = count;
    }
  }
}

const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && Number(count) >= 0;

const EMPTY: SummaryValue = { count: 0, sum: 0, quantiles: [] };
