import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bytesWords, durationWords, intervalWords, relativeWords, shellWord, spanWords } from '../text.ts';
import { parseExposition } from './exposition.ts';
import { newsOf } from './news.ts';
import type { Row } from './rows.ts';
import { toYaml } from './yaml.ts';

it.each([
  [0, '0 s'],
  [119_999, '119 s'],
  [120_000, '2 min'],
  [7_199_999, '119 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 days'],
])('calls %d ms %s', (ms, words) => {
  expect(spanWords(ms)).toBe(words);
});

it('says what was, is and comes', () => {
  expect([-5_000, 0, 5_000].map((passed) => relativeWords(10_000 - passed, 10_000))).toEqual([
    'in 5 s',
    'now',
    '5 s ago',
  ]);
});

it('writes durations, intervals and sizes in the unit that suits them', () => {
  expect([0.00042, 0.0123, 1.2345, 61].map(durationWords)).toEqual(['0.4 ms', '12 ms', '1.23 s', '61.0 s']);
  expect([0, 250, 15_000, 90_000, 300_000, 7_200_000].map(intervalWords)).toEqual([
    '0s',
    '250ms',
    '15s',
    '90s',
    '5m',
    '2h',
  ]);
  expect([512, 2048, 16 * 1024 ** 2, 3 * 1024 ** 3].map(bytesWords)).toEqual([
    '512 B',
    '2.0 KiB',
    '16 MiB',
    '3.0 GiB',
  ]);
});

it.each([
  ['30m', '30m'],
  ['a b', "'a b'"],
  ["it's", `'it'\\''s'`],
  ['$(rm -rf)', "'$(rm -rf)'"],
  ['', "''"],
])('quotes %j for a shell as %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

describe('toYaml', () => {
  it.each([
    [{ every: '5s', labels: {}, list: [], n: 3, none: null, on: true }],
    [{ queues: ['a', { name: 'b', kind: 'list' }, ['x', ['y']]], deep: { er: { still: 'z' } } }],
    [
      [
        'yes',
        '1',
        '0x1f',
        '2026-01-01',
        '',
        ' a ',
        'a: b',
        "it's",
        'line\nbreak',
        '\\d+\\.',
        '- x',
        '#',
        '1s',
      ],
    ],
  ])('writes what a reader of YAML reads back', (value) => {
    expect(parse(toYaml(value))).toEqual(value);
  });
});

describe('parseExposition', () => {
  it('gives series with their family and value, whatever is in their labels', () => {
    const { lines, help } = parseExposition(
      '# HELP a_total How many.\\nReally.\n# TYPE a_total counter\na_total{x="} 1 {"} 2\na_total 3\n# TYPE b gauge\nb NaN\n',
    );
    expect(help.get('a_total')).toBe('How many. Really.');
    expect(lines).toEqual([
      { family: 'a_total', series: 'a_total{x="} 1 {"}', value: '2' },
      { family: 'a_total', series: 'a_total', value: '3' },
      { family: 'b', series: 'b', value: 'NaN' },
    ]);
  });
});

describe('newsOf', () => {
  const rows = (groups: Record<string, 'up' | 'broken'>) =>
    new Map(
      Object.entries(groups).map(([name, group]) => [
        name,
        { condition: { group, word: group === 'up' ? 'up' : 'late', rank: 0 } } as Row,
      ]),
    );

  it('names what broke and what is well again, and only counts when that is much', () => {
    const before = rows({ a: 'up', b: 'broken', c: 'up' });
    expect(newsOf(before, rows({ a: 'broken', b: 'up', c: 'up', d: 'broken' }))).toBe('a is late. b is up.');
    expect(newsOf(before, before)).toBe('');
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`r${i}`, 'up' as const]));
    const broken = Object.fromEntries(Object.keys(many).map((name) => [name, 'broken' as const]));
    expect(newsOf(rows(many), rows(broken))).toBe(
      'r0 is late, r1 is late, r2 is late, and 6 more resources are broken.',
    );
  });
});
