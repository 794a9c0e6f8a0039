import { describe, expect, test } from 'vitest';
import { digestOf } from './digest.ts';
import type { MixName } from './mixes.ts';
import { openRegistry } from './registries.ts';

describe.each(['A', 'H'] as const)('mix %s', (mix: MixName) => {
  test.each([100, 1_000, 10_010])('has exactly %d lines that count', async (series) => {
    const registry = openRegistry('ours', mix, series);
    registry.change('all', 0);
    const text = Buffer.concat((await registry.render('text')).parts);
    expect(text.toString().match(/^[^#]/gm)).toHaveLength(series);
    expect(digestOf(text, series)).toMatch(`${series} series, `);
  });

  test('changes every series, or another tenth in each round', async () => {
    const registry = openRegistry('ours', mix, 1_000);
    registry.change('all', 0);
    const lines = async () =>
      Buffer.concat((await registry.render('text')).parts)
        .toString()
        .split('\n');
    const changedBy = async (changed: 'all' | '10pct', round: number) => {
      const before = await lines();
      registry.change(changed, round);
      const after = await lines();
      return after.filter((line, index) => line !== before[index] && !line.includes('_bucket')).length;
    };
    // Gauges that hold whole numbers may be given the value that they have.
    const plain = (await lines()).filter((line) => /^[^#]/.test(line) && !line.includes('_bucket')).length;
    expect(await changedBy('all', 1)).toBeGreaterThan(0.99 * plain);
    expect(await changedBy('10pct', 2)).toBeGreaterThan(0.08 * plain);
    expect(await changedBy('10pct', 3)).toBeLessThan(0.12 * plain);
  });
});

test('half of the lines of mix H are histograms', async () => {
  const registry = openRegistry('ours', 'H', 1_000);
  registry.change('all', 0);
  const text = Buffer.concat((await registry.render('text')).parts).toString();
  expect(text.match(/^shop_\d_duration_seconds_(?:bucket|sum|count)\{/gm)).toHaveLength(36 * 14);
});
