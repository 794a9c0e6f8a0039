import { escapeLabelValue } from '../exposition/escape.ts';
import { MAX_VALUE_BYTES } from '../exposition/number.ts';
import type { LineShape } from '../metric/lines.ts';

/**
 * How many characters the label values of one series may have together, the resource's own labels not counted.
 * Receivers take far less: Grafana Mimir 2,048 bytes a value, VictoriaMetrics 4 KiB by default. V8 computes no hash of
 * what is longer: in a map, long texts of one length would all be compared with each other, and copied for that.
 */
export const MAX_LABEL_TEXT = 16_383;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const FIRST_BEYOND_ASCII = 0x80;

/** Name and braces, a comma, quotes around a name that needs them. */
const AROUND_NAME = 5;
/** `="",` and quotes around a name that needs them. */
const AROUND_LABEL = 6;
/** A space and milliseconds since the epoch, with a sign. */
const TIMESTAMP = 18;

/** The bytes of a label's value between its quotes. */
export function valueBytes(value: string): number {
  let bytes = value.length;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= FIRST_BEYOND_ASCII) return Buffer.byteLength(escapeLabelValue(value));
    if (code === QUOTE || code === BACKSLASH || code === NEWLINE) bytes++;
  }
  return bytes;
}

export const valuesBytes = (values: readonly string[]): number =>
  values.reduce((sum, value) => sum + valueBytes(value), 0);

/** The bytes of labels beside their values. */
export const namesBytes = (names: readonly string[]): number =>
  names.reduce((sum, name) => sum + Buffer.byteLength(name) + AROUND_LABEL, 0);

/** At most as many bytes as a line has beside the labels that all lines of its series have. */
export function lineBytes(name: string, { suffix, label }: LineShape): number {
  const own =
    label === undefined
      ? 0
      : namesBytes([label[0]]) + (typeof label[1] === 'string' ? valueBytes(label[1]) : MAX_VALUE_BYTES);
  return Buffer.byteLength(name) + suffix.length + AROUND_NAME + own + 1 + MAX_VALUE_BYTES + TIMESTAMP + 1;
}

/** Whether the label values of one series are longer than may be; nothing is joined to find out. */
export function isTooLong(values: readonly string[]): boolean {
  let length = 0;
  for (const value of values) length += value.length;
  return length > MAX_LABEL_TEXT;
}
