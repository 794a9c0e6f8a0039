import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { outputOf } from './run-program.ts';

/** The files of a compressed tar archive with one folder in it: their paths in that folder, and their text. */
export async function unpack(archive: string, folder: string): Promise<Map<string, string>> {
  await outputOf('tar', ['-xzf', archive, '-C', folder]);
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile())
      files.set(relative(folder, path).replace(/^[^/]+\//, ''), await readFile(path, 'utf8'));
  }
  return files;
}
