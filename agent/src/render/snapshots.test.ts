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
