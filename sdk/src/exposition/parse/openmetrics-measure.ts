import type { ParsedExemplar } from './family.ts';
import { type LabelSyntax, readLabels } from './labels.ts';
import { notANumber, numberFix, readFloat } from './number.ts';
import { shown } from './report.ts';
import { BRACE_OPEN, type Scanner, SPACE } from './scanner.ts';

/** What follows the name and the labels on a sample line. */
export interface Measure {
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number;
  readonly exemplar?: ParsedExemplar;
}

const EXEMPLAR_LABELS: LabelSyntax = { relaxed: false, looseEscapes: true, metricName: false };
const EXEMPLAR_MARK = ' # ';
const SECOND_MS = 1_000;
const MAX_SHOWN = 100;
const NONE = Symbol('none');

/** Reads from behind the name or the labels to the end of the line: value, timestamp, exemplar. */
export function readMeasure(scanner: Scanner): Measure | undefined {
  const value = number(scanner, 'the value', 'EXPOSITION_BAD_VALUE');
  if (value === undefined) return undefined;
  const timestamp = optionalTimestamp(scanner);
  if (timestamp === undefined) return undefined;
  const exemplar = optionalExemplar(scanner);
  if (exemplar === undefined || !ended(scanner)) return undefined;
  return { value, ...(timestamp !== NONE && { timestamp }), ...(exemplar !== NONE && { exemplar }) };
}

/** One space and a number. */
function number(scanner: Scanner, what: string, code: string): number | undefined {
  const { at, text } = scanner;
  if (!scanner.take(SPACE)) {
    if (at === scanner.end) return scanner.error(at, code, `${what} is missing`, 'write it behind one space');
    const character = shown(String.fromCodePoint(text.codePointAt(at) ?? 0));
    const message = `${character} stands where a space and ${what} should`;
    return scanner.error(at, code, message, 'put one space between them; in names, use "_" or quotes');
  }
  const start = scanner.at;
  const end = scanner.tokenEnd();
  scanner.at = end;
  const value = readFloat(text, start, end);
  if (value !== undefined) return value;
  const token = text.slice(start, end);
  const fix = token === '' ? 'put exactly one space before it' : numberFix(token);
  return scanner.error(start, code, notANumber(what, token), fix);
}

function optionalTimestamp(scanner: Scanner): number | typeof NONE | undefined {
  const { at, end, text } = scanner;
  if (at === end || text.startsWith(EXEMPLAR_MARK, at)) return NONE;
  if (/^[ \t]+$/.test(text.slice(at, Math.min(end, at + MAX_SHOWN)))) {
    const message = 'there are blanks at the end of the line';
    return scanner.error(at, 'EXPOSITION_TRAILING', message, 'remove them');
  }
  const code = 'EXPOSITION_BAD_TIMESTAMP';
  const seconds = number(scanner, 'the timestamp', code);
  if (seconds === undefined) return undefined;
  if (!Number.isFinite(seconds)) {
    const fix = 'write seconds since the epoch, or leave it out';
    return scanner.error(at + 1, code, `the timestamp is ${seconds}`, fix);
  }
  const written = text.slice(at + 1, scanner.at);
  // Shifting the point in the text keeps what multiplying would round away.
  return /[eE]/.test(written) ? seconds * SECOND_MS : Number(`${written}e3`);
}

function optionalExemplar(scanner: Scanner): ParsedExemplar | typeof NONE | undefined {
  const { at, end, text } = scanner;
  if (at === end || !text.startsWith(EXEMPLAR_MARK, at)) return NONE;
  const code = 'EXPOSITION_BAD_EXEMPLAR';
  scanner.at = at + EXEMPLAR_MARK.length;
  if (!scanner.take(BRACE_OPEN)) {
    const fix = 'write # {trace_id="…"} and its value';
    return scanner.error(scanner.at, code, 'the exemplar does not begin with its labels', fix);
  }
  const block = readLabels(scanner, EXEMPLAR_LABELS);
  if (!block) return undefined;
  const value = number(scanner, "the exemplar's value", code);
  if (value === undefined) return undefined;
  const timestamp = optionalTimestamp(scanner);
  if (timestamp === undefined) return undefined;
  return { labels: block.labels, value, ...(timestamp !== NONE && { timestamp }) };
}

function ended(scanner: Scanner): boolean {
  const { at, end, text } = scanner;
  if (at === end) return true;
  const rest = shown(text.slice(at, Math.min(end, at + MAX_SHOWN)));
  scanner.error(at, 'EXPOSITION_TRAILING', `${rest} is too much on this line`, 'remove it');
  return false;
}
