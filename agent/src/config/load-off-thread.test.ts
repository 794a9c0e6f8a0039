import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../../test/support/wait.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { CONFIG_ERRORS } from './error-table.ts';
import { ConfigLoader, loadConfigOffThread } from './load-off-thread.ts';

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

describe('ConfigLoader', () => {
  it('gives the same objects for what has not changed, also from another thread', async () => {
    const file = join(folder, 'again.yaml');
    const write = (value: number) =>
      writeFile(file, `resources:\n  a: {plugin: p}\n  b: {plugin: p, config: {v: ${value}}}\n`);
    await write(1);
    // The thread of the first load is gone by the second, and that of the third is the one of the second.
    using loader = new ConfigLoader(file, { env: {} });
    const first = await loader.load();
    await write(2);
    const second = await loader.load();
    await write(3);
    loader.readAhead();
    const third = await loader.load();
    const [a, b] = third.config?.resources ?? [];
    expect(b?.config).toEqual({ v: 3 });
    expect([first, second].map(({ config }) => config?.resources[0])).toEqual([a, a]);
    expect(second.config?.resources[0]).toBe(a);
    expect(first.config?.resources[0]).toBe(a);
  });

  it('loads on after loads that hung in the file system, but lets no more than two hang', async () => {
    const file = join(folder, 'hangs.yaml');
    const fifo = join(folder, 'fifo');
    const good = 'resources: {a: {plugin: p}}';
    await promisify(execFile)('mkfifo', [fifo]);
    using loader = new ConfigLoader(file, { env: {}, deadlineMs: 2_000 });
    const problems = async (text: string) => {
      await writeFile(file, text);
      return (await loader.load()).issues.map(({ message }) => message);
    };
    // On a busy machine a thread may need longer than that to start.
    const loads = () =>
      waitFor(async () => (await problems(good)).length === 0, {
        what: 'a good file to load',
        timeout: 20_000,
      });
    await loads();
    const hanging = 'resources: {a: {plugin: p, config: "${file:fifo}"}}';
    expect(await problems(hanging)).toEqual(['loading took longer than 2s']);
    await loads();
    expect(await problems(hanging)).toEqual(['loading took longer than 2s']);
    expect(await problems(good)).toEqual(['it is not loaded while earlier loads still hang']);
    // Whoever opens the other end lets them go on, and they end.
    await writeFile(fifo, 'x');
    await loads();
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
