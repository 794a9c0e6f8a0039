import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { replayForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import plugin from '../index.ts';
import type { ReplayReport } from './report.ts';

const PATTERNS = [
  {
    match: '^(?<method>[A-Z]+) \\S+ (?<ms>\\S+)$',
    metrics: [
      { name: 'requests_total', type: 'counter', labels: { method: 'method' } },
      { name: 'milliseconds_total', type: 'counter', value: 'ms' },
    ],
  },
  { match: 'never there', metrics: [{ name: 'nothing_total', type: 'counter' }] },
];
const LINES = `GET /a 12\nGET /b x\nPOST /c 3\nworker 17 started\nworker 18 started\nlast line without a newline`;

async function replayed(input: Parameters<typeof replayForTest>[2], config: object = {}) {
  const result = await replayForTest(plugin, { patterns: PATTERNS, ...config }, input);
  return { ...result, report: result.report as ReplayReport };
}

it('counts what following the file would count', async () => {
  const { value, outcome, report } = await replayed(LINES);
  expect(outcome).toBe('ok');
  expect(value('requests_total', { method: 'GET' })).toBe(2);
  expect(value('milliseconds_total')).toBe(15);
  expect(value('file_tail_lines_total', { path: 'test.log' })).toBe(6);
  expect(value('file_tail_unmatched_lines_total')).toBe(3);
  expect(report).toMatchObject({ lines: 6, bytes: LINES.length, noNumbers: 1, cutLines: 0 });
});

it('says of each pattern what its expression is, beside those of a format too', async () => {
  const { report } = await replayed(
    '203.0.113.7 - - [10/Oct/2025:13:55:36 +0000] "GET /cart HTTP/1.1" 200 2326\n',
    {
      format: 'common',
      patterns: [{ name: 'cart', match: ' /cart ', metrics: [{ name: 'carts_total', type: 'counter' }] }],
    },
  );
  expect(report.patterns.length).toBeGreaterThan(1);
  expect(report.patterns.filter(({ match }) => match !== '')).toMatchObject([
    { name: 'cart', match: ' /cart ', matched: 1 },
  ]);
});

it('says of each pattern how many lines matched, and of the rest what kinds there are', async () => {
  const { report, text } = await replayed(LINES);
  expect(report.patterns.map(({ name, matched }) => [name, matched])).toEqual([
    ['patterns[0]', 3],
    ['patterns[1]', 0],
  ]);
  expect(report.patterns.filter(({ slowest }) => slowest)).toHaveLength(1);
  expect(report.patterns.reduce((sum, { timeRatio }) => sum + timeRatio, 0)).toBeCloseTo(1);
  expect(report.unmatched).toEqual({
    records: 3,
    kinds: 2,
    rest: 0,
    most: [
      { count: 2, line: 4, example: 'worker 17 started' },
      { count: 1, line: 6, example: 'last line without a newline' },
    ],
  });
  const timeless = text.map((line) => line.replace(/ in \d.*$/, '').replace(/\s+\d+\.\d\d .* %/, ' … %'));
  expect(timeless).toEqual([
    'test.log: 6 lines, 92 bytes',
    '',
    '  pattern      matched  of lines  µs a line  of time',
    expect.stringMatching(/^ {2}patterns\[0\] {8}3 {6}50 % … %/),
    expect.stringMatching(/^ {2}patterns\[1\] {8}0 {7}0 % … % {2}matched nothing$/),
    '',
    'Values of matching lines that are no number that their metric can take, and were left out: 1',
    '',
    '3 lines (50 %) matched no pattern, of 2 kinds:',
    '  lines   first  as',
    '      2  line 4  worker 17 started',
    '      1  line 6  last line without a newline',
  ]);
});

it('names a label that reached its limit', async () => {
  const { report, text } = await replayed('GET /a 1\nPOST /b 1\nPUT /c 1\nPUT /c 1\n', {
    max_label_values: 1,
  });
  expect(report.otherLabelValues).toBe(3);
  expect(report.warnings).toEqual([expect.stringContaining('label "method" reached its limit')]);
  expect(text).toContain(report.warnings[0]);
});

it('names patterns that can not run in linear time, and what they timed out on', async () => {
  const lines = `${'a'.repeat(40)}!\n`.repeat(4);
  const { report, text } = await replayed(lines, {
    patterns: [{ match: '^(a|a)*$(?!b)', metrics: [{ name: 'a_total', type: 'counter' }] }],
    pattern_timeout: '20ms',
  });
  const [pattern] = report.patterns;
  expect(pattern).toMatchObject({ obstacle: 'a look ahead', matched: 0 });
  expect(pattern?.timeouts).toBeGreaterThan(0);
  expect(text.join('\n')).toMatch(/ {2}matched nothing, \d+ timeouts$/m);
  expect(text).toContain("patterns[0] can't be run in linear time: it has a look ahead.");
  expect(report.warnings.at(-1)).toContain('is switched off');
});

it('tries patterns on records where lines are joined', async () => {
  const { report, text } = await replayed('1 one\n at x\n2 two\n at y\n at z\n3 three\n', {
    patterns: [{ match: 'two', metrics: [{ name: 'two_total', type: 'counter' }] }],
    multiline: { start: '^\\d' },
  });
  expect(report).toMatchObject({ lines: 6, records: 3, unmatched: { records: 2 } });
  expect(text[0]).toMatch(/^test\.log: 6 lines, 3 records, /);
  expect(text.slice(-2)).toEqual(['        1  record 1  1 one ⏎  at x', '        1  record 3  3 three']);
});

it('UTF-16 with its mark is text', async () => {
  const { report, value } = await replayed([Buffer.from('\ufeffGET /a 7\n', 'utf16le')]);
  expect(report.warnings).toEqual([]);
  expect(value('milliseconds_total')).toBe(7);
});

describe('takes whatever a file can hold', () => {
  it('nothing', async () => {
    const { text, report } = await replayed('');
    expect(text).toEqual(['test.log: nothing in it']);
    expect(report).toMatchObject({ lines: 0, linesPerSecond: 0 });
  });

  it('what is gzipped, in more than one member, however the bytes come', async () => {
    const whole = Buffer.concat([gzipSync('GET /a 1\nGET '), gzipSync('/b 2\n')]);
    const bytes = Array.from(whole, (byte) => Buffer.from([byte]));
    const { value, outcome } = await replayed(bytes);
    expect(outcome).toBe('ok');
    expect(value('milliseconds_total')).toBe(3);
  });

  it('what is cut off in the middle: what came before counts, and it says so', async () => {
    const lines = Array.from({ length: 20_000 }, () => `GET /${randomBytes(9).toString('base64url')} 1\n`);
    const gz = gzipSync(lines.join(''));
    const { outcome, errors, report } = await replayed([gz.subarray(0, gz.length / 2)]);
    expect(outcome).toBe('target');
    expect(errors[0]?.message).toMatch(
      /^test\.log could not be read to its end, after \d+ bytes: its gzip data is damaged or cut off\.$/,
    );
    expect(report.lines).toBeGreaterThan(1000);
    expect(report.lines).toBeLessThan(20_000);
  });

  it('another compression: the program that undoes it is named', async () => {
    const { outcome, errors } = await replayed([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0])]);
    expect(outcome).toBe('target');
    expect(errors[0]?.message).toBe('test.log is compressed with zstd, and only gzip is undone here.');
    expect(errors[0]?.fix).toContain('zstd -dc FILE | informer collect');
  });

  it('bytes that are no text', async () => {
    const { report } = await replayed([randomBytes(300_000), Buffer.from([0])]);
    expect(report.warnings).toEqual([expect.stringContaining('There are zero bytes in it')]);
    expect(report.unmatched.records).toBe(report.lines);
  });

  it('one huge line', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const { report, text } = await replayed(Array.from({ length: 32 }, () => megabyte));
    expect(report).toMatchObject({ lines: 1, bytes: 32 * 1024 * 1024, cutLines: 1 });
    expect(text.every((line) => line.length <= 100)).toBe(true);
  });
});
