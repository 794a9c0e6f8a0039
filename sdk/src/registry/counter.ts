import { pluginError } from '../errors.ts';
import type { Counter } from '../metric/descriptor.ts';
import type { Cells } from './cells.ts';
import { exemplarOf } from './exemplar.ts';
import { type Child, Family, type FamilyOptions } from './family.ts';

/** One series of a counter. */
export class CounterChild implements Child {
  /** @internal */
  cells: Cells;
  /** @internal */
  slot = 0;

  /** @internal */
  constructor(cells: Cells) {
    this.cells = cells;
  }

  /**
   * Adds `amount`, which is zero or more. `exemplar` are labels that lead to one case of it, a trace's number say.
   * @throws a plugin error for a negative amount or NaN
   */
  inc(amount = 1, exemplar?: Readonly<Record<string, string>>): void {
    if (!(amount >= 0)) {
      throw pluginError(`A counter was increased by ${amount}.`, {
        code: 'PLUGIN_COUNTER_DECREASED',
        fix: 'A counter only goes up; use a gauge for a value that also falls.',
      });
    }
    // Before anything is counted: it can be refused.
    const of = exemplar && exemplarOf(exemplar, amount);
    const { cells, slot } = this;
    (cells.values[slot] as number) += amount;
    if (cells.touched !== undefined) cells.touched[slot] = 1;
    if (of !== undefined) {
      cells.exemplars ??= new Map();
      cells.exemplars.set(slot, of);
    }
  }

  read(): number {
    return this.cells.values[this.slot] as number;
  }
}

/** All series of a counter. */
export class CounterFamily<L extends string> extends Family<L, CounterChild> {
  readonly descriptor: Counter<L>;

  /** @internal */
  constructor(descriptor: Counter<L>, options?: FamilyOptions) {
    super(descriptor, 1, options);
    this.descriptor = descriptor;
  }
  protected create(cells: Cells): CounterChild {
    return new CounterChild(cells);
  }
  protected load(child: CounterChild, value: unknown): boolean {
    if (typeof value !== 'number' || !(value >= 0)) return false;
    if (value > child.read()) child.inc(value - child.read());
    return true;
  }
}
