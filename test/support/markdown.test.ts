import { describe, expect, it } from 'vitest';
import { blocksOf, isAsShown } from './markdown.ts';

it('finds blocks, and what belongs to them', () => {
  const page =
    'A\n\n```ts\nfirst();\n```\n\n```text\nout\n```\n\nB\n\n```ts\nsecond();\n```\nC\n```text\nno\n```\n';
  expect(blocksOf(page)).toEqual([
    { language: 'ts', text: 'first();\n', line: 3, output: 'out\n' },
    { language: 'text', text: 'out\n', line: 7 },
    { language: 'ts', text: 'second();\n', line: 13 },
    { language: 'text', text: 'no\n', line: 17 },
  ]);
});

describe('what is shown', () => {
  it.each([
    ['a 1\nb 2', 'a 1\nb 2\n\n', true],
    ['a 1', 'a 1\nb 2\n', false],
    ['a 1\nb 2', 'a 1\n', false],
    ['a.1', 'a 1\n', false],
    ['took … s', 'took 0.3 s\n', true],
    ['took … s', 'took 0.3\n s\n', false],
    ['…\nb 2\n…', 'a\nb\nb 2\nc\n', true],
    ['…\nb 2', 'b 2\n', true],
    ['…\nb 2', 'b 3\n', false],
  ])('%j and what was printed, %j, are the same: %j', (shown, printed, same) => {
    expect(isAsShown(shown, printed)).toBe(same);
  });
});
