import { FAMILIES, mixBits } from './mix-a.ts';
import { HISTOGRAMS } from './mix-h.ts';

const WANTED: ReadonlySet<string> = new Set([
  ...FAMILIES.map(({ name }) => name),
  ...HISTOGRAMS.flatMap(({ name }) => [`${name}_bucket`, `${name}_sum`, `${name}_count`]),
]);
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
/** The agent adds this label to all that it exposes. */
const ADDED = hashOf(Buffer.from('resource='), 0, 'resource='.length);

/**
 * The series and values of a mix in a text exposition, as "N series, HASH": the same whatever the order of
 * families, series and labels is, however numbers are written, and whatever else is exposed. It adds up
 * hashes of bytes: to sort a million lines would take longer than all that is measured with them.
 * @throws if there is another number of series: equal digests of nothing would say nothing
 */
export function digestOf(exposition: Buffer, expectedSeries: number): string {
  let series = 0;
  // Of a million hashes of 32 bits the sum is exact.
  let sum = 0;
  for (let start = 0, end = 0; start < exposition.length; start = end + 1) {
    end = exposition.indexOf(NEWLINE, start);
    if (end < 0) end = exposition.length;
    const open = exposition.indexOf('{', start);
    if (open < 0 || open > end || !WANTED.has(exposition.toString('latin1', start, open))) continue;
    const space = exposition.lastIndexOf(' ', end);
    const value = Number(exposition.toString('latin1', space + 1, end));
    const labels = hashOfLabels(exposition, open + 1, space);
    series++;
    sum += mixBits(mixBits(hashOf(exposition, start, open) + labels) ^ hashOfNumber(value)) >>> 0;
  }
  if (series !== expectedSeries) {
    throw new Error(`The exposition holds ${series} series of the mix instead of ${expectedSeries}.`);
  }
  return `${series} series, ${sum.toString(16)}`;
}

/** Of `a="1",b="2"}`, whatever the labels' order; the mixes' label values hold no quotes. */
function hashOfLabels(bytes: Buffer, from: number, end: number): number {
  let sum = 0;
  for (let start = from; start < end; ) {
    const value = bytes.indexOf(QUOTE, start);
    const close = bytes.indexOf(QUOTE, value + 1);
    if (value < 0 || close < 0) break;
    if (hashOf(bytes, start, value) !== ADDED) sum = (sum + mixBits(hashOf(bytes, start, close))) | 0;
    start = bytes[close + 1] === COMMA ? close + 2 : end;
  }
  return sum;
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let bits = 0x811c9dc5;
  for (let i = start; i < end; i++) bits = Math.imul(bits ^ (bytes[i] ?? 0), 0x01000193);
  return bits;
}

const number = new Float64Array(1);
const halves = new Int32Array(number.buffer);

function hashOfNumber(value: number): number {
  number[0] = value;
  return mixBits(mixBits(halves[0] ?? 0) ^ (halves[1] ?? 0));
}
