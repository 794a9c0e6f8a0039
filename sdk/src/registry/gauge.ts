import type { Gauge, Info, StateSet, Untyped } from '../metric/descriptor.ts';
import type { Cells } from './cells.ts';
import { type Child, Family, type FamilyOptions } from './family.ts';

/** One series of a gauge. */
export class GaugeChild implements Child {
  /** @internal */
  cells: Cells;
  /** @internal */
  slot = 0;

  /** @internal */
  constructor(cells: Cells) {
    this.cells = cells;
  }

  set(value: number): void {
    const { cells, slot } = this;
    cells.values[slot] = value;
    if (cells.touched !== undefined) cells.touched[slot] = 1;
  }
  inc(amount = 1): void {
    this.set(this.read() + amount);
  }
  dec(amount = 1): void {
    this.set(this.read() - amount);
  }
  /** Seconds since the epoch. */
  setToCurrentTime(): void {
    this.set(Date.now() / 1000);
  }
  read(): number {
    return this.cells.values[this.slot] as number;
  }
}

/** All series of a gauge or of an untyped metric. */
export class GaugeFamily<L extends string> extends Family<L, GaugeChild> {
  readonly descriptor: Gauge<L> | Untyped<L>;

  /** @internal */
  constructor(descriptor: Gauge<L> | Untyped<L>, options?: FamilyOptions) {
    super(descriptor, 1, options);
    this.descriptor = descriptor;
  }
  protected create(cells: Cells): GaugeChild {
    return new GaugeChild(cells);
  }
  protected load(child: GaugeChild, value: unknown): boolean {
    if (typeof value !== 'number') return false;
    child.set(value);
    return true;
  }
}

/** Facts: a series says 1 as long as it is there. */
export class InfoFamily<L extends string> extends Family<L, GaugeChild> {
  readonly descriptor: Info<L>;

  /** @internal */
  constructor(descriptor: Info<L>, options?: FamilyOptions) {
    super(descriptor, 1, options);
    this.descriptor = descriptor;
  }
  protected create(cells: Cells): GaugeChild {
    return new GaugeChild(cells);
  }
  protected override reset(child: GaugeChild): void {
    child.set(1);
  }
  protected load(): boolean {
    return true;
  }
}

/** One series of a stateset: a line for each of its states. */
export class StateSetChild implements Child {
  /** @internal */
  cells: Cells;
  /** @internal */
  slot = 0;
  readonly #states: readonly string[];

  /** @internal */
  constructor(cells: Cells, states: readonly string[]) {
    this.cells = cells;
    this.#states = states;
  }

  /** Turns these states on and all others off. */
  set(...active: readonly string[]): void {
    const { cells, slot } = this;
    const first = slot * cells.stride;
    this.#states.forEach((state, i) => {
      cells.values[first + i] = active.includes(state) ? 1 : 0;
    });
    if (cells.touched !== undefined) cells.touched[slot] = 1;
  }
  read(): readonly string[] {
    const first = this.slot * this.cells.stride;
    return this.#states.filter((_, i) => this.cells.values[first + i] === 1);
  }
}

/** All series of a stateset. */
export class StateSetFamily<L extends string> extends Family<L, StateSetChild> {
  readonly descriptor: StateSet<L>;

  /** @internal */
  constructor(descriptor: StateSet<L>, options?: FamilyOptions) {
    super(descriptor, descriptor.states.length, options);
    this.descriptor = descriptor;
  }
  protected create(cells: Cells): StateSetChild {
    return new StateSetChild(cells, this.descriptor.states);
  }
  protected load(child: StateSetChild, value: unknown): boolean {
    if (!Array.isArray(value)) return false;
    child.set(...value.map(String));
    return true;
  }
  /** @internal */
  override read(slots: Int32Array, values: Float64Array): void {
    const { stride, values: source } = this.cells;
    let at = 0;
    for (const slot of slots) {
      for (let i = 0; i < stride; i++) values[at++] = source[slot * stride + i] as number;
    }
  }
}
