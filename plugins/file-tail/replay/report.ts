import type { PatternConfig } from '../config.ts';
import type { PatternStatistics } from '../matching/engine.ts';
import { obstacleOf } from '../matching/linear.ts';
import type { Kind } from './kinds.ts';

/** What `informer collect --replay --format json` gives of file-tail. */
export interface ReplayReport {
  readonly input: string;
  readonly lines: number;
  /** As many as lines, unless `multiline` joins some; patterns are tried on these. */
  readonly records: number;
  /** After gzip is undone. */
  readonly bytes: number;
  readonly seconds: number;
  readonly linesPerSecond: number;
  /** Lines longer than `max_line_length`. */
  readonly cutLines: number;
  readonly patterns: readonly PatternReport[];
  readonly unmatched: {
    readonly records: number;
    /** How many kinds there are, those of `rest` left out. */
    readonly kinds: number;
    /** Records of further kinds, which were not told apart. */
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
  /** Empty for one that applies to every record of the format. */
  readonly match: string;
  readonly matched: number;
  /** Of all records, matched or not. */
  readonly microsecondsPerRecord: number;
  /** Of the time of all patterns. */
  readonly timeRatio: number;
  readonly slowest: boolean;
  /** What keeps it from running in linear time, whatever a line holds. */
  readonly obstacle?: string;
  /** Records that it took longer than `pattern_timeout` on. */
  readonly timeouts: number;
}

const COLUMNS = 100;

/** What the report says of patterns that were tried on so many records. */
export function patternReports(
  statistics: readonly PatternStatistics[],
  configured: readonly PatternConfig[],
  records: number,
  timeoutsOf: (pattern: string) => number,
): PatternReport[] {
  const total = statistics.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
  const longest = Math.max(...statistics.map(({ nanoseconds }) => nanoseconds));
  return statistics.map(({ name, matched, nanoseconds }, index) => {
    const { match = '' } = configured[index] ?? {};
    const obstacle = obstacleOf(match)?.what;
    return {
      name,
      match,
      matched,
      microsecondsPerRecord: records > 0 ? nanoseconds / 1000 / records : 0,
      timeRatio: total > 0 ? nanoseconds / total : 0,
      slowest: statistics.length > 1 && nanoseconds === longest,
      ...(obstacle !== undefined && { obstacle }),
      timeouts: timeoutsOf(name),
    };
  });
}

/** The report as lines for a terminal. */
export function reportText(report: ReplayReport): string[] {
  const { input, lines, records, bytes, seconds } = report;
  if (bytes === 0) return [`${input}: nothing in it`];
  const what = `${number(lines)} lines${records === lines ? '' : `, ${number(records)} records`}`;
  const pace = `${number(report.linesPerSecond)} lines/s`;
  return [
    `${input}: ${what}, ${megabytes(bytes)} in ${seconds.toFixed(2)} s (${pace})`,
    '',
    ...patternLines(report),
    ...noteLines(report),
    ...unmatchedLines(report),
  ];
}

/** What patterns are tried on. */
const wordOf = ({ lines, records }: ReplayReport): 'line' | 'record' =>
  lines === records ? 'line' : 'record';

function patternLines(report: ReplayReport): string[] {
  const { patterns, records } = report;
  if (patterns.length === 0) return ['There is no pattern: nothing can match.', ''];
  const rows = patterns.map((pattern) => [
    pattern.name,
    number(pattern.matched),
    percent(pattern.matched, records),
    pattern.microsecondsPerRecord.toFixed(2),
    percent(pattern.timeRatio, 1),
    remarks(pattern).join(', '),
  ]);
  const word = wordOf(report);
  const head = ['pattern', 'matched', `of ${word}s`, `µs a ${word}`, 'of time', ''];
  return [...table(head, rows), ''];
}

function remarks({ matched, slowest, timeouts }: PatternReport): string[] {
  return [
    ...(matched === 0 ? ['matched nothing'] : []),
    ...(slowest ? ['slowest'] : []),
    ...(timeouts > 0 ? [`${number(timeouts)} timeouts`] : []),
  ];
}

function noteLines({ patterns, cutLines, noNumbers, otherLabelValues, warnings }: ReplayReport): string[] {
  const notes = [...warnings];
  for (const { name, obstacle } of patterns) {
    if (obstacle !== undefined) notes.push(`${name} can't be run in linear time: it has ${obstacle}.`);
  }
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

function unmatchedLines(report: ReplayReport): string[] {
  const { unmatched, records } = report;
  const word = wordOf(report);
  if (records === 0) return [];
  if (unmatched.records === 0) return [`Every ${word} matched a pattern.`];
  const { most, kinds, rest } = unmatched;
  const shown = most.reduce((sum, { count }) => sum + count, 0);
  const likes = kinds === 1 ? 'all alike' : `of ${rest > 0 ? 'more than ' : ''}${number(kinds)} kinds`;
  const rows = most.map(({ count, line, example }) => [
    number(count),
    `${word} ${number(line)}`,
    example.replaceAll('\n', ' ⏎ '),
  ]);
  const others = unmatched.records - shown;
  return [
    `${number(unmatched.records)} ${word}s (${percent(unmatched.records, records)}) matched no pattern, ${likes}:`,
    ...table([`${word}s`, 'first', 'as'], rows),
    ...(others > 0 ? [`… and ${number(others)} ${word}s of other kinds`] : []),
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
