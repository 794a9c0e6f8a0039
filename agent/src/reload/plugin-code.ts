import { basename, dirname } from 'node:path';
import type { Logger } from '@dynamic-informer/sdk';
import { type CatalogEntry, locate, pluginsIn, sourceOf } from '../catalog.ts';
import type { Seen, SeenFile } from '../config/look.ts';
import type { AgentConfig, Digests } from '../config/types.ts';
import type { LoadedCode, PluginSource } from '../contract.ts';
import { FilesRead } from '../files-read.ts';
import { CodeFiles } from './code-files.ts';
import { codeNow, type KnownCode, lookAtCode } from './known-code.ts';
import type { Places } from './places.ts';
import { catalogOf } from './resolve.ts';

/** Code that changes more often than this without anybody asking for a reload changes itself, or is being built over and over. */
const MOST_CHANGES = 30;
const CHANGES_MS = 10 * 60_000;
/** Versions that were looked at and not taken, of which hosts may still tell. */
const MOST_CANDIDATES = 4;
/** The digests of what may not be read. */
const DENIED: readonly unknown[] = ['EACCES', 'EPERM'];
/** So many files that changed are named in the log. */
const NAMED_FILES = 3;

/** The plugins that a configuration can use, and the code of those that it uses, as they were when looked at. */
export interface LookedCode {
  readonly catalog: ReadonlyMap<string, CatalogEntry>;
  sourceOf(entry: CatalogEntry): PluginSource;
  /** Of `plugin_dirs`, the folders that can't be read. */
  readonly unreadable: readonly string[];
  /** What was read, in the terms of `PluginCode.digests`. */
  readonly digests: Digests;
  /** From now on this is what is known: only a change of it is a reason for another look. */
  take(): void;
}

export interface CodePorts {
  readonly log?: Pick<Logger, 'info' | 'warn'>;
  /** In milliseconds. */
  now?(): number;
}

interface Taken {
  readonly code: KnownCode;
  /** When it changed lately. */
  readonly changes: readonly number[];
  /** It has changed too often: until then it is not looked at. */
  readonly heldUntil: number;
}

interface Found extends Taken {
  readonly files: ReadonlyMap<string, SeenFile>;
  /** The keys of the files that have changed. */
  readonly changed: readonly string[];
}

/** Knows the code of the plugins that are used: which files it consists of, and whether they have changed. */
export class PluginCode {
  readonly #ports: CodePorts;
  readonly #files = new CodeFiles();
  /** By plugin. Who is not used any more stays, so that a later version has another name. */
  readonly #taken = new Map<string, Taken>();
  readonly #candidates = new Map<string, KnownCode[]>();
  #used: readonly string[] = [];
  #pluginDirs: readonly string[] = [];
  #catalogDigests: Digests = {};

  constructor(ports: CodePorts = {}) {
    this.#ports = ports;
  }

  /**
   * Reads the catalog and the code of the plugins that resources use, each file once. Nothing of that counts until
   * it is taken. `isAsked` says that somebody wants to know: code that changes too often is then taken all the same.
   */
  async look(config: AgentConfig, isAsked = true): Promise<LookedCode> {
    const reads = new FilesRead();
    const catalog = await catalogOf(config, reads);
    const names = [...new Set(config.resources.map(({ plugin }) => plugin))];
    const entries = names.flatMap((name) => catalog.get(name) ?? []).filter(({ builtin }) => !builtin);
    const digests: Record<string, string> = Object.fromEntries(reads.digests);
    const found = new Map<string, Found>();
    for (const entry of entries) {
      const one = await this.#lookAt(entry, reads.digests, isAsked);
      found.set(entry.name, one);
      for (const [key, { digest }] of one.files) digests[watchedKey(entry.name, key)] = digest;
    }
    const catalogDigests = Object.fromEntries(reads.digests);
    return {
      catalog,
      unreadable: config.pluginDirs.filter((folder) => DENIED.includes(catalogDigests[folder])),
      sourceOf: (entry) => found.get(entry.name)?.code.source ?? sourceOf(entry),
      digests,
      take: () => {
        this.#used = [...found.keys()];
        this.#pluginDirs = config.pluginDirs;
        this.#catalogDigests = catalogDigests;
        for (const one of found.values()) this.#take(one);
      },
    };
  }

  /** What a host says that a plugin has loaded; gives whether there is more to watch than before. */
  loaded(loaded: LoadedCode): boolean {
    const { plugin, version } = loaded;
    const known = [this.#taken.get(plugin)?.code, ...(this.#candidates.get(plugin) ?? [])];
    const code = known.find((one) => one?.source.version === version);
    return code?.loaded(loaded) ?? false;
  }

  /** What was read when the last look was taken, and what hosts have loaded: a change of it is a reason for another. */
  get digests(): Digests {
    const digests: Record<string, string> = { ...this.#catalogDigests };
    for (const code of this.#watched()) {
      for (const [key, digest] of code.files) if (digest !== '') digests[watchedKey(code.name, key)] = digest;
    }
    return digests;
  }

  /** Looks at all of that once more. */
  async lookAgain(): Promise<Seen> {
    const seen = new Map<string, SeenFile>();
    const reads = new FilesRead();
    await pluginsIn(this.#pluginDirs, reads);
    for (const path of Object.keys(this.#catalogDigests)) {
      // The package.json of a plugin that the configuration names itself.
      if (!reads.digests.has(path)) await reads.text(path).catch(() => undefined);
    }
    for (const [path, digest] of reads.digests) seen.set(path, { digest, stamp: digest, isFinished: false });
    this.#files.begin();
    for (const code of this.#watched()) {
      const { base, files } = await lookAtCode(code.entry, code.located, code.files.keys(), this.#files);
      code.base = base;
      for (const [key, file] of files) {
        code.settle(key, file.digest);
        seen.set(watchedKey(code.name, key), file);
      }
    }
    return seen;
  }

  /** Adds what has to be watched for that. */
  async addPlaces(places: Places): Promise<void> {
    for (const folder of this.#pluginDirs) await places.addFolder(folder, { entries: true });
    const folders = new Map<string, Set<string>>();
    const add = (path: string) => {
      const names = folders.get(dirname(path));
      if (names) names.add(basename(path));
      else folders.set(dirname(path), new Set([basename(path)]));
    };
    for (const path of Object.keys(this.#catalogDigests)) add(path);
    for (const code of this.#watched()) {
      for (const path of code.located.looked) add(path);
      for (const key of code.files.keys()) add(code.pathOf(key));
    }
    for (const [folder, names] of folders) await places.addFolder(folder, { names });
  }

  async #lookAt(entry: CatalogEntry, read: ReadonlyMap<string, string>, isAsked: boolean): Promise<Found> {
    const taken = this.#taken.get(entry.name);
    const located = locate(entry);
    const seen = await lookAtCode(entry, located, taken?.code.files.keys() ?? [], this.#files, read);
    const { code, changed } = codeNow(entry, located, seen, taken?.code);
    const { files } = seen;
    if (taken && code === taken.code) return { ...taken, files, changed };
    const now = this.#now();
    const changes = (taken?.changes ?? []).filter((at) => now - at < CHANGES_MS);
    const [first] = changes;
    if (taken && !isAsked && first !== undefined && changes.length >= MOST_CHANGES) {
      return { ...taken, changes, heldUntil: first + CHANGES_MS, files, changed };
    }
    const candidates = [code, ...(this.#candidates.get(entry.name) ?? [])];
    this.#candidates.set(entry.name, candidates.slice(0, MOST_CANDIDATES));
    return { code, changes: taken ? [...changes, now] : [], heldUntil: 0, files, changed };
  }

  #take({ code, changes, heldUntil, changed }: Found): void {
    const { log } = this.#ports;
    const before = this.#taken.get(code.name);
    this.#taken.set(code.name, { code, changes, heldUntil });
    if (!before) return;
    if (heldUntil > 0 && before.heldUntil !== heldUntil) {
      log?.warn('plugin code changes too often', {
        plugin: code.name,
        file: before.code.pathOf(changed[0] ?? ''),
        effect: `it is looked at again in ${Math.ceil((heldUntil - this.#now()) / 1000)} s, or when a reload is asked for`,
        fix: 'See whether the plugin writes files that it imports, or a build runs over and over.',
      });
    }
    if (code === before.code) return;
    this.#candidates.delete(code.name);
    log?.info('plugin code changed', {
      plugin: code.name,
      files: changed.slice(0, NAMED_FILES).map((key) => code.pathOf(key)),
      ...(changed.length > NAMED_FILES && { more: changed.length - NAMED_FILES }),
    });
  }

  /** The code of plugins that are used, those left out that change too often. */
  #watched(): KnownCode[] {
    return this.#used.flatMap((name) => {
      const taken = this.#taken.get(name);
      return taken && taken.heldUntil <= this.#now() ? [taken.code] : [];
    });
  }

  #now(): number {
    return this.#ports.now?.() ?? performance.now();
  }
}

/** What a file of code is known by beside those of the configuration, which are known by their paths. */
const watchedKey = (plugin: string, key: string): string => `${plugin}\0${key}`;
