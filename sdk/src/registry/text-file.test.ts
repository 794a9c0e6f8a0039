import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Registry } from './registry.ts';
import { writeTextFile } from './text-file.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

it('replaces the file at once, readable for everybody, and leaves nothing beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'text-file-'));
  folders.push(folder);
  const path = join(folder, 'backup.prom');
  const registry = new Registry();
  const done = registry.counter('backup_files_total', 'Files that were saved.');
  for (let files = 0; files < 3; files++) {
    await writeTextFile(registry, path);
    expect(await readFile(path, 'utf8')).toBe(
      `# HELP backup_files_total Files that were saved.\n# TYPE backup_files_total counter\nbackup_files_total ${files}\n`,
    );
    done.with().inc();
  }
  expect(await readdir(folder)).toEqual(['backup.prom']);
  expect((await stat(path)).mode & 0o444).toBe(0o444);
});

it('leaves the old file when the new one can not be put in its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'text-file-'));
  folders.push(folder);
  await expect(writeTextFile(new Registry(), join(folder, 'missing', 'x.prom'))).rejects.toThrow('ENOENT');
  await expect(writeTextFile(new Registry(), folder)).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
});
