import { expect, test } from 'vitest';
import { countedOf, NUMBERED, numberedLine } from './numbered.ts';
import type { SeriesValues } from './series.ts';

const [{ match = '' } = {}] = NUMBERED;
const WRITTEN = 100;
const ALL = Array.from({ length: WRITTEN }, (_, number) => number);

/** What counters come to that have seen the lines of these numbers. */
function counters(numbers: readonly number[]): SeriesValues {
  const values: SeriesValues = new Map();
  const add = (series: string, value: number) => values.set(series, (values.get(series) ?? 0) + value);
  for (const number of numbers) {
    const { log, block, weight } =
      new RegExp(match).exec(numberedLine('a-log', number).trimEnd())?.groups ?? {};
    add(`numbered_lines_total{log="${log}"}`, 1);
    add(`numbered_weights_total{block="${block}",log="${log}"}`, Number(weight));
  }
  return values;
}

test('all lines are equally long', () => {
  expect(
    new Set([0, 16, 99_999].map((number) => numberedLine('copytruncate-quiet', number).length)).size,
  ).toBe(1);
});

test.each([
  ['each once', ALL, { lost: 0, again: 0 }],
  ['none', [], { lost: 100, again: 0 }],
  ['all but two, the last one included', ALL.filter((n) => n !== 5 && n !== 99), { lost: 2, again: 0 }],
  ['one instead of another', ALL.map((n) => (n === 40 ? 41 : n)), { lost: 1, again: 1 }],
  ['one seven times', [...ALL, 16, 16, 16, 16, 16, 16], { lost: 0, again: 6 }],
])('finds from the counters alone what was lost and what came again: %s', (_, numbers, expected) => {
  expect(countedOf(counters(numbers), 'a-log', WRITTEN)).toEqual(expected);
});

test('says so when counters can not be told apart any more', () => {
  const often = Array.from({ length: 8 }, () => 3);
  expect(() => countedOf(counters(often), 'a-log', WRITTEN)).toThrow(
    'of 100 lines 99 are missing and 0 too many, but 8 were counted',
  );
});
