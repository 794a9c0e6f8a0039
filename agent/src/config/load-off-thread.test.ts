import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatDiagnostic } from './diagnostic.ts';
import { CONFIG_ERRORS } from './error-table.ts';
import { loadConfigOffThread } from './load-off-thread.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'informer-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('loadConfigOffThread', () => {
  it('loads real files', async () => {
    const file = join(folder, 'informer.yaml');
    await writeFile(
      file,
      'include: ["*.yaml", none/*.yaml]\nresources: {a: {plugin: "${P}", config: {t: "${file:t}"}}}',
    );
    await writeFile(join(folder, 'more.yaml'), 'resources: {b: {plugin: p}}');
    await writeFile(join(folder, 't'), 'secret\n');
    const loaded = await loadConfigOffThread(file, { env: { P: 'probe' } });
    expect(loaded.issues.map(formatDiagnostic)).toEqual([]);
    expect(loaded.config?.resources.map(({ name, plugin, config }) => [name, plugin, config])).toEqual([
      ['a', 'probe', { t: 'secret' }],
      ['b', 'p', {}],
    ]);
    expect(loaded.files).toEqual([file, join(folder, 't'), join(folder, 'more.yaml')]);
    expect(loaded.sources).toMatchObject({ mainFile: file, include: ['*.yaml', 'none/*.yaml'] });
    expect(loaded.sources?.included).toEqual([join(folder, 'more.yaml')]);
    expect(loaded.secrets).toEqual(['secret']);
  });

  it('gives up at its deadline and says so', async () => {
    const file = join(folder, 'never.yaml');
    const { config, issues, files } = await loadConfigOffThread(file, { env: {}, deadlineMs: 0 });
    expect(config).toBeUndefined();
    expect(issues.map(formatDiagnostic)).toEqual([
      `${file}:1:1: loading took longer than 0s; see whether its files are on a file system that answers`,
    ]);
    expect(files).toEqual([file]);
  });
});

describe('the table of errors', () => {
  it('has every code that this folder uses', async () => {
    const { readdir } = await import('node:fs/promises');
    const sources = (await readdir(import.meta.dirname)).filter((name) => /(?<!\.test)\.ts$/.test(name));
    const text = await Promise.all(sources.map((name) => readFile(join(import.meta.dirname, name), 'utf8')));
    const used = new Set(text.join('').match(/\bCONFIG_[A-Z]+(?:_[A-Z]+)*(?=')/g));
    const known = CONFIG_ERRORS.map(({ code }) => code);
    expect([...used].filter((code) => !known.includes(code))).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
  });
});
