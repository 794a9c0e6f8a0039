import { describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { placeOf } from './place.ts';
import { applyDelta, type DigestedResource, deltaOf } from './resource-delta.ts';

async function resourcesOf(text: string) {
  const io = { env: {}, readFile: async () => Buffer.from(text), glob: async () => [] };
  const { config } = await loadConfig('/etc/informer.yaml', io);
  if (!config) throw new Error('there is no configuration');
  return config.resources;
}

/** What somebody has who gets one version after the other, and how many resources each version had to send. */
async function follow(...texts: string[]) {
  let known: readonly DigestedResource[] = [];
  const sent: number[] = [];
  for (const text of texts) {
    const resources = await resourcesOf(text);
    const delta = deltaOf(
      resources,
      known.map(({ digest }) => digest),
    );
    known = applyDelta(structuredClone(delta), known);
    sent.push(delta.fresh.length);
    expect(known.map(({ resource }) => resource)).toEqual(resources);
  }
  return { known: known.map(({ resource }) => resource), sent };
}

const A = '  a:\n    plugin: p\n    config:\n      list: [1, {x: 2}]\n';
const B = '  b: {plugin: p, every: 1m}\n';

describe('a delta', () => {
  it('sends what is new or has changed, in any part', async () => {
    const { sent } = await follow(
      `resources:\n${A}${B}`,
      `resources:\n${A}${B}`,
      `resources:\n${A}${B.replace('1m', '2m')}`,
      `resources:\n${A}${B.replace('p,', 'q,')}`,
      `resources:\n${A.replace('x: 2', 'x: 3')}${B}  c: {plugin: p}\n`,
      `resources:\n${A.replace('x: 2', 'x: .inf')}`,
      `resources:\n${A.replace('x: 2', 'x: .nan')}`,
      `resources:\n${A.replace('x: 2', 'x: null')}`,
    );
    expect(sent).toEqual([2, 0, 1, 1, 3, 1, 1, 1]);
  });

  it('sends nothing when resources move, come in another order or go, and their places are right', async () => {
    const { sent, known } = await follow(
      `resources:\n${A}${B}`,
      `# one\n# two\nresources:\n${A}${B}`,
      `resources:\n${B}${A}`,
      `resources:\n\n${A}`,
    );
    expect(sent).toEqual([2, 0, 0, 0]);
    const [a] = known;
    expect(a && placeOf(a, ['config', 'list', 1, 'x'])).toMatchObject({ line: 6, column: 21 });
  });

  it('sends a resource anew when an anchor that it uses moves away from it', async () => {
    const text = (between: string) =>
      `x-base: &base {plugin: p, labels: {l: v}}\n${between}resources:\n  a:\n    <<: *base\n`;
    expect((await follow(text(''), text('# one\n'))).sent).toEqual([1, 1]);
  });
});
