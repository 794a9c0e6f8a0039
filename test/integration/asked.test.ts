import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';

/** Writes down what it is asked, and does not come back from loading when it is told so. */
const PICKY = `
import { appendFileSync, existsSync } from 'node:fs';
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const beside = (name) => new URL('../' + name, import.meta.url);
if (existsSync(beside('hang'))) await new Promise(() => {});
const value = gauge('picky_value', 'As configured.');

export default definePlugin({
  name: 'picky',
  config: Type.Object({ value: Type.Number({ description: 'What to expose.' }) }),
  validate(config) {
    appendFileSync(beside('asked'), config.value + '\\n');
    return config.value < 0 ? [{ path: ['value'], message: 'it is negative' }] : [];
  },
  open: (config) => ({ describe: () => [value], collect: () => [value.sample(config.value)] }),
});
`;

const picky = (name: string, value: number, enabled = true) =>
  `  ${name}: {plugin: picky, enabled: ${enabled}, config: {value: ${value}}}\n`;
const acme = (queue: string) => `  acme: {plugin: acme, config: {queues: [${queue}]}}\n`;
const config = (...resources: string[]) => `resources:\n${resources.join('')}`;

describe('at a reload plugins are asked', { timeout: 180_000 }, () => {
  it('about what is new or has changed, also of disabled resources, and about nothing else', async () => {
    await using it = await startAgent({
      plugins: { 'picky.ts': PICKY },
      config: config(picky('on', 1), picky('off', 2, false)),
    });
    const asked = async () => {
      const text = await readFile(join(it.folder, 'asked'), 'utf8');
      await writeFile(join(it.folder, 'asked'), '');
      return text.trim().split('\n').filter(Boolean).sort();
    };
    // What opens is checked there too.
    expect(await asked()).toEqual(['1', '1', '2']);
    const reload = async (...resources: string[]) => {
      await it.configure(config(...resources));
      return (await it.agent.reload()).errors.map((error) => error.replace(/^.*: /, ''));
    };
    expect(await reload(picky('on', 1), '# moved\n', picky('off', 2, false))).toEqual([]);
    expect(await asked()).toEqual([]);
    expect(await reload(picky('on', 1), picky('off', -2, false))).toEqual(['it is negative']);
    expect(await asked()).toEqual(['-2']);
    expect(await reload(picky('on', 1), picky('off', 3, false))).toEqual([]);
    expect(await asked()).toEqual(['3']);
    expect(await reload(picky('on', 1), picky('off', 3, false), picky('more', 4, false))).toEqual([]);
    expect(await asked()).toEqual(['4']);
  });

  it('and one that does not answer holds up no change of others', async () => {
    await using it = await startAgent({
      plugins: { 'picky.ts': PICKY, 'acme.ts': ACME },
      config: config(acme('a')),
    });
    await it.write('hang', '');
    await it.configure(config(acme('b'), picky('one', 1), picky('two', 2, false)));
    await it.until(
      'the other change to be live',
      async () =>
        (await it.scrape('?resource=acme'))
          .lines('queue_messages')
          .some((line) => line.includes('queue="b"')),
      60_000,
    );
    // Nobody has had to end the host first.
    expect((await it.scrape()).lines('informer_host_restarts_total')).toEqual([]);
    expect(it.status('one').state).toBe('opening');
  });
});
