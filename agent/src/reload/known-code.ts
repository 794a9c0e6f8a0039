import { createHash } from 'node:crypto';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CatalogEntry, type LocatedPlugin, sourceOf } from '../catalog.ts';
import type { SeenFile } from '../config/look.ts';
import type { LoadedCode, PluginSource } from '../contract.ts';
import { type CodeFiles, realOf } from './code-files.ts';

/** More files of one plugin than this are not watched. */
const MOST_FILES = 2_000;
/** The digest of a file that hosts have loaded in two forms, or in another than the agent has seen: no file has it. */
const MIXED = 'loaded otherwise';

/** A plugin's code in one version: what it consists of, and what each file of it was. */
export class KnownCode {
  readonly entry: CatalogEntry;
  readonly located: LocatedPlugin;
  readonly source: PluginSource;
  /**
   * Where the plugin's folder really is. Its files are known by their paths from there: a link to another release
   * is no change where nothing in it is another.
   */
  base: string;
  /** By key: what the agent has found by itself. */
  readonly #own: ReadonlyMap<string, string>;
  /** By key: what earlier code has loaded. It counts until it is known what this one loads. */
  readonly #inherited: ReadonlyMap<string, string>;
  /** By key: what hosts have loaded. */
  readonly #loaded = new Map<string, string>();
  #isWhole = false;

  constructor(
    entry: CatalogEntry,
    located: LocatedPlugin,
    base: string,
    revision: number,
    files: { readonly own: ReadonlyMap<string, string>; readonly inherited: ReadonlyMap<string, string> },
  ) {
    this.entry = entry;
    this.located = located;
    this.base = base;
    this.#own = files.own;
    this.#inherited = files.inherited;
    const version = `${revision}-${hashOf(new Map([...files.inherited, ...files.own]))}`;
    this.source = { ...sourceOf(entry, located), version, revision };
  }

  get name(): string {
    return this.entry.name;
  }

  /** What its files were, by key; '' for one of which that is not known. */
  get files(): Map<string, string> {
    const files = new Map([...(this.#isWhole ? [] : this.#inherited), ...this.#own]);
    for (const [key, digest] of this.#loaded) {
      const seen = files.get(key);
      const isSame = seen === undefined || digest === '' || digest === seen;
      files.set(key, isSame ? digest || (seen ?? '') : MIXED);
    }
    return files;
  }

  /** The path of a file that is known by a key. */
  pathOf(key: string): string {
    return isAbsolute(key) ? key : join(this.base, key);
  }

  /** Takes note of what a host has loaded; gives whether that is new. */
  loaded({ files, isWhole }: LoadedCode): boolean {
    let isNew = isWhole && !this.#isWhole;
    if (isWhole) this.#isWhole = true;
    for (const [path, digest] of files) {
      const key = keyOf(this.base, path);
      const before = this.#loaded.get(key);
      if (before === digest || (before !== undefined && digest === '')) continue;
      if (before === undefined && this.#loaded.size >= MOST_FILES) continue;
      this.#loaded.set(key, before ? MIXED : digest);
      isNew = true;
    }
    return isNew;
  }

  /** A file of which it was not known what it is has been looked at. */
  settle(key: string, digest: string): void {
    if (this.#loaded.get(key) === '') this.#loaded.set(key, digest);
  }
}

/** What there is of a plugin's code now. */
export interface SeenCode {
  readonly base: string;
  /** By key. */
  readonly files: ReadonlyMap<string, SeenFile>;
  /** The keys of what the agent has found by itself. */
  readonly own: ReadonlySet<string>;
}

/**
 * Looks at the code of a plugin, and at the files that it is known to have. `read` has the digests of files, by path,
 * that were read already: what was made of them and what is said of them has to be the same.
 */
export async function lookAtCode(
  { folder }: CatalogEntry,
  { file, looked }: LocatedPlugin,
  known: Iterable<string>,
  look: CodeFiles,
  read: ReadonlyMap<string, string> = new Map(),
): Promise<SeenCode> {
  const base = folder !== undefined ? await realOf(folder) : dirname(await realOf(file ?? looked[0] ?? '/'));
  const own = new Set<string>();
  const files = new Map<string, SeenFile>();
  for (const path of looked) {
    const key = keyOf(base, await realOf(path));
    const digest = read.get(path);
    own.add(key);
    if (digest !== undefined) files.set(key, { digest, stamp: digest, isFinished: false });
  }
  for (const key of new Set([...own, ...known])) {
    if (!files.has(key)) files.set(key, await look.at(isAbsolute(key) ? key : join(base, key)));
  }
  return { base, files, own };
}

/** The plugin's code as it is now: what is known already, if nothing of it has changed. */
export function codeNow(
  entry: CatalogEntry,
  located: LocatedPlugin,
  { base, files, own }: SeenCode,
  known: KnownCode | undefined,
): { code: KnownCode; changed: readonly string[] } {
  const before = known?.files ?? new Map<string, string>();
  const changed = changedFiles(before, files, own);
  const url = located.file === undefined ? undefined : pathToFileURL(located.file).href;
  const isSame = known && changed.length === 0 && (url === undefined || url === known.source.url);
  const digestsOf = (isOwn: boolean) =>
    new Map([...files].filter(([key]) => own.has(key) === isOwn).map(([key, { digest }]) => [key, digest]));
  const all = { own: digestsOf(true), inherited: digestsOf(false) };
  if (isSame) return { code: known, changed };
  const revision = known ? (known.source.revision ?? 0) + 1 : 0;
  return { code: new KnownCode(entry, located, base, revision, all), changed };
}

/** The keys of files that are not what they were. */
function changedFiles(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, SeenFile>,
  own: ReadonlySet<string>,
): string[] {
  const keys = new Set([...before.keys(), ...own]);
  return [...keys].filter((key) => before.get(key) !== '' && before.get(key) !== now.get(key)?.digest);
}

function keyOf(base: string, path: string): string {
  const inside = relative(base, path);
  return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? path : inside;
}

function hashOf(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [key, digest] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${key}\n${digest}\n`);
  return hash.digest('hex').slice(0, 16);
}
