import { describe, expect, test } from 'vitest';
import type { Result } from './harness.ts';
import { markdown, table } from './report.ts';

const result = (name: string, ours: number, peers: Result['peers'] = {}): Result => ({
  bench: 'b',
  case: name,
  ours,
  peers,
  unit: 'ms',
  better: 'lower',
});

describe('markdown', () => {
  test('has a cell for each value and one for how many times better we are', () => {
    expect(markdown([result('start', 2, { node: 1, deno: 12.3456 }), result('collect', 0.5)])).toBe(
      [
        '| case | unit | ours | node | ratio | deno | ratio |',
        '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
        '| start | ms | 2 | 1 | 0.50x | 12.3 | 6.17x |',
        '| collect | ms | 0.5 | - | - | - | - |',
        '',
      ].join('\n'),
    );
  });

  test('begins another table where the peers are others', () => {
    const tables = markdown([
      result('a', 1, { node: 1 }),
      result('b', 1),
      result('c', 1, { node: 1, deno: 1 }),
      result('d', 1, { own: 1 }),
    ]);
    expect(tables.split('\n\n').map((one) => one.match(/^\| [a-d] /gm))).toEqual([
      ['| a ', '| b ', '| c '],
      ['| d '],
    ]);
  });
});

test('the table for a terminal has aligned columns', () => {
  expect(table([result('start', 2, { node: 1 }), result('collect/100k', 12.34)])).toBe(
    [
      'case          unit  ours  node  ratio',
      'start         ms       2     1  0.50x',
      'collect/100k  ms    12.3     -      -',
      '',
    ].join('\n'),
  );
});

test('a ratio to nothing is left out', () => {
  expect(table([{ ...result('answered', 100, { peer: 0 }), better: 'higher' }])).toContain(
    '100     0      -',
  );
});
