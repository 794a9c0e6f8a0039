import { expect, it } from 'vitest';
import { Kinds } from './kinds.ts';

function grouped(...lines: string[]) {
  const kinds = new Kinds();
  for (const [index, line] of lines.entries()) kinds.add(line, index + 1);
  return kinds.most(100).map(({ count, line }) => [count, line]);
}

it('what one statement of a program writes is one kind', () => {
  expect(
    grouped(
      '2026/11/21 10:00:01 [error] 7#12: *1 open() "/srv/a" failed, client: 10.0.0.7',
      '2026/11/21 10:00:02 [error] 7#13: *29 open() "/srv/b c" failed, client: 10.2.0.9',
      '2026/11/21 10:00:02 [warn] 7#13: *29 open() "/srv/b c" failed, client: ::1',
    ),
  ).toEqual([
    [2, 1],
    [1, 3],
  ]);
  expect(grouped('user=anna took=12ms', 'user=bert took=1.5s', 'user=anna')).toEqual([
    [2, 1],
    [1, 3],
  ]);
  expect(
    grouped(
      'job 3f2b8c1e-77aa-4c1d-9a00-0242ac120002 done',
      'job 9f9b8c1e-77aa-4c1d-9a00-0242ac12cafe done',
      'job deadbeef done',
    ),
  ).toEqual([
    [2, 1],
    [1, 3],
  ]);
  expect(grouped('GET /a/1 in 3 ms', 'GET https://x.example/b?q=1 in 12.5 ms')).toEqual([[2, 1]]);
});

it('words that differ are another kind, the most frequent first', () => {
  expect(grouped('started', 'stopped', 'stopped')).toEqual([
    [2, 2],
    [1, 1],
  ]);
});

it('more kinds than it tells apart are counted together, and long lines are cut', () => {
  const kinds = new Kinds();
  const word = (n: number) =>
    String.fromCharCode(103 + (n % 20), 103 + (Math.floor(n / 20) % 20), 103 + Math.floor(n / 400));
  for (let n = 0; n < 3000; n++) kinds.add(`${word(n)} ${'x'.repeat(1000)}`, n + 1);
  expect(kinds.size + kinds.rest).toBe(3000);
  expect(kinds.rest).toBe(1000);
  expect(kinds.most(1)[0]?.example).toHaveLength(240);
});
