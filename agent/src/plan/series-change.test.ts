import { encodingKey, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { expect, it } from 'vitest';
import { seriesChange } from './series-change.ts';

const family = (name: string, ...parts: string[][]) => ({
  name,
  lines: parts.flat().length,
  bodies: new Map([
    [
      encodingKey(TEXT_ENCODING),
      parts.map((lines) => Buffer.from(lines.map((line) => `${line}\n`).join(''))),
    ],
  ]),
});

it('compares names and labels, not values, across parts', async () => {
  const before = family(
    'a',
    ['a{x="1",resource="r"} 1', 'a{x="2",resource="r"} 2'],
    ['a{x="3",resource="r"} 3 1000'],
  );
  const after = family(
    'a',
    ['a{x="2",resource="r"} 7'],
    ['a{x="3",resource="r"} NaN', 'a{x="4",resource="r"} 4'],
  );
  expect(await seriesChange([before], [after])).toEqual([
    {
      name: 'a',
      before: 3,
      after: 3,
      added: 1,
      removed: 1,
      samples: { added: ['a{x="4",resource="r"}'], removed: ['a{x="1",resource="r"}'] },
    },
  ]);
});

it('shows label values as they are, with braces, spaces and letters of any script', async () => {
  const value = 'a{x="} 1 \\" größer 日本",resource="r"}';
  const [change] = await seriesChange([], [family('a', [`${value} 1`])]);
  expect(change?.samples.added).toEqual([value]);
});

it('counts families that come and go as a whole, names a few series, and lets others run', async () => {
  const many = Array.from({ length: 50_000 }, (_, i) => `big{i="${i}",resource="r"} ${i}`);
  let turns = 0;
  const count = () => {
    turns++;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  const changes = await seriesChange([family('big', many)], [family('new', ['new{resource="r"} 1'])]);
  clearImmediate(immediate);
  expect(changes.map(({ name, added, removed }) => [name, added, removed])).toEqual([
    ['new', 1, 0],
    ['big', 0, 50_000],
  ]);
  expect(changes[1]?.samples.removed).toHaveLength(3);
  expect(turns).toBeGreaterThan(2);
});
