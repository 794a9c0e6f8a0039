import { describe, expect, it } from 'vitest';
import { PathCounts } from './file-counts.ts';

const linesOf = (counts: PathCounts): Record<string, number> =>
  Object.fromEntries(counts.dump().map(([path, { lines }]) => [path, lines]));

function counted(limit: number, paths: readonly string[]) {
  let said = 0;
  const counts = new PathCounts(limit, () => said++);
  for (const path of paths) counts.of(path).lines++;
  return { counts, said: () => said };
}

describe('the counts of paths', () => {
  it('are summed under one name beyond the limit, which is said once', () => {
    const { counts, said } = counted(2, ['/a', '/b', '/c', '/d', '/a', '/c']);
    expect(linesOf(counts)).toEqual({ '/a': 2, '/b': 1, other: 3 });
    expect(said()).toBe(1);
    const lags = new Map([
      ['/a', 1],
      ['/c', 2],
      ['/d', 4],
    ]);
    const lag = [...counts.samples(lags)].filter(
      ({ descriptor }) => descriptor.name === 'file_tail_lag_bytes',
    );
    expect(lag.map(({ labels, value }) => [labels.path, value])).toEqual([
      ['/a', 1],
      ['other', 6],
    ]);
  });

  it('stay where they are when room becomes free, which a new path takes', () => {
    const { counts } = counted(2, ['/a', '/b', '/c']);
    counts.retain(new Set(['/b', '/c']));
    for (const path of ['/c', '/d']) counts.of(path).lines++;
    expect(linesOf(counts)).toEqual({ '/b': 1, '/d': 1, other: 2 });
  });

  it('keep nothing of paths that are gone but the sum of the others', () => {
    const { counts } = counted(1, ['/a', '/b', '/c']);
    counts.retain(new Set());
    expect(linesOf(counts)).toEqual({ other: 2 });
    expect(['/a', '/b', '/c'].map((path) => counts.has(path))).toEqual([false, false, false]);
  });

  it('go on after a restart, with a lower limit too', () => {
    const before = counted(2, ['/a', '/b', '/c']).counts;
    const after = new PathCounts(1, () => undefined);
    after.restore(before.dump(), ['/a', '/b', '/c']);
    expect(linesOf(after)).toEqual({ '/a': 1, other: 2 });
    expect(['/a', '/b', '/c', '/d'].map((path) => after.has(path))).toEqual([true, true, true, false]);
    const raised = new PathCounts(9, () => undefined);
    raised.restore(after.dump(), ['/a', '/b', '/c']);
    raised.of('/b').lines++;
    raised.of('/d').lines++;
    expect(linesOf(raised)).toEqual({ '/a': 1, '/d': 1, other: 3 });
  });
});
