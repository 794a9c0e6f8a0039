import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { configError } from '@dynamic-informer/sdk';
import { builtinPlugins } from '../catalog.ts';
import { HostPool } from '../hosts/pool.ts';
import { createLog } from '../log.ts';
import { Redactor } from '../redactor.ts';
import { initText } from './init-text.ts';
import { sampleOf } from './plugins.ts';
import { schemaText } from './schema.ts';
import { processHosts } from './start-host.ts';

/** Writes a first configuration, and its JSON schema for editors beside it; neither over a file that is there. */
export async function init(file: string): Promise<void> {
  const samples = builtinPlugins().map((entry) => ({
    plugin: entry.name,
    description: entry.description,
    text: sampleOf(entry) ?? '',
  }));
  const schemaFile = `${basename(file).replace(/\.(?:ya?ml|json)$/, '')}.schema.json`;
  if (!(await written(file, initText(samples, schemaFile)))) {
    throw configError(`${file} is there already.`, { fix: 'name another file, or remove it' });
  }
  const schemaPath = join(dirname(file), schemaFile);
  const isNew = await written(schemaPath, await builtinSchema());
  process.stdout.write(`${file} is written; check it with "informer check --config ${file}"\n`);
  const renew = `"informer check --schema --config ${file} > ${schemaPath}" renews it`;
  process.stdout.write(
    `${schemaPath}, for editors, ${isNew ? 'is written' : 'is there already'}; ${renew}\n`,
  );
}

async function builtinSchema(): Promise<string> {
  const log = createLog({ level: 'error', format: 'logfmt', redactor: new Redactor() });
  const pool = new HostPool(processHosts(log, { stateFolder: () => undefined }));
  try {
    return (await schemaText(pool, undefined)).text;
  } finally {
    await pool.stop();
  }
}

/** Is it written now? Not if there was such a file. */
async function written(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
