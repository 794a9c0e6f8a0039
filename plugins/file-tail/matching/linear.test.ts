import { describe, expect, it } from 'vitest';
import { obstacleOf } from './linear.ts';

describe('says what keeps an expression from running in linear time', () => {
  const cases: [expression: string, what: string | undefined][] = [
    ['^(?<ip>\\S+) \\[([^\\]]+)\\] "(?<method>[A-Z]+) .*?" (\\d{3}) (?<bytes>\\d+|-)$', undefined],
    ['^((a+)+|b*?)*$', undefined],
    ['(?<!x)\\bfo{0,16}\\b', undefined],
    ['[(?=]\\(?=x\\\\[{99}]', undefined],
    ['(["\']).*\\1', 'a reference to a group'],
    ['(?<q>["\']).*\\k<q>', 'a reference to a group'],
    ['^(?!DEBUG)', 'a look ahead'],
    ['[\\]](?=x)', 'a look ahead'],
    ['(?i:error)', 'a part that ignores case'],
    ['(?<=(a|b))c', 'a group in a look behind'],
    ['[0-9a-f]{40}', 'a part that is repeated more than 16 times, nested repetitions multiplied'],
    ['(?:x{1,5}){1,5}', 'a part that is repeated more than 16 times, nested repetitions multiplied'],
  ];
  for (const [expression, what] of cases) {
    it(expression, () => expect(obstacleOf(expression)?.what).toBe(what));
  }
});

describe('an expression that backtracks too much is run by the linear engine', () => {
  const long = (text: string) => `${text.repeat(5000)}!`;
  const cases: [expression: string, line: string, captures: string[] | null][] = [
    ['^(a+)+$', long('a'), null],
    ['^(a|a)*$', long('a'), null],
    ['(?:\\w+\\s?)+\\.', long('word '), null],
    ['(.*)(.*)(.*)(.*)z', long('ab'), null],
    ['^(?:(x+x+)+y|(x+)!)$', long('x'), ['x'.repeat(5000)]],
  ];
  for (const [expression, line, captures] of cases) {
    it(expression, () => {
      expect(obstacleOf(expression)).toBeUndefined();
      const found = new RegExp(expression).exec(line);
      expect(found?.slice(1).filter((text) => text !== undefined) ?? null).toEqual(captures);
    });
  }
});
