import { glob, readFile } from 'node:fs/promises';
import type { ConfigIo } from './source-files.ts';

/** The files of this machine. */
export const disk: Pick<ConfigIo, 'readFile' | 'glob'> = {
  readFile: (file) => readFile(file),
  async glob(pattern, directory) {
    const found: string[] = [];
    for await (const match of glob(pattern, { cwd: directory })) found.push(match);
    return found;
  },
};
