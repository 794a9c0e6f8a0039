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

test('what was set as a goal stands in a column of its own', () => {
  const results: Result[] = [
    { ...result('cpu', 1, { peer: 2 }), goal: { times: 3, than: 'peer' } },
    { ...result('memory', 60, { peer: 20 }), goal: { value: 70 } },
    result('size', 1, { peer: 1 }),
  ];
  expect(table(results)).toBe(
    [
      'case    unit  ours  peer  ratio          goal',
      'cpu     ms       1     2  2.00x  ≥ 3.00x peer',
      'memory  ms      60    20  0.33x          ≤ 70',
      'size    ms       1     1  1.00x             -',
      '',
    ].join('\n'),
  );
});
