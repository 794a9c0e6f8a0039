import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pluginError, toErrorInfo } from '../errors.ts';
import { pluginOf } from '../runtime/collector.ts';
import { declaredNeeds } from './declared-needs.ts';
import { staleError, updateReadme } from './readme.ts';

/** Where a plugin's code is looked for, its source before what was built from it. */
const ENTRIES = ['index.ts', 'index.js', 'index.mjs', 'dist/index.js'];

const USAGE = `Usage: informer-readme [--check] [FOLDER…]
Writes the tables of configuration, metrics and needs into the README.md of each plugin's folder, between the lines
<!-- BEGIN GENERATED: configuration -->, <!-- BEGIN GENERATED: metrics --> or <!-- BEGIN GENERATED: needs --> and
<!-- END GENERATED -->. What it needs stands in the package.json beside it, under informer.needs.
The folder is the working directory unless some are named. With --check it writes nothing, and ends with 1 if
a table is not what the code says.
`;

/** @returns the exit code */
export async function readmeCommand(args: readonly string[]): Promise<number> {
  const options = args.filter((arg) => arg.startsWith('-'));
  if (options.some((option) => option !== '--check')) {
    const wanted = options.includes('--help');
    process[wanted ? 'stdout' : 'stderr'].write(USAGE);
    return wanted ? 0 : 2;
  }
  const named = args.filter((arg) => !arg.startsWith('-'));
  let failures = 0;
  for (const folder of named.length > 0 ? named : ['.']) {
    const file = join(folder, 'README.md');
    try {
      await updateFile(folder, file, options.includes('--check'));
    } catch (error) {
      const { message, fix } = toErrorInfo(error);
      process.stderr.write(`${file}: ${message}${fix ? ` ${fix}` : ''}\n`);
      failures++;
    }
  }
  return failures > 0 ? 1 : 0;
}

async function updateFile(folder: string, file: string, check: boolean): Promise<void> {
  const entry = ENTRIES.map((name) => resolve(folder, name)).find((path) => existsSync(path));
  if (!entry) {
    throw pluginError(`There is none of ${ENTRIES.join(', ')} beside it.`, {
      code: 'README_NO_PLUGIN',
      fix: "Name a plugin's folder.",
    });
  }
  const plugin = pluginOf(await import(pathToFileURL(entry).href));
  const readme = await readFile(file, 'utf8');
  const needs = await declaredNeeds(folder);
  const { text, stale } = updateReadme(readme, { ...plugin, needs });
  if (stale.length === 0) return;
  if (check) throw staleError(stale);
  await writeFile(file, text);
  process.stdout.write(`${relative('', file)}: ${stale.join(' and ')} written anew\n`);
}
