import type { Descriptor } from '../metric/descriptor.ts';
import { type LineShape, linesOf } from '../metric/lines.ts';
import type { HistogramValue, Sample, SummaryValue } from '../metric/sample.ts';
import { SeriesIndex, type Slotted } from '../registry/series-index.ts';
import type { SeriesExtras, SeriesSource } from '../registry/source.ts';
import { guardExtras, guardLabels, guardValue, wellFormed } from './guard.ts';
import { type Limit, type Limits, Room } from './limits.ts';
import type { Refusals } from './refusals.ts';
import { valueBytes } from './text-size.ts';

class ConstSeries implements Slotted {
  slot = 0;
  /** The last gather that it was in. */
  pass = 0;
}

const NOTHING: SeriesExtras = {};
/** Characters of a series' label values. */
const LONG_TEXT = 1024;

/** What `add` made of a sample. One that waits may find room when series of the last collect turn out to be gone. */
export type Added = 'added' | 'duplicate' | 'waits' | 'refused';

/**
 * Keeps the series that samples name from one collect to the next: most come again, and finding one again
 * tells at once whether it came twice.
 */
export class ConstFamily implements SeriesSource {
  readonly descriptor: Descriptor;
  readonly lines: readonly LineShape[];
  /** The bytes of a series in the text format beside the values of its own labels. */
  fixedBytes = 0;
  /** Of the values of their own labels, once a line. */
  #labelBytes = 0;
  readonly #index: SeriesIndex<ConstSeries>;
  #values: Float64Array;
  readonly #extras = new Map<number, SeriesExtras>();
  /** When counters began, by slot; a series without is not in it. */
  readonly #created = new Map<number, number>();
  /** How often a counter began at another time than the last time it was there. */
  #restarts = 0;
  #hasTails = false;
  #pass = 0;
  #present = 0;
  #room = new Room({});

  constructor(descriptor: Descriptor) {
    this.descriptor = descriptor;
    this.lines = linesOf(descriptor);
    this.#index = new SeriesIndex(descriptor.labels);
    this.#values = new Float64Array(4 * this.lines.length);
  }

  get labelNames(): readonly string[] {
    return this.#index.names;
  }
  get version(): number {
    // When a counter began is laid out with it in some formats.
    return this.#index.version + this.#restarts;
  }
  get size(): number {
    return this.#index.size;
  }
  get slotBound(): number {
    return this.#index.slots.length;
  }
  get fence(): number {
    return this.#index.fence;
  }
  set fence(slot: number) {
    this.#index.fence = slot;
  }
  get hasTails(): boolean {
    return this.#hasTails;
  }
  /** At most as many bytes as all its series have in the text format. */
  get textBytes(): number {
    return this.size * this.fixedBytes + this.#labelBytes;
  }
  labelValues(most: number): readonly ReadonlySet<string>[] {
    return this.#index.labelValues(most);
  }

  /** `limits` are those of this family alone. */
  begin(pass: number, limits: Limits = {}): void {
    this.#room = new Room(limits);
    this.#room.occupy(this.size * this.lines.length, this.textBytes);
    this.#pass = pass;
    this.#present = 0;
    this.#extras.clear();
    this.#hasTails = false;
  }

  /**
   * Takes a sample of this family. A series that was not there before is added only if there is room for it.
   * @throws a plugin error that says what is wrong with the sample
   */
  add(sample: Sample, room: Room, refusals: Refusals, mayWait: boolean): Added {
    const { descriptor } = this;
    const labels = sample.labels ?? NO_LABELS;
    let series = this.#index.find(labels);
    let checked: Readonly<Record<string, string>> | undefined;
    if (series === undefined || countKeys(labels) !== descriptor.labels.length) {
      checked = guardLabels(descriptor, labels);
      const limit = this.#refuses(checked, room);
      if (limit !== undefined) {
        // Who waits is kept, and V8 has made one piece of its text to look for it.
        refusals.note(limit, this.lines.length, { source: this, labels: checked });
        return 'refused';
      }
      checked = wellFormed(checked, this.labelNames);
      series = this.#index.find(checked);
    }
    if (series !== undefined && series.pass === this.#pass) return 'duplicate';
    // Everything is read before anything is changed: what is read may be a getter that throws.
    const value = guardValue(descriptor, sample.value);
    const extras = this.#extrasOf(sample, value);
    if (series === undefined) {
      if (checked === undefined) return 'refused';
      const labelBytes = this.#bytesOf(checked);
      const lines = this.lines.length;
      const bytes = this.fixedBytes + labelBytes;
      const limit = this.#room.refuses(lines, bytes) ?? room.take(lines, bytes);
      if (limit !== undefined) {
        if (mayWait) return 'waits';
        refusals.note(limit, lines, { source: this, labels: checked });
        return 'refused';
      }
      series = new ConstSeries();
      this.#index.insert(checked, series);
      this.#reserve(series.slot);
      this.#room.occupy(lines, bytes);
      this.#labelBytes += labelBytes;
    }
    this.#store(series, value, extras);
    return 'added';
  }

  /** Long text that has no room is not read, which would copy it. */
  #refuses(labels: Readonly<Record<string, string>>, room: Room): Limit | undefined {
    const lines = this.lines.length;
    let length = 0;
    for (const name of this.labelNames) length += (labels[name] as string).length;
    if (length < LONG_TEXT) return undefined;
    const bytes = this.fixedBytes + lines * length;
    return this.#room.refuses(lines, bytes) ?? room.refuses(lines, bytes);
  }

  #extrasOf({ timestamp, created, exemplar }: Sample, value: Sample['value']): SeriesExtras | undefined {
    const native = typeof value === 'object' && 'native' in value ? value.native : undefined;
    if (timestamp === undefined && created === undefined && exemplar === undefined && native === undefined) {
      return undefined;
    }
    const extras = guardExtras(this.descriptor, { timestamp, created, exemplar });
    return native === undefined ? extras : { ...extras, native };
  }

  #store(series: ConstSeries, value: Sample['value'], extras: SeriesExtras | undefined): void {
    const at = series.slot * this.lines.length;
    if (typeof value === 'number') this.#values[at] = value;
    else this.#storeLines(at, value);
    const created = extras?.created;
    if (this.descriptor.type === 'counter' && (created !== undefined || this.#created.size > 0)) {
      this.#noteCreated(series.slot, created);
    }
    if (extras !== undefined) {
      this.#extras.set(series.slot, extras);
      if (extras.timestamp !== undefined || extras.exemplars !== undefined) this.#hasTails = true;
    }
    series.pass = this.#pass;
    this.#present++;
  }

  /** The bytes of the values of a series' own labels, in all its lines. */
  #bytesOf(labels: Readonly<Record<string, string>>): number {
    let bytes = 0;
    for (const name of this.labelNames) bytes += valueBytes(labels[name] as string);
    return this.lines.length * bytes;
  }

  #noteCreated(slot: number, created: number | undefined): void {
    if (this.#created.get(slot) === created) return;
    if (created === undefined) this.#created.delete(slot);
    else this.#created.set(slot, created);
    this.#restarts++;
  }

  #storeLines(first: number, value: Exclude<Sample['value'], number>): void {
    const values = this.#values;
    const { type, states = [], quantiles = [] } = this.descriptor;
    let at = first;
    if (type === 'stateset') {
      for (const state of states) values[at++] = (value as readonly string[]).includes(state) ? 1 : 0;
      return;
    }
    const { sum } = value as HistogramValue | SummaryValue;
    let count = 0;
    if (type === 'summary') {
      const summary = value as SummaryValue;
      const given = new Map(summary.quantiles);
      for (const quantile of quantiles) values[at++] = given.get(quantile) ?? Number.NaN;
      count = summary.count;
    } else {
      for (const each of (value as HistogramValue).counts) {
        count += each;
        values[at++] = count;
      }
    }
    values[at++] = sum;
    values[at] = count;
  }

  /** Forgets the series that were not in this gather, and gives their room back. */
  finish(all: Room): void {
    const rooms = [all, this.#room];
    const before = this.#index.size;
    if (this.#present === before) return;
    const lines = this.lines.length;
    if (this.#present === 0) {
      for (const room of rooms) room.release(before * lines, this.textBytes);
      this.#labelBytes = 0;
      this.#index.clear();
      this.#created.clear();
      return;
    }
    const gone: Record<string, string>[] = [];
    this.#index.walk((values, series) => {
      if (series.pass === this.#pass) return;
      const labels: Record<string, string> = {};
      this.labelNames.forEach((name, i) => {
        labels[name] = values[i] as string;
      });
      gone.push(labels);
    });
    for (const labels of gone) {
      const slot = this.#index.delete(labels)?.slot;
      if (slot !== undefined) this.#created.delete(slot);
      const labelBytes = this.#bytesOf(labels);
      this.#labelBytes -= labelBytes;
      for (const room of rooms) room.release(lines, this.fixedBytes + labelBytes);
    }
    const stride = this.lines.length;
    this.#index.compact((from, to) => {
      this.#values.copyWithin(to * stride, from * stride, (from + 1) * stride);
      moveEntry(this.#extras, from, to);
      moveEntry(this.#created, from, to);
    });
  }

  walk(visit: (labelValues: readonly string[], slot: number) => void): void {
    this.#index.walk((values, series) => visit(values, series.slot));
  }

  read(slots: Int32Array, values: Float64Array): void {
    const source = this.#values;
    const stride = this.lines.length;
    if (stride === 1) {
      for (let i = 0; i < slots.length; i++) values[i] = source[slots[i] as number] as number;
      return;
    }
    let at = 0;
    for (const slot of slots) {
      for (let line = 0; line < stride; line++) values[at++] = source[slot * stride + line] as number;
    }
  }

  extras(slot: number): SeriesExtras {
    return this.#extras.get(slot) ?? NOTHING;
  }

  #reserve(slot: number): void {
    const stride = this.lines.length;
    if ((slot + 1) * stride <= this.#values.length) return;
    const larger = new Float64Array((Math.ceil(slot * 1.5) + 4) * stride);
    larger.set(this.#values);
    this.#values = larger;
  }
}

function moveEntry<V>(map: Map<number, V>, from: number, to: number): void {
  const value = map.get(from);
  if (value === undefined) map.delete(to);
  else map.set(to, value);
  map.delete(from);
}

const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});

/** `Object.keys(labels).length` without the array. */
function countKeys(labels: object): number {
  let count = 0;
  for (const _ in labels) count++;
  return count;
}
