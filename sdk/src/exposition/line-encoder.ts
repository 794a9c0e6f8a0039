import type { MetricType } from '../metric/descriptor.ts';
import type { LineShape } from '../metric/lines.ts';
import type { Exemplar } from '../metric/sample.ts';
import type { SeriesExtras } from '../registry/source.ts';
import { Bytes, copyText } from './bytes.ts';
import type { FamilyEncoder } from './encoder.ts';
import { labelBlock, seriesHead, seriesName } from './escape.ts';
import type { ExposedFamily, FamilyHeader } from './exposed.ts';
import { LabelBytes } from './label-bytes.ts';
import type { LineFormat } from './line-format.ts';
import { type Escaping, escapeLabelName, escapeMetricName } from './names.ts';
import { RenderedLines, type WriteValue } from './rendered-lines.ts';

const NO_EXTRAS: SeriesExtras = {};
const HAS_CREATED: ReadonlySet<MetricType> = new Set(['counter', 'histogram', 'summary']);

/** Writes families as lines, and keeps the lines: the next time only values that changed are formatted. */
export class LineEncoder implements FamilyEncoder {
  readonly #format: LineFormat;
  readonly #escaping: Escaping;
  readonly #lines: RenderedLines;
  #layout: number | undefined;
  /** Lines that have more than a value are written anew each time. */
  #written: Uint8Array | undefined;

  constructor(format: LineFormat, escaping: Escaping) {
    this.#format = format;
    this.#escaping = escaping;
    this.#lines = new RenderedLines(format.write);
  }

  encode(family: ExposedFamily): readonly Uint8Array[] {
    for (const _ of this.encodeInSlices(family));
    return this.lend();
  }

  *encodeInSlices(family: ExposedFamily): Iterable<void> {
    if (family.hasTails || (this.#format.showsCreated && HAS_CREATED.has(family.type))) {
      this.#written = Buffer.from(this.#writeAll(family));
      this.#layout = undefined;
      return;
    }
    this.#written = undefined;
    if (this.#layout !== family.layout) {
      this.#layOut(family);
      this.#layout = family.layout;
      return;
    }
    for (let chunk = 0; chunk < this.#lines.chunkCount; chunk++) {
      this.#lines.update(chunk, family.values);
      yield;
    }
  }

  lend(): readonly Uint8Array[] {
    return this.#written === undefined ? this.#lines.lend() : [this.#written];
  }

  giveBack(): void {
    this.#lines.giveBack();
  }

  #layOut(family: ExposedFamily): void {
    const name = this.#name(family);
    const labels = new LabelBytes();
    const line = new LineBytes();
    const escaped = new Map<readonly string[], readonly string[]>();
    const frames = new Map<LineShape, Frame>();
    this.#lines.layOut(family.values, (add) => {
      family.visit((names, values, shapes) => {
        let shown = escaped.get(names);
        if (shown === undefined) {
          shown = this.#escapeNames(names);
          escaped.set(names, shown);
        }
        const length = labels.write(shown, values);
        for (const shape of shapes) {
          let frame = frames.get(shape);
          if (frame === undefined || frame.hasLabels !== length > 0) {
            frame = this.#frame(name, length > 0, shape);
            frames.set(shape, frame);
          }
          // Writing may replace the bytes that are written to.
          const end = line.write(frame, labels.bytes, length);
          add(line.bytes, end, shape.isCount === true);
        }
      });
    });
  }

  /** What stands around the labels of a line: `name_bucket{` and `,le="1"} `. */
  #frame(name: string, hasLabels: boolean, shape: LineShape): Frame {
    const own = this.#ownLabel(shape);
    if (!hasLabels) {
      return { hasLabels, head: bytesOf(`${seriesName(name + shape.suffix, own)} `), tail: bytesOf('') };
    }
    const tail = own === '' ? '} ' : `,${own}} `;
    return { hasLabels, head: bytesOf(seriesHead(name + shape.suffix)), tail: bytesOf(tail) };
  }

  #name({ name, type }: FamilyHeader): string {
    return this.#format.lineName({ name: escapeMetricName(name, this.#escaping), type });
  }

  #block(names: readonly string[], values: readonly string[]): string {
    return labelBlock(this.#escapeNames(names), values);
  }

  #escapeNames(names: readonly string[]): readonly string[] {
    return names.map((name) => escapeLabelName(name, this.#escaping));
  }

  #series(name: string, block: string, shape: LineShape): string {
    const own = this.#ownLabel(shape);
    return seriesName(name + shape.suffix, block === '' || own === '' ? block + own : `${block},${own}`);
  }

  /** The label that only this line has, `le="1"`; nothing for most. */
  #ownLabel({ label }: LineShape): string {
    if (label === undefined) return '';
    const [name, value] = label;
    const text = typeof value === 'number' ? this.#format.formatBound(value) : value;
    return labelBlock([escapeLabelName(name, this.#escaping)], [text]);
  }

  #writeAll(family: ExposedFamily): string {
    const format = this.#format;
    const details = family.details();
    const name = this.#name(family);
    const number = new NumberText(format.write);
    let text = '';
    let line = 0;
    let series = 0;
    family.visit((names, values, shapes) => {
      const { timestamp, exemplars, created } = details[series++] ?? NO_EXTRAS;
      const block = this.#block(names, values);
      const time = timestamp === undefined ? '' : ` ${format.formatTimestamp(timestamp)}`;
      shapes.forEach((shape, i) => {
        const value = number.of(family.values[line++] as number, shape.isCount === true);
        const exemplar = exemplars?.get(i);
        const tail =
          exemplar !== undefined && format.takesExemplar(family, shape)
            ? this.#exemplar(exemplar, number)
            : '';
        text += `${this.#series(name, block, shape)} ${value}${time}${tail}\n`;
      });
      if (created !== undefined && format.showsCreated) {
        const base =
          family.type === 'counter' && name.endsWith('_total') ? name.slice(0, -'_total'.length) : name;
        text += `${seriesName(`${base}_created`, block)} ${format.formatTimestamp(created)}\n`;
      }
    });
    return text;
  }

  #exemplar({ labels, value, timestamp }: Exemplar, number: NumberText): string {
    const block = this.#block(Object.keys(labels), Object.values(labels));
    const time = timestamp === undefined ? '' : ` ${this.#format.formatTimestamp(timestamp)}`;
    return ` # {${block}} ${number.of(value, false)}${time}`;
  }
}

interface Text {
  readonly bytes: Bytes;
  readonly length: number;
}

/** What stands before and behind the labels of a line, up to its value. */
interface Frame {
  readonly hasLabels: boolean;
  readonly head: Text;
  readonly tail: Text;
}

function bytesOf(text: string): Text {
  const encoded = Buffer.from(text);
  const bytes = new Bytes(encoded.length);
  bytes.array.set(encoded);
  return { bytes, length: encoded.length };
}

/** Puts what stands before a value together. */
class LineBytes {
  bytes = new Bytes(1024);

  write({ head, tail }: Frame, labels: Bytes, length: number): number {
    const needed = head.length + length + tail.length;
    if (needed > this.bytes.capacity) this.bytes = new Bytes(2 * needed);
    const behindHead = copyText(head.bytes, 0, head.length, this.bytes, 0);
    const behindLabels = copyText(labels, 0, length, this.bytes, behindHead);
    return copyText(tail.bytes, 0, tail.length, this.bytes, behindLabels);
  }
}

/** A value's digits as text. */
class NumberText {
  readonly #write: WriteValue;
  readonly #bytes = Buffer.alloc(32);

  constructor(write: WriteValue) {
    this.#write = write;
  }
  of(value: number, isCount: boolean): string {
    return this.#bytes.toString('latin1', 0, this.#write(this.#bytes, 0, value, isCount));
  }
}
