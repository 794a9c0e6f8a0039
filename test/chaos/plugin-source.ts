/** What a plugin does wrong in the resource that says `bad: true`; the others of it are well. JavaScript. */
export interface BadParts {
  /** Descriptors, the healthy ones `depth, done, size` among them or not. */
  readonly describe?: string;
  /** In `open`, where `context` is the open context. */
  readonly open?: string;
  /** In `collect`, where `context` is its context; what it does not return is followed by the healthy series. */
  readonly collect?: string;
  readonly close?: string;
}

/**
 * A plugin with series that are known exactly at every scrape: they follow from the resource's name. Every
 * second resource reads a file first, so that something of it runs in the thread pool.
 */
export function pluginSource(name: string, bad: BadParts = {}): string {
  return `
import { readFile } from 'node:fs/promises';
import { counter, definePlugin, gauge, histogram, Type } from '@dynamic-informer/sdk';

const depth = gauge('chaos_depth', 'Depth of a part.', ['part']);
const done = counter('chaos_done_total', 'Work that was done.');
const size = histogram('chaos_size', 'Sizes.', [], { buckets: [1, 10] });

export default definePlugin({
  name: '${name}',
  config: Type.Object({
    bad: Type.Optional(Type.Boolean({ description: 'Does it what it should not?' })),
    turn: Type.Optional(Type.Integer({ description: 'A change of it replaces the collector.' })),
  }),
  async open({ bad }, context) {
    const { resource, directory, logger } = context;
    let seed = 0;
    for (let i = 0; i < resource.length; i++) seed += resource.charCodeAt(i);
    const healthy = () => {
      const samples = [done.sample(seed), size.sample({ counts: [1, 2, 3], sum: seed })];
      for (let i = 0; i < 10; i++) samples.push(depth.sample(seed * 10 + i, { part: 'p' + i }));
      return samples;
    };
    let collects = 0;
    const kept = [];
    if (bad) { ${bad.open ?? ''} }
    return {
      describe: () => (bad ? [${bad.describe ?? 'depth, done, size'}] : [depth, done, size]),
      async collect(context) {
        collects++;
        if (bad) { ${bad.collect ?? ''} }
        if (seed % 2 === 0) await readFile(directory + '/informer.yaml');
        return healthy();
      },
      async close() {
        if (bad) { ${bad.close ?? ''} }
      },
    };
  },
});
`;
}

/** The healthy series of a resource, by what stands in a line before the value, without the label `resource`. */
export function healthySeries(resource: string): ReadonlyMap<string, number> {
  const seed = [...resource].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const series = new Map([
    ['chaos_done_total{}', seed],
    ['chaos_size_bucket{le="1"}', 1],
    ['chaos_size_bucket{le="10"}', 3],
    ['chaos_size_bucket{le="+Inf"}', 6],
    ['chaos_size_sum{}', seed],
    ['chaos_size_count{}', 6],
  ]);
  for (let i = 0; i < 10; i++) series.set(`chaos_depth{part="p${i}"}`, seed * 10 + i);
  return series;
}
