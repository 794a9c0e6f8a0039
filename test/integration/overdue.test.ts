import { expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';

const PLUGIN = `
import { existsSync, writeFileSync } from 'node:fs';
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const depth = gauge('depth', 'Depth.');

export default definePlugin({
  name: 'fragile',
  config: Type.Object({ ends: Type.Boolean({ default: false, description: 'Does it end its process?' }) }),
  open({ ends }, { directory }) {
    const mark = directory + '/opened';
    if (!ends && existsSync(mark)) return new Promise(() => {});
    if (!ends) writeFileSync(mark, '');
    return {
      describe: () => [depth],
      collect: () => (ends ? process.exit(1) : [depth.sample(1)]),
    };
  },
});
`;

it('a resource with an interval is not up when its values are too old to be shown, whatever its last collect brought', async () => {
  await using run = await startAgent({
    plugins: { 'fragile.mjs': PLUGIN },
    config: `resources:
  good: {plugin: fragile, every: 100ms, timeout: 200ms, open_timeout: 60s}
  bad: {plugin: fragile, config: {ends: true}}
`,
  });
  await run.until('a first value', () => run.status('good').series === 1);
  expect(run.status('good').up).toBe(true);
  // The bad one ends the host of both, and in the new one the good one does not open.
  await run.scrape('?resource=bad');
  await run.until('its value to be too old', () => run.status('good').series === 0);
  expect(run.status('good')).toMatchObject({ state: 'opening', outcome: 'ok', up: false });
  expect((await run.scrape('?resource=good')).value('informer_resource_up', { resource: 'good' })).toBe(0);
});
