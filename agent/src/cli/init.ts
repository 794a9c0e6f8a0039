import { writeFile } from 'node:fs/promises';
import { configError } from '@dynamic-informer/sdk';
import { builtinPlugins } from '../catalog.ts';
import { initText } from './init-text.ts';
import { sampleOf } from './plugins.ts';

/** Writes a first configuration, never over one that is there. */
export async function init(file: string): Promise<void> {
  const samples = builtinPlugins().map((entry) => ({
    plugin: entry.name,
    description: entry.description,
    text: sampleOf(entry) ?? '',
  }));
  try {
    await writeFile(file, initText(samples), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw configError(`${file} is there already.`, { fix: 'name another file, or remove it' });
  }
  process.stdout.write(`${file} is written; check it with "informer check --config ${file}"\n`);
}
