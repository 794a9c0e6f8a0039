import type { Fragment } from '../contract.ts';

/** How long the event loop may be held at one time. */
const SLICE_MS = 1;
const LINES_BETWEEN_LOOKS = 512;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const COMMA = 0x2c;

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
};

/** Values as Go prints them; nothing else comes from an honest host. */
const VALUE = /^(?:-?(?:\d+(?:\.\d+)?(?:e[+-]\d{2,3})?|Inf)|\+Inf|NaN)$/;

/**
 * Whether a fragment's bytes are sample lines of its own family that all carry the resource's label, and
 * as many series as it says. A host is not trusted: one bad byte could make a scraper reject the whole page.
 * @returns what is wrong, or `undefined`
 */
export async function checkFragment(fragment: Fragment, resource: string): Promise<string | undefined> {
  const { text, name, type, series } = fragment;
  const names = (SUFFIXES[type] ?? ['']).map((suffix) => Buffer.from(name + suffix));
  const label = Buffer.from(`resource="${resource}"`);
  let position = 0;
  let lines = 0;
  let sliceStart = performance.now();
  while (position < text.length) {
    const end = text.indexOf(NEWLINE, position);
    if (end < 0) return 'its last line does not end';
    const fault = checkLine(text, position, end, names, label);
    if (fault) return `${fault}: ${quote(text, position, end)}`;
    position = end + 1;
    if (++lines % LINES_BETWEEN_LOOKS === 0 && performance.now() - sliceStart >= SLICE_MS) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      sliceStart = performance.now();
    }
  }
  if (lines < series) return `it has ${lines} lines for ${series} series`;
  return undefined;
}

function checkLine(
  text: Uint8Array,
  start: number,
  end: number,
  names: readonly Buffer[],
  label: Buffer,
): string | undefined {
  const open = text.indexOf(OPEN, start);
  if (open < 0 || open > end) return 'a line has no labels';
  if (!names.some((name) => equalsAt(text, start, open, name))) return 'a line is of another family';
  const labels = skipLabels(text, open, end, label);
  if (labels < 0) return 'a label block can not be read, or lacks the label "resource"';
  if (text[labels] !== SPACE) return 'a line has no value';
  const value = Buffer.from(text.buffer, text.byteOffset + labels + 1, end - labels - 1).toString('latin1');
  return VALUE.test(value) ? undefined : 'a value is not a number';
}

/** The position behind the closing brace, or -1. The names must ascend: then none stands twice. */
function skipLabels(text: Uint8Array, open: number, end: number, label: Buffer): number {
  let position = open + 1;
  let previous = '';
  let found = false;
  for (;;) {
    const start = position;
    while (position < end && isNameByte(text[position] as number)) position++;
    if (position === start || text[position] !== EQUALS || text[position + 1] !== QUOTE) return -1;
    const name = Buffer.from(text.buffer, text.byteOffset + start, position - start).toString('latin1');
    // A histogram's `le` comes last.
    if (name <= previous && name !== 'le') return -1;
    previous = name;
    position += 2;
    while (position < end && text[position] !== QUOTE) position += text[position] === BACKSLASH ? 2 : 1;
    if (position >= end) return -1;
    position++;
    if (name === 'resource') {
      if (found || !equalsAt(text, start, position, label)) return -1;
      found = true;
    }
    if (text[position] === CLOSE) return found ? position + 1 : -1;
    if (text[position] !== COMMA) return -1;
    position++;
  }
}

const isNameByte = (byte: number): boolean =>
  (byte >= 0x61 && byte <= 0x7a) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x30 && byte <= 0x39) ||
  byte === 0x5f;

function equalsAt(text: Uint8Array, start: number, end: number, expected: Buffer): boolean {
  return (
    end - start === expected.length &&
    expected.equals(new Uint8Array(text.buffer, text.byteOffset + start, end - start))
  );
}

function quote(text: Uint8Array, start: number, end: number): string {
  return JSON.stringify(Buffer.from(text.subarray(start, Math.min(end, start + 120))).toString('utf8'));
}
