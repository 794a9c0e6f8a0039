import { existsSync, realpathSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configError } from '@dynamic-informer/sdk';
import { needsOf, updateReadme } from '@dynamic-informer/sdk/docs';
import { type CatalogEntry, pluginAt } from '../catalog.ts';
import { HostPool } from '../hosts/pool.ts';
import { createLog } from '../log.ts';
import { Redactor } from '../redactor.ts';
import { nextSteps, workspaceSteps } from './create-steps.ts';
import { loadPlugins, readCatalog } from './plugins.ts';
import { processHosts } from './start-host.ts';
import { addReference, pluginFiles } from './template.ts';

/** As resources and packages may be called, without what a metric's name or a folder could not hold. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const LONGEST_NAME = 63;

/** The package that this very program imports: the same version writes the plugin and runs it. */
const SDK = dirname(dirname(fileURLToPath(import.meta.resolve('@dynamic-informer/sdk'))));

/**
 * Writes a plugin that works as it is, into a new folder, and prints what to do next.
 * @throws a config error if it may not be there or can't be written; no half of a plugin is left behind
 */
export async function createPlugin(name: string, options: { dir?: string; config?: string }): Promise<void> {
  checkName(name);
  const folder = folderFor(name, options.dir);
  checkIsFree(name, folder, await readCatalog(options.config));
  await makeFolder(folder);
  const root = workspaceRoot(folder);
  try {
    await writeFiles(name, folder, root);
    await writeTables(name, folder);
    if (root) await listInWorkspace(root, name);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw isSystemError(error) ? notWritten(folder, error) : error;
  }
  const sample = await readFile(join(folder, 'sample.yaml'), 'utf8');
  const plugin = { name, folder, sample };
  process.stdout.write(root ? workspaceSteps(plugin) : await nextSteps(plugin));
}

function checkName(name: string): void {
  if (NAME.test(name) && name.length <= LONGEST_NAME) return;
  const meant = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');
  const suggestion = NAME.test(meant) && meant.length <= LONGEST_NAME ? `, such as ${meant}` : '';
  throw configError(`"${name}" is no name for a plugin.`, {
    code: 'CREATE_BAD_NAME',
    fix: `write it in lower-case letters, digits and single dashes, a letter first, at most ${LONGEST_NAME}${suggestion}`,
  });
}

/** `--dir` is where the plugin's folder is made; one that ends in the plugin's name is that folder itself. */
function folderFor(name: string, dir = '.'): string {
  const parent = resolve(dir);
  return basename(parent) === name ? parent : join(parent, name);
}

function checkIsFree(name: string, folder: string, catalog: ReadonlyMap<string, CatalogEntry>): void {
  const taken = catalog.get(name);
  // A configuration may name a plugin before it is there.
  if (taken && (taken.builtin || (resolve(taken.origin) !== folder && existsSync(taken.origin)))) {
    const owner = taken.builtin ? 'a plugin that comes with the agent' : `the plugin at ${taken.origin}`;
    throw configError(`The name "${name}" is taken by ${owner}.`, {
      code: 'CREATE_NAME_TAKEN',
      fix: 'choose another; "informer plugins" lists those that are taken',
    });
  }
  if (existsSync(folder)) {
    throw configError(`${folder} is there already.`, {
      code: 'CREATE_FOLDER_EXISTS',
      fix: 'choose another name, name another place with --dir, or remove it',
    });
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeParents(dirname(folder));
    await mkdir(folder);
  } catch (error) {
    throw notWritten(folder, error);
  }
}

/** One after the other: Node's own `recursive` does not come back where the kernel refuses, as below /proc. */
async function makeParents(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await makeParents(dirname(folder));
  await mkdir(folder);
}

const isSystemError = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).syscall !== undefined;

function notWritten(folder: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return configError(`${folder} can't be written: ${reason}.`, {
    code: 'CREATE_NOT_WRITTEN',
    fix: 'name a folder with --dir that you may write to',
    cause: error,
  });
}

/** The root of the project's own workspace when the folder is one of its plugins. */
function workspaceRoot(folder: string): string | undefined {
  const root = dirname(SDK);
  const isPlugin = realpathSync(dirname(folder)) === join(root, 'plugins');
  return isPlugin && existsSync(join(root, 'pnpm-workspace.yaml')) ? root : undefined;
}

async function writeFiles(name: string, folder: string, root: string | undefined): Promise<void> {
  const sdk = `file:${relative(realpathSync(folder), SDK)}`;
  const files = await pluginFiles(name, root ? { kind: 'workspace' } : { kind: 'standalone', sdk });
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Loads what was written, as an agent would, and fills the README's tables from what it says of itself. */
async function writeTables(name: string, folder: string): Promise<void> {
  const log = createLog({ level: 'error', format: 'logfmt', redactor: new Redactor() });
  const pool = new HostPool(processHosts(log));
  try {
    const [plugin] = await loadPlugins(pool, [await pluginAt(name, join(folder, 'index.ts'), folder)]);
    if (!plugin) return;
    const file = join(folder, 'README.md');
    const { informer } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const { text } = updateReadme(await readFile(file, 'utf8'), {
      config: plugin.schema,
      metrics: plugin.metrics,
      needs: needsOf(informer.needs),
    });
    await writeFile(file, text);
  } finally {
    await pool.stop();
    await log.close();
  }
}

async function listInWorkspace(root: string, name: string): Promise<void> {
  const file = join(root, 'plugins', 'tsconfig.json');
  await writeFile(file, addReference(await readFile(file, 'utf8'), name));
}
