import { describe, expect, it } from 'vitest';
import type { CollectReply, Fragment } from '../contract.ts';
import { Snapshots } from './snapshots.ts';

const family = (
  resource: string,
  name: string,
  type: Fragment['type'] = 'gauge',
  help = 'Help.',
): Fragment => {
  const line = type === 'histogram' ? `${name}_count` : name;
  const text = Buffer.from(`${line}{resource="${resource}"} 1\n`);
  return { name, type, help, series: 1, bodies: new Map([['text;underscores', [text]]]) };
};

/** A family with that many lines. */
const sized = (resource: string, name: string, lines: number): Fragment => {
  const text = Array.from({ length: lines }, (_, i) => `${name}{n="${i}",resource="${resource}"} 1\n`).join(
    '',
  );
  return {
    ...family(resource, name),
    series: lines,
    bodies: new Map([['text;underscores', [Buffer.from(text)]]]),
  };
};

const reply = (fragments: Fragment[], more: Partial<CollectReply> = {}): CollectReply => ({
  outcome: 'ok',
  errors: [],
  dropped: {},
  fragments,
  ...more,
});

/** Resources `a`, `b` and `c`, in the order of the configuration. */
const three = (limit = Number.POSITIVE_INFINITY) => {
  const snapshots = new Snapshots(limit);
  for (const [place, name] of ['a', 'b', 'c'].entries()) snapshots.setRank(name, [1, place]);
  return snapshots;
};

const names = (snapshots: Snapshots, resource: string) =>
  snapshots.latest(resource)?.fragments.map(({ name }) => name);

describe('two resources with one name', () => {
  it('share a family of one type; the help of the first in the file is shown', async () => {
    const snapshots = three();
    await snapshots.publish('b', reply([family('b', 'x', 'gauge', 'From b.')]));
    await snapshots.publish('a', reply([family('a', 'x', 'gauge', 'From a.')]));
    expect(names(snapshots, 'b')).toEqual(['x']);
    expect(snapshots.header('x')?.help).toBe('From a.');
  });

  it('of different types: the newcomer loses that family only, and both are named', async () => {
    const snapshots = three();
    await snapshots.publish('a', reply([family('a', 'x')]));
    const { snapshot, dropped } = await snapshots.publish(
      'b',
      reply([family('b', 'x', 'counter'), family('b', 'y')]),
    );
    expect(names(snapshots, 'b')).toEqual(['y']);
    expect(dropped).toEqual({ conflict: 1 });
    expect(snapshot.outcome).toBe('partial');
    expect(snapshot.errors[0]).toMatchObject({
      code: 'CONFLICT_FAMILY',
      message: 'The counter "x" of resource "b" is left out: resource "a" exposes the gauge "x".',
    });
  });

  it('of different types at start: the order of the file decides, not who was faster', async () => {
    const snapshots = three();
    await snapshots.publish('b', reply([family('b', 'x', 'counter'), family('b', 'y')]));
    await snapshots.publish('a', reply([family('a', 'x')]));
    expect(names(snapshots, 'a')).toEqual(['x']);
    expect(names(snapshots, 'b')).toEqual(['y']);
  });

  it.each([
    ['x_sum', 'gauge', 'x', 'histogram'],
    ['x', 'histogram', 'x_count', 'gauge'],
    ['x_total', 'counter', 'x_created', 'gauge'],
    ['x', 'gauge', 'x_total', 'counter'],
  ] as const)('%s (%s) keeps %s (%s) out', async (first, firstType, second, secondType) => {
    const snapshots = three();
    await snapshots.publish('a', reply([family('a', first, firstType)]));
    await snapshots.publish('b', reply([family('b', second, secondType)]));
    expect(names(snapshots, 'b')).toEqual([]);
  });

  it('gives the name free when its holder stops exposing it, or goes', async () => {
    const snapshots = three();
    await snapshots.publish('a', reply([family('a', 'x'), family('a', 'y')]));
    await snapshots.publish('a', reply([family('a', 'y')]));
    await snapshots.publish('b', reply([family('b', 'x', 'counter')]));
    expect(names(snapshots, 'b')).toEqual(['x']);
    snapshots.withdraw('b');
    await snapshots.publish('c', reply([family('c', 'x', 'histogram')]));
    expect(names(snapshots, 'c')).toEqual(['x']);
  });
});

describe('what a host sends', () => {
  it('is refused whole when one fragment is not what it says', async () => {
    const snapshots = three();
    const forged = { ...family('b', 'x') };
    const { snapshot } = await snapshots.publish('a', reply([family('a', 'y'), forged]));
    expect(snapshot).toMatchObject({
      outcome: 'plugin',
      fragments: [],
      errors: [{ code: 'PLUGIN_BAD_FRAGMENT' }],
    });
  });

  it('stays within the series of the whole agent; what was there first stays', async () => {
    const snapshots = three(3);
    await snapshots.publish('a', reply([family('a', 'x'), family('a', 'y')]));
    const { dropped, snapshot } = await snapshots.publish('b', reply([family('b', 'x'), family('b', 'z')]));
    expect(names(snapshots, 'b')).toEqual(['x']);
    expect(dropped).toEqual({ limit: 1 });
    expect(snapshot.outcome).toBe('limit');
    await snapshots.publish('a', reply([family('a', 'x'), family('a', 'y')]));
    expect(names(snapshots, 'a')).toEqual(['x', 'y']);
  });

  it('after a failure leaves the last good result for max_stale', async () => {
    const snapshots = three();
    await snapshots.publish('a', reply([family('a', 'x')]));
    await snapshots.publish('a', reply([], { outcome: 'target' }));
    expect(snapshots.latest('a')?.fragments).toEqual([]);
    expect(snapshots.good('a')?.fragments).toHaveLength(1);
  });
});

describe('a resource that is removed while its result is being checked', () => {
  it('leaves nothing behind: its names are free', async () => {
    const snapshots = three();
    const publishing = snapshots.publish('a', reply([family('a', 'x')]));
    snapshots.forget('a');
    await publishing;
    expect(snapshots.latest('a')).toBeUndefined();
    const { snapshot } = await snapshots.publish('b', reply([family('b', 'x', 'counter')]));
    expect(snapshot).toMatchObject({ outcome: 'ok', errors: [] });
    expect(names(snapshots, 'b')).toEqual(['x']);
  });
});

describe('a host that sends more than its resource may have', () => {
  const limits = { maxSeries: 10, maxBytes: 1000 };

  it.each([
    ['series', [sized('a', 'x', 6), sized('a', 'y', 5)], 'Its host sent 11 series, where 10 are allowed.'],
    [
      'series that it does not own up to',
      [{ ...sized('a', 'x', 11), series: 1 }],
      'Its host sent 11 series, where 10 are allowed.',
    ],
    [
      'bytes',
      [family('a', 'x'), family('a', 'y'.repeat(1000))],
      'Its host sent 1035 bytes of text;underscores, where 1000 are allowed.',
    ],
    [
      'bytes in another encoding',
      [
        {
          ...family('a', 'x'),
          bodies: new Map([...family('a', 'x').bodies, ['protobuf;underscores', [new Uint8Array(2001)]]]),
        },
      ],
      'Its host sent 2001 bytes of protobuf;underscores, where 2000 are allowed.',
    ],
    ['a family twice', [family('a', 'x'), family('a', 'x')], 'The family "x" is refused: it is there twice.'],
    [
      'a family without text',
      [{ ...family('a', 'x'), bodies: new Map() }],
      'The family "x" is refused: it has no text.',
    ],
  ] as const)(
    '%s: its families are refused, and nobody else loses any',
    async (_name, fragments, message) => {
      const snapshots = three();
      await snapshots.publish('b', reply([sized('b', 'x', 3)]), limits);
      const { snapshot } = await snapshots.publish('a', reply([...fragments]), limits);
      expect(snapshot).toMatchObject({
        outcome: 'plugin',
        fragments: [],
        errors: [{ code: 'PLUGIN_BAD_FRAGMENT', message }],
      });
      expect(names(snapshots, 'b')).toEqual(['x']);
    },
  );

  it('is not blamed for what it was asked before the limits were lowered', async () => {
    const snapshots = three();
    await snapshots.publish('a', reply([sized('a', 'x', 10)]), limits);
    const lowered = { ...limits, maxSeries: 5 };
    const { snapshot } = await snapshots.publish('a', reply([sized('a', 'x', 10)]), lowered);
    expect(snapshot.outcome).toBe('ok');
    const after = await snapshots.publish('a', reply([sized('a', 'x', 10)]), lowered);
    expect(after.snapshot.outcome).toBe('plugin');
  });

  it('is counted in bytes as they are', async () => {
    const snapshots = three();
    const { snapshot } = await snapshots.publish('a', reply([family('a', 'x'), family('a', 'yy')]), limits);
    expect(snapshot.bytes).toBe('x{resource="a"} 1\nyy{resource="a"} 1\n'.length);
  });
});

describe('at the limit of the whole agent', () => {
  it('a new family of a resource is left out, not one that it had, and no other resource loses any', async () => {
    const snapshots = three(20);
    await snapshots.publish('a', reply([sized('a', 'x', 8)]));
    await snapshots.publish('b', reply([sized('b', 'm', 4), sized('b', 'n', 4)]));
    await snapshots.publish('c', reply([sized('c', 'x', 2)]));
    const { snapshot, dropped } = await snapshots.publish(
      'b',
      reply([sized('b', 'a_new_one', 5), sized('b', 'm', 4), sized('b', 'n', 4)]),
    );
    expect(names(snapshots, 'b')).toEqual(['m', 'n']);
    expect(dropped).toEqual({ limit: 5 });
    expect(snapshot.errors[0]).toMatchObject({
      code: 'LIMIT_SERIES',
      message:
        'The family "a_new_one" of resource "b" is left out: the agent would expose more than 20 series.',
    });
    for (const resource of ['a', 'c']) expect(names(snapshots, resource)).toEqual(['x']);
  });

  it('a family that grows beyond it goes before one that did not grow', async () => {
    const snapshots = three(20);
    await snapshots.publish('a', reply([sized('a', 'grows', 2), sized('a', 'stays', 8)]));
    await snapshots.publish('a', reply([sized('a', 'grows', 15), sized('a', 'stays', 8)]));
    expect(names(snapshots, 'a')).toEqual(['stays']);
  });

  it('a family that was taken from a resource takes no room any more', async () => {
    const snapshots = three(10);
    await snapshots.publish('b', reply([{ ...sized('b', 'x', 8), type: 'counter' }]));
    await snapshots.publish('a', reply([sized('a', 'x', 2)]));
    await snapshots.publish('c', reply([sized('c', 'y', 8)]));
    expect(names(snapshots, 'c')).toEqual(['y']);
  });
});

describe('three resources that dispute names', () => {
  const orders = [
    ['a', 'b', 'c'],
    ['a', 'c', 'b'],
    ['b', 'a', 'c'],
    ['b', 'c', 'a'],
    ['c', 'a', 'b'],
    ['c', 'b', 'a'],
  ];
  const replies: Readonly<Record<string, CollectReply>> = {
    a: reply([family('a', 'x', 'histogram'), family('a', 'own_a')]),
    b: reply([family('b', 'x_count'), family('b', 'y', 'counter'), family('b', 'own_b')]),
    c: reply([family('c', 'x'), family('c', 'y'), family('c', 'own_c')]),
  };
  const expected = { a: ['x', 'own_a'], b: ['y', 'own_b'], c: ['own_c'] };
  const publish = async (snapshots: Snapshots, order: readonly string[]) => {
    for (const name of order) await snapshots.publish(name, replies[name] ?? reply([]));
  };
  const shown = (snapshots: Snapshots) =>
    Object.fromEntries(['a', 'b', 'c'].map((name) => [name, names(snapshots, name)]));

  it.each(orders)('keep the same ones whoever comes first: %s, %s, %s', async (...order) => {
    const snapshots = three();
    await publish(snapshots, order);
    await publish(snapshots, order);
    expect(shown(snapshots)).toEqual(expected);
  });

  it.each(orders)('name each other: %s, %s, %s', async (...order) => {
    const snapshots = three();
    await publish(snapshots, order);
    await publish(snapshots, order);
    expect(snapshots.latest('c')?.errors.map(({ message }) => message)).toEqual([
      'The gauge "x" of resource "c" is left out: resource "a" exposes the histogram "x".',
      'The gauge "y" of resource "c" is left out: resource "b" exposes the counter "y".',
    ]);
    expect(snapshots.latest('b')?.errors.map(({ message }) => message)).toEqual([
      'The gauge "x_count" of resource "b" is left out: resource "a" exposes the histogram "x".',
    ]);
  });

  it.each(orders)(
    'keep them when one comes by a later reload: %s, %s, then %s',
    async (first, second, last) => {
      const snapshots = new Snapshots(Number.POSITIVE_INFINITY);
      snapshots.setRank(first as string, [1, 0]);
      snapshots.setRank(second as string, [1, 1]);
      await publish(snapshots, [first as string, second as string]);
      const before = shown(snapshots);
      // First in the file, but later than the others.
      snapshots.setRank(last as string, [2, 0]);
      await publish(snapshots, [last as string, first as string, second as string]);
      for (const name of [first as string, second as string]) {
        expect(names(snapshots, name)).toEqual(before[name]);
      }
      expect(names(snapshots, last as string)).toContain(`own_${last}`);
    },
  );

  it.each(orders)('get back what is free when the holder goes: %s, %s, %s', async (...order) => {
    const snapshots = three();
    await publish(snapshots, order);
    snapshots.withdraw('a');
    await publish(
      snapshots,
      order.filter((name) => name !== 'a'),
    );
    expect(names(snapshots, 'b')).toEqual(['x_count', 'y', 'own_b']);
    await publish(snapshots, order);
    await publish(snapshots, order);
    expect(shown(snapshots)).toEqual(expected);
  });
});

it('a resource that gives its family another type has it at once', async () => {
  const snapshots = three();
  await snapshots.publish('a', reply([family('a', 'x')]));
  const { snapshot } = await snapshots.publish('a', reply([family('a', 'x', 'counter')]));
  expect(snapshot).toMatchObject({ outcome: 'ok', errors: [] });
  expect(names(snapshots, 'a')).toEqual(['x']);
  expect(snapshots.header('x')?.type).toBe('counter');
});
