import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OURS, REAL } from './contestants.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ['prom-client', REAL],
  ['ours', OURS],
] as const)('a summary of %s', (_, client) => {
  const make = (more: object) => {
    const about = { name: 's', help: 's', labelNames: ['a'] as const, percentiles: [0.5], registers: [] };
    return new client.Summary({ ...about, ...more });
  };
  /** Percentile, sum and count by the label's value. */
  const shown = async (summary: ReturnType<typeof make>) => {
    const { values } = await summary.get();
    const byLabel: Record<string, number[]> = {};
    for (const { labels, value } of values) {
      const key = String(labels.a);
      byLabel[key] = [...(byLabel[key] ?? []), value];
    }
    return byLabel;
  };

  it('remembers everything unless it is told for how long', async () => {
    const summary = make({});
    summary.observe({ a: 'x' }, 5);
    vi.advanceTimersByTime(1e9);
    expect(await shown(summary)).toEqual({ x: [5, 5, 1] });
  });

  it('leaves behind what is older than maxAgeSeconds, and keeps sum and count', async () => {
    const summary = make({ maxAgeSeconds: 10, ageBuckets: 2 });
    summary.observe({ a: 'x' }, 5);
    vi.advanceTimersByTime(30_000);
    expect(await shown(summary)).toEqual({ x: [0, 5, 1] });
    summary.observe({ a: 'x' }, 7);
    expect(await shown(summary)).toEqual({ x: [7, 12, 2] });
  });

  it('forgets series of which all is too old with pruneAgedBuckets', async () => {
    const summary = make({ maxAgeSeconds: 10, ageBuckets: 2, pruneAgedBuckets: true });
    summary.observe({ a: 'old' }, 5);
    vi.advanceTimersByTime(30_000);
    summary.observe({ a: 'new' }, 7);
    expect(await shown(summary)).toEqual({ new: [7, 7, 1] });
  });
});
