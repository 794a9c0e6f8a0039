import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../config/diagnostic.ts';
import { loadConfig } from '../config/load.ts';
import { initText, type Sample } from './init-text.ts';

async function load(text: string) {
  const { config, issues } = await loadConfig('/c/informer.yaml', {
    env: {},
    readFile: async () => Buffer.from(text),
    glob: async () => [],
  });
  expect(issues.map(formatDiagnostic)).toEqual([]);
  return config;
}

describe('the text of a first configuration', () => {
  it("is valid with every built-in plugin's sample, and collects nothing yet", async () => {
    const plugins = join(import.meta.dirname, '../../../plugins');
    const samples: Sample[] = [];
    for await (const file of glob('*/sample.yaml', { cwd: plugins })) {
      const text = await readFile(join(plugins, file), 'utf8');
      samples.push({ plugin: file.split('/')[0] ?? '', description: 'A plugin.', text });
    }
    expect(samples.length).toBeGreaterThan(0);
    expect(initText(samples, 'x.schema.json')).toMatch(/^# yaml-language-server: \$schema=x\.schema\.json\n/);
    const config = await load(initText(samples, 'informer.schema.json'));
    const configured = new Set(config?.resources.map(({ plugin }) => plugin));
    expect([...configured].sort()).toEqual(samples.map(({ plugin }) => plugin).sort());
    expect(config?.resources.filter(({ enabled }) => enabled)).toEqual([]);
  });

  it('is valid without any', async () => {
    expect((await load(initText([], 'informer.schema.json')))?.resources).toEqual([]);
  });

  it('is valid with the settings that it shows as comments', async () => {
    const settings = initText([], 'informer.schema.json').replace(
      /^(\s*)# (?=\s*[a-z_-]+: ?(?:[[{\d/]|$))/gm,
      '$1',
    );
    expect(settings).toContain('\nstate_dir: /var/lib/informer\n');
    expect(settings).toContain('\n  acme-queue: {path');
    await load(settings);
  });
});
