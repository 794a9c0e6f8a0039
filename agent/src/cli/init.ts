import { writeFile } from 'node:fs/promises';
import { configError } from '@dynamic-informer/sdk';

const TEXT = `# What informer watches. Check it with "informer check", run it with "informer run".
web:
  listen: [127.0.0.1:19115]
defaults:
  timeout: 5s
resources: {}
  # shop:
  #   plugin: http-probe
  #   every: 15s
  #   config:
  #     targets: [https://shop.example/health]
`;

/** Writes a first configuration, never over one that is there. */
export async function init(file: string): Promise<void> {
  try {
    await writeFile(file, TEXT, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw configError(`${file} is there already.`, { fix: 'name another file, or remove it' });
  }
  process.stdout.write(`${file} is written; check it with "informer check --config ${file}"\n`);
}
