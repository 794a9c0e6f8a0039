import type { MetricType } from '../metric/descriptor.ts';
import type { LineShape } from '../metric/lines.ts';
import type { NativeBuckets, NativeValue } from '../metric/native-value.ts';
import type { Exemplar } from '../metric/sample.ts';
import type { SeriesExtras } from '../registry/source.ts';
import type { FamilyEncoder } from './encoder.ts';
import type { ExposedFamily, FamilyHeader } from './exposed.ts';
import { type Escaping, escapeLabelName, escapeMetricName } from './names.ts';
import { ProtoWriter } from './proto-writer.ts';

// The protobuf format, delimited: io.prometheus.client.MetricFamily of
// github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto.

/** `MetricType` and the field of `Metric` that holds the value. */
const TYPES: Readonly<Record<MetricType, { readonly type: number; readonly field: number }>> = {
  counter: { type: 0, field: 3 },
  gauge: { type: 1, field: 2 },
  info: { type: 1, field: 2 },
  stateset: { type: 1, field: 2 },
  summary: { type: 2, field: 4 },
  untyped: { type: 3, field: 5 },
  histogram: { type: 4, field: 7 },
};

const METRIC_FIELD = 4;
const VALUE_FIELD = 1;

/**
 * What stands before the metrics of a family: the length of the whole message, then its name, help, type
 * and unit. `metricBytes` is how many bytes of metrics follow.
 */
export function protobufHeader(
  { name, help, type, unit }: FamilyHeader,
  metricBytes: number,
  escaping: Escaping = 'underscores',
): Uint8Array {
  const writer = new ProtoWriter();
  writer.string(1, escapeMetricName(name, escaping));
  if (help !== '') writer.string(2, help);
  writer.uint(3, TYPES[type].type);
  if (unit !== undefined) writer.string(5, unit);
  const fields = writer.take();
  return Buffer.concat([varint(fields.byteLength + metricBytes), fields]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

/** Series whose message never changes its length: name, labels and one double. */
interface FixedRecords {
  bytes: Uint8Array;
  view: DataView;
  /** Where each value's eight bytes are. */
  readonly at: Uint32Array;
}

/** Writes families as `Metric` messages. Numbers that stand alone are put in place; the rest is written anew. */
export class ProtobufEncoder implements FamilyEncoder {
  readonly #escaping: Escaping;
  #layout: number | undefined;
  #records: FixedRecords | undefined;
  #written: Uint8Array = new Uint8Array(0);
  #isLent = false;

  constructor(escaping: Escaping) {
    this.#escaping = escaping;
  }

  encode(family: ExposedFamily): readonly Uint8Array[] {
    for (const _ of this.encodeInSlices(family));
    return this.lend();
  }

  // biome-ignore lint/correctness/useYield: a family is written at once.
  *encodeInSlices(family: ExposedFamily): Iterable<void> {
    const isFixed = family.type !== 'histogram' && family.type !== 'summary' && !family.hasTails;
    if (!isFixed) {
      this.#written = this.#writeAll(family);
      this.#records = undefined;
      this.#layout = undefined;
      return;
    }
    if (this.#records === undefined || this.#layout !== family.layout) {
      this.#records = this.#layOut(family);
      this.#layout = family.layout;
      this.#isLent = false;
    }
    this.#put(this.#records, family.values);
  }

  lend(): readonly Uint8Array[] {
    this.#isLent = true;
    return [this.#records?.bytes ?? this.#written];
  }

  giveBack(): void {
    this.#isLent = false;
  }

  #put(records: FixedRecords, values: Float64Array): void {
    if (this.#isLent) {
      records.bytes = records.bytes.slice();
      records.view = new DataView(records.bytes.buffer, records.bytes.byteOffset, records.bytes.byteLength);
      this.#isLent = false;
    }
    const { view, at } = records;
    let isChanged = false;
    for (let line = 0; line < at.length; line++) {
      const value = values[line] as number;
      if (Object.is(view.getFloat64(at[line] as number, true), value)) continue;
      view.setFloat64(at[line] as number, value, true);
      isChanged = true;
    }
    // What has changed is another object.
    if (isChanged) records.bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  }

  #layOut(family: ExposedFamily): FixedRecords {
    const writer = new ProtoWriter();
    const at = new Uint32Array(family.lineCount);
    const { field } = TYPES[family.type];
    const details = family.type === 'counter' ? family.details() : [];
    let line = 0;
    let series = 0;
    family.visit((names, values, lines) => {
      const began = details[series++]?.created;
      for (const shape of lines) {
        let fromEnd = 0;
        writer.message(METRIC_FIELD, () => {
          this.#labels(writer, names, values, shape);
          writer.message(field, () => {
            writer.double(VALUE_FIELD, 0);
            const behindValue = writer.length;
            if (began !== undefined) writer.message(3, () => timestamp(writer, began));
            fromEnd = writer.length - behindValue + 8;
          });
        });
        at[line++] = writer.length - fromEnd;
      }
    });
    const bytes = writer.take();
    return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset), at };
  }

  #labels(
    writer: ProtoWriter,
    names: readonly string[],
    values: readonly string[],
    { label }: LineShape = { suffix: '' },
  ): void {
    const pair = (name: string, value: string) =>
      writer.message(1, () => {
        writer.string(1, escapeLabelName(name, this.#escaping));
        writer.string(2, value);
      });
    for (const [i, name] of names.entries()) pair(name, values[i] as string);
    if (typeof label?.[1] === 'string') pair(label[0], label[1]);
  }

  #writeAll(family: ExposedFamily): Uint8Array {
    const writer = new ProtoWriter();
    const details = family.details();
    let line = 0;
    let series = 0;
    family.visit((names, values, lines) => {
      const extras: SeriesExtras = details[series] ?? {};
      const numbers = family.values.subarray(line, line + lines.length);
      line += lines.length;
      series++;
      if (family.type === 'histogram' || family.type === 'summary') {
        this.#metric(writer, family.type, names, values, undefined, extras, () =>
          family.type === 'histogram'
            ? this.#histogram(writer, lines, numbers, extras)
            : summaryFields(writer, lines, numbers, extras),
        );
        return;
      }
      lines.forEach((shape, i) => {
        this.#metric(writer, family.type, names, values, shape, extras, () => {
          writer.double(VALUE_FIELD, numbers[i] as number);
          const exemplar = extras.exemplars?.get(i);
          if (family.type !== 'counter') return;
          if (exemplar) writer.message(2, () => this.#exemplar(writer, exemplar));
          if (extras.created !== undefined) writer.message(3, () => timestamp(writer, extras.created ?? 0));
        });
      });
    });
    return writer.take();
  }

  #metric(
    writer: ProtoWriter,
    type: MetricType,
    names: readonly string[],
    values: readonly string[],
    shape: LineShape | undefined,
    extras: SeriesExtras,
    fields: () => void,
  ): void {
    writer.message(METRIC_FIELD, () => {
      this.#labels(writer, names, values, shape);
      writer.message(TYPES[type].field, fields);
      if (extras.timestamp !== undefined) writer.int(6, Math.trunc(extras.timestamp));
    });
  }

  #histogram(
    writer: ProtoWriter,
    lines: readonly LineShape[],
    values: Float64Array,
    { created, exemplars, native }: SeriesExtras,
  ): void {
    // In the order of the fields' numbers, as every encoder writes them.
    const isWhole =
      native !== undefined ||
      lines.every(({ isCount }, i) => isCount !== true || Number.isSafeInteger(values[i]));
    const countAt = lines.findIndex(({ suffix }) => suffix === '_count');
    const sumAt = lines.findIndex(({ suffix }) => suffix === '_sum');
    // Observations may have come since `values` were read: what native buckets count belongs to them.
    const count = native?.count ?? values[countAt];
    const sum = native?.sum ?? values[sumAt];
    if (count !== undefined && isWhole) writer.uint(1, count);
    if (sum !== undefined) writer.double(2, sum);
    lines.forEach(({ label }, i) => {
      const exemplar = exemplars?.get(i);
      const isNeeded =
        label !== undefined && (label[1] !== Number.POSITIVE_INFINITY || exemplar !== undefined);
      if (!isNeeded) return;
      writer.message(3, () => {
        if (isWhole) writer.uint(1, values[i] as number);
        writer.double(2, Number(label[1]));
        if (exemplar) writer.message(3, () => this.#exemplar(writer, exemplar));
        if (!isWhole) writer.double(4, values[i] as number);
      });
    });
    if (count !== undefined && !isWhole) writer.double(4, count);
    if (native !== undefined) nativeFields(writer, native);
    if (created !== undefined) writer.message(15, () => timestamp(writer, created));
  }

  #exemplar(writer: ProtoWriter, { labels, value, timestamp: time }: Exemplar): void {
    this.#labels(writer, Object.keys(labels), Object.values(labels));
    writer.double(2, value);
    if (time !== undefined) writer.message(3, () => timestamp(writer, time));
  }
}

function nativeFields(
  writer: ProtoWriter,
  { schema, zeroThreshold, zeroCount, negative, positive }: NativeValue,
): void {
  writer.sint(5, schema);
  writer.double(6, zeroThreshold);
  writer.uint(7, zeroCount);
  const buckets = ({ spans, deltas }: NativeBuckets, spanField: number, deltaField: number) => {
    for (const { offset, length } of spans) {
      writer.message(spanField, () => {
        writer.sint(1, offset);
        writer.uint(2, length);
      });
    }
    for (const delta of deltas) writer.sint(deltaField, delta);
  };
  buckets(negative, 9, 10);
  buckets(positive, 12, 13);
}

/** The largest double that 64 bits hold. */
const MAX_UINT64 = 2 ** 64 - 2048;

function summaryFields(
  writer: ProtoWriter,
  lines: readonly LineShape[],
  values: Float64Array,
  { created }: SeriesExtras,
): void {
  const count = lines.findIndex(({ suffix }) => suffix === '_count');
  const sum = lines.findIndex(({ suffix }) => suffix === '_sum');
  // There is no field for a count that is not whole, or has more than 64 bits.
  if (count >= 0) writer.uint(1, Math.min(Math.trunc(values[count] as number), MAX_UINT64));
  if (sum >= 0) writer.double(2, values[sum] as number);
  lines.forEach(({ label }, i) => {
    if (label === undefined) return;
    writer.message(3, () => {
      writer.double(1, Number(label[1]));
      writer.double(2, values[i] as number);
    });
  });
  if (created !== undefined) writer.message(4, () => timestamp(writer, created));
}

/** A `google.protobuf.Timestamp`. */
function timestamp(writer: ProtoWriter, milliseconds: number): void {
  const seconds = Math.floor(milliseconds / 1000);
  writer.int(1, seconds);
  writer.uint(2, Math.floor((milliseconds - seconds * 1000) * 1e6));
}
