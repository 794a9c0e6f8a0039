import type { PatternConfig } from '../config.ts';
import type { PatternStatistics } from '../matching/engine.ts';
import type { Kind } from './kinds.ts';

/** What `informer collect --replay --format json` gives of file-tail. */
export interface ReplayReport {
  readonly input: string;
  readonly lines: number;
  /** After gzip is undone. */
  readonly bytes: number;
  readonly seconds: number;
  readonly linesPerSecond: number;
  /** Lines longer than `max_line_length`. */
  readonly cutLines: number;
  readonly patterns: readonly PatternReport[];
  readonly unmatched: {
    readonly lines: number;
    /** How many kinds there are; lines beyond `rest` that were not told apart. */
    readonly kinds: number;
    readonly rest: number;
    readonly most: readonly Kind[];
  };
  /** Values of matching lines that are not a number that their metric can take. */
  readonly noNumbers: number;
  /** Label values that were replaced by "other". */
  readonly otherLabelValues: number;
  /** What the plugin warned of while it read, each once. */
  readonly warnings: readonly string[];
}

export interface PatternReport {
  readonly name: string;
  readonly match: string;
  readonly matched: number;
  /** Of all lines that were read, matched or not. */
  readonly microsecondsPerLine: number;
  /** Of the time of all patterns. */
  readonly timeRatio: number;
  readonly slowest: boolean;
}

const COLUMNS = 100;

/** What the report says of patterns that were tried on so many lines. */
export function patternReports(
  statistics: readonly PatternStatistics[],
  configured: readonly PatternConfig[],
  lines: number,
): PatternReport[] {
  const total = statistics.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
  const longest = Math.max(...statistics.map(({ nanoseconds }) => nanoseconds));
  return statistics.map(({ name, matched, nanoseconds }, index) => ({
    name,
    match: configured[index]?.match ?? '',
    matched,
    microsecondsPerLine: lines > 0 ? nanoseconds / 1000 / lines : 0,
    timeRatio: total > 0 ? nanoseconds / total : 0,
    slowest: statistics.length > 1 && nanoseconds === longest,
  }));
}

/** The report as lines for a terminal. */
export function reportText(report: ReplayReport): string[] {
  const { input, lines, bytes, seconds } = report;
  const pace = `${number(lines)} lines, ${megabytes(bytes)} in ${seconds.toFixed(2)} s`;
  if (bytes === 0) return [`${input}: nothing in it`];
  return [
    `${input}: ${pace} (${number(report.linesPerSecond)} lines/s)`,
    '',
    ...patternLines(report),
    ...noteLines(report),
    ...unmatchedLines(report),
  ];
}

function patternLines({ patterns, lines }: ReplayReport): string[] {
  if (patterns.length === 0) return ['There is no pattern: nothing can match.', ''];
  const rows = patterns.map(({ name, matched, microsecondsPerLine, timeRatio, slowest }) => [
    name,
    number(matched),
    percent(matched, lines),
    microsecondsPerLine.toFixed(2),
    percent(timeRatio, 1),
    matched === 0 ? 'matched nothing' : slowest ? 'slowest' : '',
  ]);
  return [...table(['pattern', 'matched', 'of lines', 'µs a line', 'of time', ''], rows), ''];
}

function noteLines({ cutLines, noNumbers, otherLabelValues, warnings }: ReplayReport): string[] {
  const notes = [...warnings];
  const note = (count: number, what: string) => {
    if (count > 0) notes.push(`${what}: ${number(count)}`);
  };
  note(cutLines, 'Lines longer than max_line_length, which were cut');
  note(
    noNumbers,
    'Values of matching lines that are no number that their metric can take, and were left out',
  );
  note(otherLabelValues, 'Label values that count as "other"');
  return notes.length > 0 ? [...notes, ''] : [];
}

function unmatchedLines({ unmatched, lines }: ReplayReport): string[] {
  if (lines === 0) return [];
  if (unmatched.lines === 0) return ['Every line matched a pattern.'];
  const { most, kinds, rest } = unmatched;
  const shown = most.reduce((sum, { count }) => sum + count, 0);
  const likes = kinds === 1 ? 'all alike' : `of ${rest > 0 ? 'more than ' : ''}${number(kinds)} kinds`;
  const rows = most.map(({ count, line, example }) => [number(count), `line ${number(line)}`, example]);
  const others = unmatched.lines - shown;
  return [
    `${number(unmatched.lines)} lines (${percent(unmatched.lines, lines)}) matched no pattern, ${likes}:`,
    ...table(['lines', 'first', 'as'], rows),
    ...(others > 0 ? [`… and ${number(others)} lines of other kinds`] : []),
  ];
}

/** Numbers stand to the right, the first and the last column of text to the left. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const isNumeric = (column: number) => column > 0 && column < head.length - 1;
  return all.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      const toTheRight = isNumeric(column) || /^[\d,]+$/.test(rows[0]?.[column] ?? '');
      return column === head.length - 1 ? cell : toTheRight ? cell.padStart(width) : cell.padEnd(width);
    });
    const line = `  ${cells.join('  ')}`.trimEnd();
    return line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line;
  });
}

const GROUPED = new Intl.NumberFormat('en');
const number = (value: number): string => GROUPED.format(Math.round(value));

/** Never rounded to nothing or to all. */
function percent(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const value = (100 * part) / whole;
  if (value > 0 && value < 0.1) return '<0.1 %';
  if (value < 100 && value > 99.9) return '>99.9 %';
  return `${Number(value.toFixed(1))} %`;
}

function megabytes(bytes: number): string {
  return bytes < 1e5 ? `${number(bytes)} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}
