import { pluginError } from '../errors.ts';
import type { Descriptor, LabelArguments, Labels } from '../metric/descriptor.ts';
import { type LineShape, linesOf } from '../metric/lines.ts';
import type { Exemplar, Sample, SampleValue } from '../metric/sample.ts';
import { Cells } from './cells.ts';
import { SeriesIndex, type Slotted } from './series-index.ts';
import type { SeriesExtras, SeriesSource } from './source.ts';

/** One series of a family, to be kept where it is hot: it is found once. */
export interface Child extends Slotted {
  /** @internal */
  cells: Cells;
  read(): SampleValue;
}

/** What every instrument can have beside. */
export interface FamilyOptions {
  /** Series that were not written to for so long are forgotten. */
  expireSeconds?: number;
}

const NO_LABELS = Object.freeze({});

/** All series of one metric; a child for each set of label values. */
export abstract class Family<L extends string, C extends Child> implements SeriesSource {
  abstract readonly descriptor: Descriptor;
  protected readonly index: SeriesIndex<C>;
  protected readonly cells: Cells;
  readonly #now: () => number;
  readonly #expireMs: number | undefined;
  #seenAt: Float64Array | undefined;
  #lines: readonly LineShape[] | undefined;
  /** Beyond so many series new ones are not kept; whoever exposes the family may set it. @internal */
  maxSeries = Number.POSITIVE_INFINITY;
  /** What every series is that is not kept: it can be written to, and nobody sees it. */
  #overflow: C | undefined;

  protected constructor(
    { labels, type }: Descriptor,
    stride: number,
    { expireSeconds }: FamilyOptions = {},
    now: () => number = Date.now,
  ) {
    this.index = new SeriesIndex(labels);
    this.cells = new Cells(stride);
    this.#now = now;
    if (type === 'counter' || type === 'histogram' || type === 'summary') {
      this.cells.created = new Float64Array(this.cells.values.length / Math.max(1, stride));
    }
    if (expireSeconds !== undefined) {
      this.#expireMs = expireSeconds * 1000;
      this.cells.touched = new Uint8Array(this.cells.values.length / Math.max(1, stride));
    }
  }

  /** A child that belongs to `cells`. */
  protected abstract create(cells: Cells): C;
  /** Takes a dumped value over and says whether it fitted; `created` is when it began, if that is known. */
  protected abstract load(child: C, value: unknown, created: number | undefined): boolean;
  /** Back to what a new child is. */
  protected reset(child: C): void {
    child.cells.clearSlot(child.slot);
  }

  /**
   * The series with these label values, created at zero when it is new; the same child each time.
   * @throws a plugin error that names the label that is missing, unknown or no string
   */
  with(...labels: LabelArguments<L>): C;
  with(labels: Readonly<Record<string, string>> = NO_LABELS): C {
    return this.index.find(labels) ?? this.#add(labels);
  }

  /** `with`, by values in the order in which the family's labels were named. */
  withValues(...values: readonly string[]): C {
    const { name, labels } = this.descriptor;
    if (values.length !== labels.length) {
      throw pluginError(`Metric "${name}" was given ${values.length} label values.`, {
        code: 'PLUGIN_BAD_LABEL',
        fix: `Give ${labels.length}: ${labels.join(', ') || 'none'}.`,
      });
    }
    return this.with(
      ...([Object.fromEntries(labels.map((name, i) => [name, values[i]]))] as LabelArguments<L>),
    );
  }

  /** The same family with some labels given already. */
  curry<K extends L>(labels: Labels<K>): Curried<Exclude<L, K>, C> {
    return new Curried<Exclude<L, K>, C>(this as unknown as Family<string, C>, labels);
  }

  /** Forgets a series. Who still holds its child can use it, but nobody sees that. */
  delete(...labels: LabelArguments<L>): boolean {
    const child = this.index.delete(labels[0] ?? NO_LABELS);
    if (child === undefined) return false;
    this.#detach(child);
    this.#compact();
    return true;
  }

  /** Forgets every series that has these labels among its own, and says how many those were. */
  deletePartial(labels: Partial<Labels<L>>): number {
    const wanted = Object.entries<string | undefined>(labels);
    const gone: Record<string, string>[] = [];
    this.index.walk((values) => {
      const all = this.#record(values);
      if (wanted.every(([name, value]) => all[name] === value)) gone.push(all);
    });
    for (const each of gone) this.delete(...([each] as unknown as LabelArguments<L>));
    return gone.length;
  }

  /** Forgets every series. */
  clear(): void {
    for (const child of this.index.slots) if (child) this.#detach(child);
    this.index.clear();
  }

  /** Sets every series back to what it was when it was new. */
  zero(): void {
    for (const child of this.index.slots) if (child) this.#restart(child);
    // When series began is laid out with them in some formats.
    this.index.version++;
  }

  /** Forgets what has not been written to for the family's `expireSeconds`; called before each exposition. @internal */
  expire(): void {
    const { touched } = this.cells;
    if (this.#expireMs === undefined || touched === undefined) return;
    const now = this.#now();
    if (this.#seenAt === undefined || this.#seenAt.length < touched.length) {
      const larger = new Float64Array(touched.length).fill(now);
      larger.set(this.#seenAt ?? []);
      this.#seenAt = larger;
    }
    const expired: Record<string, string>[] = [];
    this.index.walk((values, { slot }) => {
      const seenAt = this.#seenAt as Float64Array;
      if (touched[slot] === 1) seenAt[slot] = now;
      else if (now - (seenAt[slot] as number) > (this.#expireMs as number))
        expired.push(this.#record(values));
    });
    touched.fill(0);
    for (const labels of expired) this.delete(...([labels] as unknown as LabelArguments<L>));
  }

  /** @internal */
  get lines(): readonly LineShape[] {
    this.#lines ??= linesOf(this.descriptor);
    return this.#lines;
  }
  /** @internal */
  get labelNames(): readonly string[] {
    return this.index.names;
  }
  /** @internal */
  get version(): number {
    return this.index.version;
  }
  /** @internal */
  get size(): number {
    return this.index.size;
  }
  /** @internal */
  get slotBound(): number {
    return this.index.slots.length;
  }
  /** @internal */
  get fence(): number {
    return this.index.fence;
  }
  /** @internal */
  set fence(slot: number) {
    this.index.fence = slot;
  }
  /** @internal */
  labelValues(most: number): readonly ReadonlySet<string>[] {
    return this.index.labelValues(most);
  }
  /** @internal */
  get hasTails(): boolean {
    return (this.cells.exemplars?.size ?? 0) > 0;
  }

  /** @internal */
  walk(visit: (labelValues: readonly string[], slot: number) => void): void {
    this.index.walk((values, child) => visit(values, child.slot));
  }

  /** @internal */
  read(slots: Int32Array, values: Float64Array): void {
    const source = this.cells.values;
    for (let i = 0; i < slots.length; i++) values[i] = source[slots[i] as number] as number;
  }

  /** @internal */
  extras(slot: number): SeriesExtras {
    const created = this.cells.created?.[slot];
    return { created, exemplars: this.exemplarsOf(slot) };
  }

  /** By line. The cells of a family are in the order of its lines as far as exemplars go. */
  protected exemplarsOf(slot: number): ReadonlyMap<number, Exemplar> | undefined {
    const { exemplars, stride } = this.cells;
    if (exemplars === undefined) return undefined;
    const found = new Map<number, Exemplar>();
    for (let cell = 0; cell < stride; cell++) {
      const exemplar = exemplars.get(slot * stride + cell);
      if (exemplar) found.set(cell, exemplar);
    }
    return found;
  }

  /** Every series as a sample, in the order of birth. @internal */
  *samples(): Iterable<Sample> {
    // Series that come or go while somebody reads on do not disturb it.
    const series: { child: C; labels: Record<string, string> }[] = [];
    this.index.walk((values, child) => {
      series.push({ child, labels: this.#record(values) });
    });
    series.sort((a, b) => a.child.slot - b.child.slot);
    const { descriptor } = this;
    for (const { child, labels } of series) {
      const created = child.cells.created?.[child.slot];
      const value = child.read();
      yield created === undefined ? { descriptor, labels, value } : { descriptor, labels, value, created };
    }
  }

  /** Puts a dumped series back, unless its labels or its value are not the family's any more. @internal */
  restore(labels: Readonly<Record<string, string>>, value: unknown, created?: number): void {
    const { names } = this.index;
    if (Object.keys(labels).length !== names.length || names.some((name) => typeof labels[name] !== 'string'))
      return;
    const given = [labels] as unknown as LabelArguments<L>;
    const isNew = this.index.find(labels) === undefined;
    const child = this.with(...given);
    const since = Number.isFinite(created) ? created : undefined;
    if (!this.load(child, value, since)) {
      if (isNew) this.delete(...given);
      return;
    }
    const { cells, slot } = child;
    if (cells.created === undefined || since === undefined) return;
    cells.created[slot] = since;
    // When series began is laid out with them in some formats.
    this.index.version++;
  }

  #add(labels: Readonly<Record<string, string>>): C {
    const { name, labels: known } = this.descriptor;
    for (const label of known) {
      const value: unknown = labels[label];
      if (typeof value === 'string') continue;
      throw pluginError(
        `Metric "${name}": label "${label}" is ${value === undefined ? 'missing' : `a ${typeof value}`}.`,
        { code: 'PLUGIN_BAD_LABEL', fix: 'Give every label of the metric a string.' },
      );
    }
    const unknown = Object.keys(labels).find((label) => !known.includes(label));
    if (unknown !== undefined) {
      throw pluginError(`Metric "${name}" has no label "${unknown}".`, {
        code: 'PLUGIN_BAD_LABEL',
        fix: `Its labels are: ${known.join(', ') || 'none'}.`,
      });
    }
    const formed = wellFormed(labels);
    const present = formed === labels ? undefined : this.index.find(formed);
    if (present) return present;
    if (this.index.size >= this.maxSeries) return this.#outsider();
    const child = this.create(this.cells);
    this.index.insert(formed, child);
    this.cells.reserve(child.slot);
    this.#restart(child);
    return child;
  }

  #outsider(): C {
    if (this.#overflow === undefined) {
      this.#overflow = this.create(new Cells(this.cells.stride, 1));
      this.reset(this.#overflow);
    }
    return this.#overflow;
  }

  #restart(child: C): void {
    this.reset(child);
    const { created, touched } = this.cells;
    if (created) created[child.slot] = this.#now();
    if (touched) touched[child.slot] = 1;
  }

  #detach(child: C): void {
    const own = new Cells(this.cells.stride, 1);
    const { stride, values } = this.cells;
    own.values.set(values.subarray(child.slot * stride, (child.slot + 1) * stride));
    this.cells.clearSlot(child.slot);
    child.cells = own;
    child.slot = 0;
  }

  #compact(): void {
    this.index.compact((from, to) => {
      this.cells.move(from, to);
      if (this.#seenAt) this.#seenAt[to] = this.#seenAt[from] as number;
    });
  }

  #record(values: readonly string[]): Record<string, string> {
    const record: Record<string, string> = {};
    this.index.names.forEach((name, i) => {
      record[name] = values[i] as string;
    });
    return record;
  }
}

/** Labels whose every value is valid UTF-8: half a surrogate pair would become something else on the way out. */
function wellFormed(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(labels);
  if (entries.every(([, value]) => value.isWellFormed())) return labels;
  return Object.fromEntries(entries.map(([name, value]) => [name, value.toWellFormed()]));
}

/** A family of which some labels are given already. */
export class Curried<L extends string, C extends Child> {
  readonly #family: Family<string, C>;
  readonly #labels: Readonly<Record<string, string>>;

  constructor(family: Family<string, C>, labels: Readonly<Record<string, string>>) {
    this.#family = family;
    this.#labels = labels;
  }

  with(...labels: LabelArguments<L>): C {
    return this.#family.with({ ...this.#labels, ...labels[0] });
  }
  curry<K extends L>(labels: Labels<K>): Curried<Exclude<L, K>, C> {
    return new Curried(this.#family, { ...this.#labels, ...labels });
  }
  delete(...labels: LabelArguments<L>): boolean {
    return this.#family.delete({ ...this.#labels, ...labels[0] });
  }
  deletePartial(labels: Partial<Labels<L>> = {}): number {
    return this.#family.deletePartial({ ...this.#labels, ...labels });
  }
}
