import { readFileSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOfLarge, MOST_HASHED_BYTES } from '../code-digest.ts';
import { digestOf } from '../config/source-files.ts';
import type { LoadedCode, PluginSource } from '../contract.ts';
import { isSdk } from './module-hooks.ts';

/** More files than this of one plugin are not told of. */
const MOST_FILES = 2_000;
/** So many files are told of at one time, with paths of this length at most: it has to fit in what may be said unasked. */
const FILES_AT_A_TIME = 200;
const LONGEST_PATH = 1_000;
/** So many folders upwards a package that is not installed is looked for. */
const MOST_FOLDERS = 32;

interface Entry {
  readonly plugin: string;
  readonly version: string;
  readonly url: string;
  isWhole: boolean;
  /** What was told already. */
  readonly told: Map<string, string>;
  isWholeTold: boolean;
}

/**
 * Knows which files each plugin of this process has loaded, those of installed packages and of the SDK left out:
 * what its entry imports, and so on, also when that happens late. A file's hash is taken before it is loaded,
 * so that one that changes meanwhile is seen to differ.
 */
export class LoadedFiles {
  /** By path; '' for one that was looked for and is not there. */
  readonly #digests = new Map<string, string>();
  readonly #imports = new Map<string, Set<string>>();
  /** Where the addresses lead that were imported as such. */
  readonly #paths = new Map<string, string>();
  readonly #entries = new Map<string, Entry>();
  readonly #changed: () => void;
  #hasNews = false;

  /** `changed` is called when there is more to tell than before. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Takes note of what is loaded from now on. */
  track(): void {
    registerHooks({
      resolve: (specifier, context, next) => {
        try {
          const found = next(specifier, context);
          this.#resolved(specifier, context.parentURL, found.url);
          return found;
        } catch (error) {
          this.#missing(specifier, context.parentURL, error);
          throw error;
        }
      },
      load: (url, context, next) => {
        if (isOwn(url)) this.#load(fileURLToPath(url));
        return next(url, context);
      },
    });
  }

  /** A plugin's import begins. */
  begin({ name, version, url }: PluginSource): void {
    const key = `${url}?${version}`;
    if (this.#entries.has(key)) return;
    const entry = { plugin: name, version, url, isWhole: false, isWholeTold: false, told: new Map() };
    this.#entries.set(key, entry);
  }

  /** A plugin has been imported: it has loaded all that it needs to be one. */
  done({ version, url }: PluginSource): void {
    const entry = this.#entries.get(`${url}?${version}`);
    if (!entry || entry.isWhole) return;
    entry.isWhole = true;
    this.#news();
  }

  /** The files that a plugin has loaded or tried to load, the last one first. */
  filesOf(url: string): string[] {
    const start = this.#pathOf(url);
    const found = new Set([start]);
    for (const path of found) {
      if (found.size >= MOST_FILES) break;
      for (const imported of this.#imports.get(path) ?? []) found.add(imported);
    }
    return [...this.#digests.keys()].filter((path) => found.has(path)).reverse();
  }

  /** What there is to tell that was not told before. */
  takeNews(): LoadedCode[] {
    if (!this.#hasNews) return [];
    this.#hasNews = false;
    return [...this.#entries.values()].flatMap((entry) => this.#newsOf(entry));
  }

  #newsOf(entry: Entry): LoadedCode[] {
    const { plugin, version, isWhole, told } = entry;
    const files = this.filesOf(entry.url)
      .map((path) => [path, this.#digests.get(path) ?? ''] as const)
      .filter(([path, digest]) => path.length <= LONGEST_PATH && told.get(path) !== digest);
    if (files.length === 0 && isWhole === entry.isWholeTold) return [];
    for (const [path, digest] of files) told.set(path, digest);
    entry.isWholeTold = isWhole;
    const news: LoadedCode[] = [];
    for (let at = 0; at === 0 || at < files.length; at += FILES_AT_A_TIME) {
      const part = files.slice(at, at + FILES_AT_A_TIME);
      news.push({ plugin, version, files: part, isWhole: isWhole && at + FILES_AT_A_TIME >= files.length });
    }
    return news;
  }

  #pathOf(url: string): string {
    return this.#paths.get(url) ?? fileURLToPath(url);
  }

  #resolved(specifier: string, parent: string | undefined, url: string): void {
    if (isSdk(specifier) || !isOwn(url)) return;
    const path = fileURLToPath(url);
    if (specifier.startsWith('file:')) this.#paths.set(specifier.replace(/\?.*/, ''), path);
    if (parent !== undefined && isOwn(parent)) this.#import(fileURLToPath(parent), path);
  }

  /** Whoever puts there what is missing has mended the plugin. */
  #missing(specifier: string, parent: string | undefined, error: unknown): void {
    if (parent === undefined || !isOwn(parent)) return;
    const from = fileURLToPath(parent);
    const { url } = error as { url?: unknown };
    const known = typeof url === 'string' && isOwn(url) ? [fileURLToPath(url)] : undefined;
    for (const path of known ?? placesFor(specifier, from)) {
      if (!this.#digests.has(path)) this.#digests.set(path, '');
      this.#import(from, path);
    }
  }

  #import(from: string, path: string): void {
    const imported = this.#imports.get(from);
    if (imported?.has(path)) return;
    if (imported) imported.add(path);
    else this.#imports.set(from, new Set([path]));
    this.#news();
  }

  #load(path: string): void {
    const digest = digestNow(path);
    if (digest === undefined || this.#digests.get(path) === digest) return;
    // The order is that of loading.
    this.#digests.delete(path);
    this.#digests.set(path, digest);
    this.#news();
  }

  #news(): void {
    this.#hasNews = true;
    if (this.#entries.size > 0) this.#changed();
  }
}

/** Not of an installed package. */
const isOwn = (url: string): boolean => url.startsWith('file:') && !url.includes('/node_modules/');

/** Where a module would be that is not found. */
function placesFor(specifier: string, from: string): string[] {
  if (/^\.{1,2}\//.test(specifier) || isAbsolute(specifier)) {
    const path = isAbsolute(specifier) ? specifier : join(dirname(from), specifier);
    return [path, `${path}.js`, `${path}.json`, join(path, 'index.js')];
  }
  const [, name] = /^((?:@[^/]+\/)?[^/@#.:][^/:]*)(?:\/|$)/.exec(specifier) ?? [];
  if (name === undefined) return [];
  const places: string[] = [];
  let folder = dirname(from);
  for (let up = 0; up < MOST_FOLDERS; up++) {
    places.push(join(folder, 'node_modules', name, 'package.json'));
    if (folder === dirname(folder)) break;
    folder = dirname(folder);
  }
  return places;
}

/** As the agent computes it; `undefined` for what can't be read, whose import fails with the reason. */
function digestNow(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true });
    if (!stats.isFile()) return undefined;
    return stats.size > MOST_HASHED_BYTES ? digestOfLarge(stats) : digestOf(readFileSync(path));
  } catch {
    return undefined;
  }
}
