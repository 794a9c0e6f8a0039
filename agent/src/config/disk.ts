import { access, constants, glob, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MAGIC } from './include.ts';
import type { ConfigIo } from './source-files.ts';

/** The files of this machine. */
export const disk: Pick<ConfigIo, 'readFile' | 'glob'> = {
  readFile: (file) => readFile(file),
  async glob(pattern, directory) {
    const found = await matches(pattern, directory);
    await checkFolders(pattern, directory);
    return found;
  },
};

async function matches(pattern: string, directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const match of glob(pattern, { cwd: directory })) found.push(match);
  return found;
}

/** Rejects if a folder in which something may match can't be searched: Node.js takes such a folder to be empty. */
async function checkFolders(pattern: string, directory: string): Promise<void> {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => MAGIC.test(part));
  for (let depth = first; first >= 0 && depth < parts.length; depth++) {
    const prefix = parts.slice(0, depth).join('/') || (depth === 0 ? '.' : '/');
    const folders = depth > first ? await matches(prefix, directory) : [prefix];
    for (const folder of folders) await checkFolder(resolve(directory, folder));
  }
}

async function checkFolder(folder: string): Promise<void> {
  try {
    await access(`${folder}/`, constants.R_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') throw new Error(`permission denied to read ${folder}`);
  }
}
