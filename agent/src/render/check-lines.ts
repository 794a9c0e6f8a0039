import type { MetricType } from '@dynamic-informer/sdk';
import {
  type Encoding,
  escapeLabelName,
  escapeMetricName,
  isLegacyLabelName,
  labelText,
  seriesHead,
} from '@dynamic-informer/sdk/host';
import { type Breath, breathe } from '../breathe.ts';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const COMMA = 0x2c;
const HASH = 0x23;

const SUFFIXES: Readonly<Partial<Record<MetricType, readonly string[]>>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Values as Go prints them; nothing else comes from an honest host. */
const VALUE = /^(?:-?(?:\d+(?:\.\d+)?(?:e[+-]\d{2,3})?|Inf)|\+Inf|NaN)$/;
const TEXT_TIME = /^-?\d+$/;

/** A series' labels are held to less in its host; a longer line would hold the event loop by itself. */
const MAX_LINE_BYTES = 1024 * 1024;
/** How much is checked between two looks at the clock. */
const BYTES_AT_A_TIME = 64 * 1024;

/** What lines may look like. */
export interface LineRules {
  /** What lines may begin with, up to their first label: `name{`, or `{"a name",`. */
  readonly heads: readonly Buffer[];
  /** `resource="NAME"`, which every line must have. */
  readonly resource: Buffer;
  /** Labels that stand behind the sorted ones: `le`, `quantile`, a stateset's own. */
  readonly last: string;
  /** Names that are not of the old form have another order when they are escaped. */
  readonly ascends: boolean;
  /** Whether names may stand in quotes. */
  readonly quotes: boolean;
  readonly hasExemplars: boolean;
}

export function lineRules(
  {
    name,
    type,
    hasLegacyNames = false,
  }: { readonly name: string; readonly type: MetricType; readonly hasLegacyNames?: boolean | undefined },
  { format, escaping }: Encoding,
  resource: string,
): LineRules {
  const isText = format === 'text';
  const escaped = escapeMetricName(name, escaping);
  const ending = isText ? undefined : OPENMETRICS_ENDINGS[type];
  const family =
    ending !== undefined && escaped.endsWith(ending) ? escaped.slice(0, -ending.length) : escaped;
  const suffixes = [
    ...(ending === undefined ? (SUFFIXES[type] ?? ['']) : [ending]),
    ...(isText ? [] : ['_created']),
  ];
  return {
    heads: suffixes.map((suffix) => Buffer.from(seriesHead(family + suffix))),
    ascends: hasLegacyNames,
    quotes: escaping === 'allow-utf-8',
    resource: Buffer.from(`resource="${resource}"`),
    last:
      type === 'histogram'
        ? 'le'
        : type === 'summary'
          ? 'quantile'
          : type === 'stateset'
            ? labelText(escapeLabelName(name, escaping))
            : '',
    hasExemplars: !isText,
  };
}

/** What OpenMetrics takes from a family's name for its header, and gives its lines. */
const OPENMETRICS_ENDINGS: Readonly<Partial<Record<MetricType, string>>> = {
  counter: '_total',
  info: '_info',
};

/** Lines that were found to be right, and where each and its value begins. */
export interface CheckedLines {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly starts: Uint32Array;
  readonly values: Uint32Array;
  readonly count: number;
}

/**
 * Whether bytes are sample lines of their own family that all carry the resource's label. A host is not
 * trusted: one bad byte could make a scraper reject the whole page. What stands before a value is most
 * often what stood there the last time, `known`, and is only compared with that then.
 * @returns what is wrong, or the lines
 */
export async function checkLines(
  given: Uint8Array,
  rules: LineRules,
  known: CheckedLines | undefined,
  pause: Breath = breathe(),
): Promise<string | CheckedLines> {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const view = new DataView(given.buffer, given.byteOffset, given.byteLength);
  const room = Math.max(16, (known?.count ?? 0) + 16);
  let starts = new Uint32Array(room);
  let values = new Uint32Array(room);
  let position = 0;
  let looked = 0;
  let count = 0;
  let candidate = 0;
  while (position < bytes.length) {
    let value = -1;
    if (known !== undefined) {
      const same = sameLine(known, candidate, bytes, view, position);
      if (same >= 0) {
        value = position + (known.values[same] as number) - (known.starts[same] as number);
        candidate = same + 1;
      }
    }
    if (value < 0) {
      const end = bytes.indexOf(NEWLINE, position);
      if (end < 0) return 'its last line does not end';
      if (end - position > MAX_LINE_BYTES) return `a line has ${end - position} bytes`;
      const labels = checkSeries(bytes, position, end, rules);
      if (typeof labels === 'string') return `${labels}: ${quote(bytes, position, end)}`;
      value = labels;
    }
    let end = endOfInteger(bytes, value);
    if (end < 0) {
      end = bytes.indexOf(NEWLINE, value);
      if (end < 0) return 'its last line does not end';
      const fault = checkTail(bytes, value, end, rules);
      if (fault !== undefined) return `${fault}: ${quote(bytes, position, end)}`;
    }
    if (count === starts.length) {
      starts = larger(starts);
      values = larger(values);
    }
    starts[count] = position;
    values[count] = value;
    count++;
    position = end + 1;
    if (count % 256 !== 0 && position - looked < BYTES_AT_A_TIME) continue;
    looked = position;
    if (pause.isDue()) await pause.now();
  }
  return { bytes, view, starts, values, count };
}

function larger(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(array.length * 2);
  copy.set(array);
  return copy;
}

/** Which of the next two known lines begins as this one does, up to its value; -1 for none. */
function sameLine(
  known: CheckedLines,
  candidate: number,
  bytes: Buffer,
  view: DataView,
  position: number,
): number {
  if (candidate < known.count && isSamePrefix(known, candidate, bytes, view, position)) return candidate;
  const next = candidate + 1;
  return next < known.count && isSamePrefix(known, next, bytes, view, position) ? next : -1;
}

function isSamePrefix(
  known: CheckedLines,
  line: number,
  bytes: Buffer,
  view: DataView,
  position: number,
): boolean {
  const start = known.starts[line] as number;
  const length = (known.values[line] as number) - start;
  const old = known.bytes;
  if (position + length >= bytes.length) return false;
  // Eight bytes at a time, as floats: what is equal as a float is equal in bytes but for eight zeros beside
  // minus zero, which is no valid text either way; a NaN equals nothing, so such a line is looked at anew.
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    if (known.view.getFloat64(start + i, true) !== view.getFloat64(position + i, true)) return false;
  }
  for (; i < length; i++) if (old[start + i] !== bytes[position + i]) return false;
  return true;
}

/** The position of the newline behind a plain decimal number, or -1 for anything else. */
function endOfInteger(bytes: Buffer, start: number): number {
  let position = start;
  let digits = 0;
  let byte = bytes[position] as number;
  while (byte >= 0x30 && byte <= 0x39) {
    digits++;
    byte = bytes[++position] as number;
  }
  if (digits === 0 || digits > 17) return -1;
  if (byte === 0x2e) {
    const point = position;
    byte = bytes[++position] as number;
    while (byte >= 0x30 && byte <= 0x39) byte = bytes[++position] as number;
    if (position === point + 1 || position > point + 24) return -1;
  }
  return byte === NEWLINE ? position : -1;
}

/** Any value, and what may stand behind it. */
function checkTail(bytes: Buffer, start: number, end: number, rules: LineRules): string | undefined {
  const exemplar = rules.hasExemplars ? bytes.indexOf(HASH, start) : -1;
  const hasExemplar = exemplar > start && exemplar < end;
  const numbers = bytes.toString('latin1', start, hasExemplar ? exemplar - 1 : end).split(' ');
  const [value = '', time] = numbers;
  const isTime = (text: string) => (rules.hasExemplars ? VALUE : TEXT_TIME).test(text);
  if (!VALUE.test(value) || numbers.length > 2 || (time !== undefined && !isTime(time))) {
    return 'a value is not a number';
  }
  return hasExemplar ? checkExemplar(bytes, exemplar, end) : undefined;
}

/** `# {labels} value [time]` */
function checkExemplar(bytes: Buffer, start: number, end: number): string | undefined {
  const fault = 'an exemplar can not be read';
  if (bytes[start - 1] !== SPACE || bytes[start + 1] !== SPACE || bytes[start + 2] !== OPEN) return fault;
  let position = start + 3;
  while (bytes[position] !== CLOSE) {
    const name = position;
    while (isNameByte(bytes[position] as number)) position++;
    if (position === name || bytes[position] !== EQUALS || bytes[position + 1] !== QUOTE) return fault;
    position = endOfQuoted(bytes, position + 2, end);
    if (position < 0) return fault;
    if (bytes[position] === COMMA) position++;
    else if (bytes[position] !== CLOSE) return fault;
  }
  const numbers = bytes.toString('latin1', position + 2, end).split(' ');
  const isRight =
    bytes[position + 1] === SPACE && numbers.length <= 2 && numbers.every((text) => VALUE.test(text));
  return isRight ? undefined : fault;
}

/** The position of the value of a line, or what is wrong with what stands before it. */
function checkSeries(bytes: Buffer, start: number, end: number, rules: LineRules): number | string {
  const open = bytes.indexOf(OPEN, start);
  if (open < 0 || open > end) return 'a line has no labels';
  const head = rules.heads.find((each) => equalsAt(bytes, start, start + each.length, each));
  if (head === undefined) return 'a line is of another family';
  const labels = skipLabels(bytes, start + head.length, end, rules);
  if (labels < 0) return 'a label block can not be read, or lacks the label "resource"';
  return bytes[labels] === SPACE ? labels + 1 : 'a line has no value';
}

/** The position behind the closing brace, or -1. None may stand twice, which is clear where they ascend. */
function skipLabels(
  bytes: Buffer,
  first: number,
  end: number,
  { resource, last, ascends, quotes }: LineRules,
): number {
  let position = first;
  let previous = '';
  const seen = new Set<string>();
  let found = false;
  for (;;) {
    const start = position;
    if (quotes && bytes[position] === QUOTE) position = endOfQuotedName(bytes, position, end);
    else while (position < end && isNameByte(bytes[position] as number)) position++;
    if (position <= start || bytes[position] !== EQUALS || bytes[position + 1] !== QUOTE) return -1;
    const name = bytes.toString('latin1', start, position);
    // What the type adds comes last.
    if (ascends ? name <= previous && name !== last : seen.has(name)) return -1;
    if (name === '__name__') return -1;
    if (!ascends) seen.add(name);
    previous = name;
    position = endOfQuoted(bytes, position + 2, end);
    if (position < 0) return -1;
    if (name === 'resource') {
      if (found || !equalsAt(bytes, start, position, resource)) return -1;
      found = true;
    }
    if (bytes[position] === CLOSE) return found ? position + 1 : -1;
    if (bytes[position] !== COMMA) return -1;
    position++;
  }
}

/** The position behind the closing quote, or -1 if the line ends before. */
function endOfQuoted(bytes: Buffer, start: number, end: number): number {
  let position = start;
  while (position < end && bytes[position] !== QUOTE) position += bytes[position] === BACKSLASH ? 2 : 1;
  return position < end ? position + 1 : -1;
}

/**
 * The position behind a label's name in quotes, or -1. Such a name has one way only to be written: without
 * quotes where that is possible, and with a backslash where nothing else will do.
 */
function endOfQuotedName(bytes: Buffer, start: number, end: number): number {
  const behind = endOfQuoted(bytes, start + 1, end);
  const text = bytes.toString('utf8', start + 1, behind - 1);
  const isRight =
    behind > start + 2 &&
    /^(?:[^\\]|\\[\\n"])+$/.test(text) &&
    !isLegacyLabelName(text) &&
    !text.startsWith('__');
  return isRight ? behind : -1;
}

const isNameByte = (byte: number): boolean =>
  (byte >= 0x61 && byte <= 0x7a) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x30 && byte <= 0x39) ||
  byte === 0x5f ||
  byte === 0x3a;

const equalsAt = (bytes: Buffer, start: number, end: number, expected: Buffer): boolean =>
  end - start === expected.length && bytes.compare(expected, 0, expected.length, start, end) === 0;

const quote = (bytes: Buffer, start: number, end: number): string =>
  JSON.stringify(bytes.toString('utf8', start, Math.min(end, start + 120)));
