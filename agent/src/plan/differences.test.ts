import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Difference, differences } from './differences.ts';

const shown = (from: unknown, to: unknown) =>
  differences(from, to).map(({ path, from: before, to: after }) => [path.join('.'), before, after]);

it.each<[string, unknown, unknown, unknown[]]>([
  ['the same in another order of keys', { a: 1, b: [2] }, { b: [2], a: 1 }, []],
  ['a value', { a: { b: 1 } }, { a: { b: 2 } }, [['a.b', 1, 2]]],
  [
    'a key that comes, and one that goes',
    { old: 1 },
    { new: { x: 1 } },
    [
      ['new', undefined, { x: 1 }],
      ['old', 1, undefined],
    ],
  ],
  ['another shape', { a: [1] }, { a: { b: 1 } }, [['a', [1], { b: 1 }]]],
  ['an item at the front', { a: [1, 2, 3] }, { a: [0, 1, 2, 3] }, [['a.0', undefined, 0]]],
  ['an item that goes', { a: [1, 2, 3] }, { a: [1, 3] }, [['a.1', 2, undefined]]],
  ['an item that changes inside', { a: [{ b: 1 }, 5] }, { a: [{ b: 2 }, 5] }, [['a.0.b', 1, 2]]],
  ['a key that is in no prototype', {}, { constructor: 1 }, [['constructor', undefined, 1]]],
])('finds %s', (_what, from, to, expected) => {
  expect(shown(from, to)).toEqual(expected);
});

it('finds nothing exactly where there is nothing, and the same both ways', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (from, to) => {
      expect(differences(from, from)).toEqual([]);
      const there = differences(from, to);
      const back = differences(to, from);
      expect(there.length > 0).toBe(!isDeepStrictEqual(from, to));
      const key = ({ path }: Difference) => path.join('/');
      expect(there.map(key).sort()).toEqual(back.map(key).sort());
    }),
  );
});
