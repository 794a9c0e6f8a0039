import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ErrorInfo, pluginError, toErrorInfo } from '@dynamic-informer/sdk';
import { type Needs, needsOf } from '@dynamic-informer/sdk/docs';
import type { PluginSource } from './contract.ts';
import { FilesRead } from './files-read.ts';
import { type HostKind, type Manifest, manifestFile, readManifest } from './manifest.ts';

/** A plugin that can be used, before its code is loaded. */
export interface CatalogEntry {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly host: HostKind;
  readonly builtin: boolean;
  /** Where its code is: a package's name for a built-in or an installed package, else a file or folder. */
  readonly origin: string;
  /** The folder with its package.json, absolute; `undefined` for a built-in and a single file. */
  readonly folder: string | undefined;
  /** The file, relative to that folder, that its package.json says is the entry. */
  readonly main: string | undefined;
  /** The folder, absolute, from which a package of that name is looked for. */
  readonly directory: string;
  /** What its package.json says that it needs; `undefined` if it does not say, as a single file can't. */
  readonly needs: Needs | undefined;
  /** Why it can't be used: its package.json is malformed. */
  readonly problem: ErrorInfo | undefined;
}

/** Where a plugin's code begins. */
export interface LocatedPlugin {
  /** Absolute; `undefined` if there is none. */
  readonly file: string | undefined;
  /** Where it would be, and what describes it: absolute paths whose change may be a change of the plugin. */
  readonly looked: readonly string[];
  readonly problem: ErrorInfo | undefined;
}

/** Written by the build; the same file whether this runs from src or from dist. */
const MANIFEST = new URL('../dist/builtins.json', import.meta.url);
const CODE = /\.(?:js|mjs|ts|mts)$/;

/** The plugins that came with the agent, from the manifest that the build wrote. */
export function builtinPlugins(): CatalogEntry[] {
  const listed = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Record<
    string,
    { package: string; host: HostKind; version: string; description: string; needs?: Needs }
  >;
  return Object.entries(listed).map(([name, { package: origin, needs, ...rest }]) => ({
    name,
    origin,
    builtin: true,
    folder: undefined,
    main: undefined,
    directory: '',
    needs: needsOf(needs),
    problem: undefined,
    ...rest,
  }));
}

/**
 * Plugins in folders of the operator's: each a package folder or a single file, named after itself. A folder that
 * is not there has none. `reads` remembers what they were read from.
 */
export async function pluginsIn(
  folders: readonly string[],
  reads = new FilesRead(),
): Promise<CatalogEntry[]> {
  const entries: CatalogEntry[] = [];
  for (const folder of folders) {
    for (const { name, isFolder } of await reads.list(folder, mayBePlugin)) {
      const path = join(folder, name);
      if (!isFolder) {
        entries.push(describe(name.replace(CODE, ''), path, undefined));
        continue;
      }
      const manifest = await readManifest(path, reads);
      // One that can't be read is to be seen, by the name of its folder.
      const shown = manifest?.plugin ?? (manifest?.problem && basename(path));
      if (shown) entries.push(describe(shown, path, manifest));
    }
  }
  return entries;
}

/** Whether something of that name in a folder of plugins can be one. */
export function mayBePlugin(name: string, isFolder: boolean): boolean {
  if (name.startsWith('.')) return false;
  return isFolder || (CODE.test(name) && !/\.(?:test|d)\.\w+$/.test(name));
}

/** A plugin that the configuration names with a `path`: a folder, a file, or a package's name. */
export async function pluginAt(
  name: string,
  path: string,
  directory: string,
  reads = new FilesRead(),
): Promise<CatalogEntry> {
  const local = resolve(directory, path);
  const isLocal = isAbsolute(path) || path.startsWith('.') || existsSync(local);
  const origin = isLocal ? local : path;
  const folder = isLocal ? local : packageFolders(path, directory).find((place) => existsSync(place));
  const isFile = folder === undefined || statSync(folder, { throwIfNoEntry: false })?.isFile() === true;
  const manifest = isFile ? undefined : await readManifest(folder, reads);
  return { ...describe(name, origin, manifest), folder: isFile ? undefined : folder, directory };
}

function describe(name: string, origin: string, manifest: Manifest | undefined): CatalogEntry {
  return {
    name,
    origin,
    builtin: false,
    folder: manifest && origin,
    main: packageEntry(manifest),
    directory: dirname(origin),
    description: manifest?.description ?? '',
    version: manifest?.version ?? '',
    host: manifest?.host ?? 'own',
    needs: manifest?.needs,
    problem: manifest?.problem,
  };
}

/** Where a package's folder would be, from the nearest place on. */
function packageFolders(name: string, directory: string): string[] {
  const places = createRequire(join(directory, 'informer.yaml')).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name));
}

/** Finds the entry file of a plugin that is no built-in. */
export function locate({ name, origin, folder, main, directory }: CatalogEntry): LocatedPlugin {
  if (folder === undefined && !isAbsolute(origin)) {
    const looked = packageFolders(origin, directory).map(manifestFile);
    return missing(name, `there is no package "${origin}" in reach of ${directory}`, looked);
  }
  const path = folder ?? origin;
  const kind = statSync(path, { throwIfNoEntry: false });
  if (!kind) return missing(name, `there is no "${path}"`, [path]);
  if (!kind.isDirectory()) return { file: path, looked: [path], problem: undefined };
  const ends = main === undefined ? [] : [main, `${main}.js`, join(main, 'index.js')];
  const candidates = [...ends, 'index.js', 'index.mjs', 'index.ts', 'dist/index.js'];
  const files = candidates.map((candidate) => join(path, candidate));
  const file = files.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (file !== undefined) return { file, looked: [file, manifestFile(path)], problem: undefined };
  const what = `"${path}" has none of ${[...new Set(candidates)].join(', ')}`;
  return missing(name, what, [...files, manifestFile(path)]);
}

function missing(name: string, what: string, looked: readonly string[]): LocatedPlugin {
  const problem = pluginError(`The plugin "${name}" can't be loaded: ${what}.`, {
    code: 'PLUGIN_NOT_FOUND',
    fix: 'Correct plugins.NAME.path, or install it.',
  });
  return { file: undefined, looked, problem: toErrorInfo(problem) };
}

/** Where a plugin's code is, for who loads it once. What is not there is a problem of the source. */
export function sourceOf(
  entry: CatalogEntry,
  located = entry.builtin ? undefined : locate(entry),
): PluginSource {
  const { name, origin, version } = entry;
  if (!located) return { name, url: import.meta.resolve(origin), version };
  const problem = entry.problem ?? located.problem;
  const url = pathToFileURL(located.file ?? resolve(entry.directory, origin)).href;
  return { name, url, version, ...(problem && { problem }) };
}

/** What Node.js looks for when a package is imported. */
const CONDITIONS: readonly string[] = ['node', 'import', 'module-sync', 'default'];

/** The file that `exports` or `main` of a package.json names. */
function packageEntry(manifest: Manifest | undefined): string | undefined {
  let entry = (manifest?.exports as { '.'?: unknown } | undefined)?.['.'] ?? manifest?.exports;
  while (typeof entry === 'object' && entry !== null) {
    const conditions = entry as Record<string, unknown>;
    const met = Object.keys(conditions).find((condition) => CONDITIONS.includes(condition));
    entry = met === undefined ? undefined : conditions[met];
  }
  return typeof entry === 'string' ? entry : manifest?.main;
}
