import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ErrorInfo, pluginError } from '@dynamic-informer/sdk';
import { type Needs, needsOf } from '@dynamic-informer/sdk/docs';
import type { PluginSource } from './contract.ts';
import { type HostKind, type Manifest, readManifest } from './manifest.ts';

/** A plugin that can be used, before its code is loaded. */
export interface CatalogEntry {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly host: HostKind;
  readonly builtin: boolean;
  /** Where its code is: a package's name for a built-in, else a file or folder. */
  readonly origin: string;
  /** What its package.json says that it needs; `undefined` if it does not say, as a single file can't. */
  readonly needs: Needs | undefined;
  /** Why it can't be used: its package.json is malformed. */
  readonly problem: ErrorInfo | undefined;
}

const requireHere = createRequire(import.meta.url);
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
    needs: needsOf(needs),
    problem: undefined,
    ...rest,
  }));
}

/** Plugins in folders of the operator's: each a package folder or a single file, named after itself. */
export function pluginsIn(folders: readonly string[]): CatalogEntry[] {
  return folders.flatMap((folder) => {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry): CatalogEntry[] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        const manifest = readManifest(path);
        // One that can't be read is to be seen, by the name of its folder.
        const name = manifest?.plugin ?? (manifest?.problem && basename(path));
        return name ? [describe(name, path, manifest)] : [];
      }
      const isPlugin = CODE.test(entry.name) && !/\.(?:test|d)\.\w+$/.test(entry.name);
      return isPlugin ? [describe(entry.name.replace(CODE, ''), path, undefined)] : [];
    });
  });
}

/** A plugin that the configuration names with a `path`: a folder, a file, or a package's name. */
export function pluginAt(name: string, path: string, directory: string): CatalogEntry {
  const local = isAbsolute(path) || path.startsWith('.') ? resolve(directory, path) : undefined;
  const origin = local ?? (existsSync(resolve(directory, path)) ? resolve(directory, path) : path);
  return describe(name, origin, isAbsolute(origin) ? readManifest(origin) : undefined);
}

function describe(name: string, origin: string, manifest: Manifest | undefined): CatalogEntry {
  return {
    name,
    origin,
    builtin: false,
    description: manifest?.description ?? '',
    version: manifest?.version ?? '',
    host: manifest?.host ?? 'own',
    needs: manifest?.needs,
    problem: manifest?.problem,
  };
}

/**
 * Finds a plugin's entry file and the version of its code.
 * @throws a plugin error when there is none
 */
export function sourceOf(
  { name, origin, builtin, version, problem }: CatalogEntry,
  directory: string,
): PluginSource {
  if (builtin) return { name, url: import.meta.resolve(origin), version };
  const file = entryFile(name, origin, directory);
  return {
    name,
    url: pathToFileURL(file).href,
    version: createHash('sha256').update(readFileSync(file)).digest('hex'),
    ...(problem && { problem }),
  };
}

function entryFile(name: string, origin: string, directory: string): string {
  const missing = (what: string) =>
    pluginError(`The plugin "${name}" can't be loaded: ${what}.`, {
      code: 'PLUGIN_NOT_FOUND',
      fix: 'Correct plugins.NAME.path, or install it.',
    });
  if (!isAbsolute(origin)) {
    try {
      return createRequire(join(directory, 'informer.yaml')).resolve(origin);
    } catch {
      throw missing(`there is no package "${origin}" in reach of ${directory}`);
    }
  }
  if (!existsSync(origin)) throw missing(`there is no "${origin}"`);
  if (!statSync(origin).isDirectory()) return origin;
  try {
    return requireHere.resolve(origin);
  } catch {
    // A folder without "main", or with a malformed package.json: its entry is looked for by name.
  }
  const exported = packageEntry(readManifest(origin));
  const candidates = [...(exported ? [exported] : []), 'index.js', 'index.mjs', 'index.ts', 'dist/index.js'];
  const found = candidates.map((file) => join(origin, file)).find((file) => existsSync(file));
  if (!found) throw missing(`"${origin}" has none of ${candidates.join(', ')}`);
  return found;
}

/** The file that `exports` or `main` of a package.json names. */
function packageEntry(manifest: Manifest | undefined): string | undefined {
  let entry = (manifest?.exports as { '.'?: unknown } | undefined)?.['.'] ?? manifest?.exports;
  while (typeof entry === 'object' && entry !== null) {
    const conditions = entry as Record<string, unknown>;
    entry = conditions.import ?? conditions.default;
  }
  return typeof entry === 'string' ? entry : manifest?.main;
}
