import path from 'node:path';
import type { Clock, InformerError } from '@dynamic-informer/sdk';
import { excluder, type FileScope } from './discover.ts';
import { type EntryKind, Folder } from './folder.ts';
import { Activity, HANGING_MS, PATIENCE_MS, unanswered } from './gate.ts';
import { matches, type Step, stepsOf } from './glob.ts';
import { Resolver } from './resolver.ts';
import { settled } from './settled.ts';
import { Watched } from './watched.ts';

const PASS_EVERY_MS = 1000;
/** Passes take no more than this part of the time, unless a collect asks; but there is one so often. */
const SHARE = 0.05;
const PASS_AT_LEAST_EVERY_MS = 5000;
/** How long it is taken for granted on which file system a path is. */
const PLACED_MS = 10_000;

/** Where a name was found; a path that is written out was not found in a folder. */
interface Found {
  readonly folder: Folder | undefined;
  readonly kind: EntryKind;
}

/** What becomes of a path: it is on that file system, from now on; or no glob matches it any more. */
export interface WatchedSink {
  placed(watched: Watched): void;
  gone(watched: Watched): void;
}

/**
 * Keeps an eye on which paths the globs match, and on which file systems they are. A folder is listed when it has changed; one
 * whose file system does not answer counts as it was last, and keeps no other waiting.
 */
export class FileFinder {
  readonly #clock: Clock;
  readonly #sink: WatchedSink;
  readonly #steps: readonly (readonly Step[])[];
  readonly #isExcluded: (file: string) => boolean;
  readonly #placing = new Set<Watched>();
  readonly resolver = new Resolver();
  #folders = new Map<string, Folder>();
  #watched = new Map<string, Watched>();
  #pass = 0;
  #passedAt = Number.NEGATIVE_INFINITY;
  #took = 0;
  #changed = true;
  #opening = true;

  constructor(scope: FileScope, clock: Clock, sink: WatchedSink) {
    this.#clock = clock;
    this.#sink = sink;
    this.#steps = scope.patterns.flatMap((pattern) => stepsOf(pattern, scope.directory));
    this.#isExcluded = excluder(scope);
  }

  /** Every path that the globs match, whether or not there is something. */
  get watched(): ReadonlyMap<string, Watched> {
    return this.#watched;
  }

  /** Folders that can not be listed. */
  get problems(): InformerError[] {
    return [...this.#folders.values()].flatMap(({ problem }) => problem ?? []);
  }

  /** The calls that have not been answered for so long; one may come more than once. */
  *late(ms: number): Iterable<Activity> {
    for (const { device } of this.#unsettled()) {
      const activity = unanswered(device, ms);
      if (activity) yield activity;
    }
  }

  /** That pass has come to its end, but for what hangs. */
  isThrough(pass: number): boolean {
    if (this.#changed) return false;
    for (const { listedFor, device } of this.#unsettled(pass)) {
      if (listedFor < pass && !unanswered(device, HANGING_MS)) return false;
    }
    return true;
  }

  /**
   * Begins a pass through the globs if it is time or if it has to be, and takes in what has come of earlier ones. Resolves with the
   * number of the last pass, whose results may be late.
   */
  async look(thorough: boolean): Promise<number> {
    const start = this.#clock.monotonic();
    const pause = Math.min(PASS_AT_LEAST_EVERY_MS, Math.max(PASS_EVERY_MS, this.#took / SHARE));
    const due = thorough || start - this.#passedAt >= pause;
    if (due) {
      this.#pass++;
      this.#passedAt = start;
      this.resolver.refresh();
    }
    const folders = [...this.#folders.values()];
    await this.#list(due ? folders : folders.filter(({ lags }) => lags));
    if (!due && !this.#changed) return this.#pass;
    while (this.#changed) {
      this.#changed = false;
      await this.#list(this.#walk());
    }
    await this.#placeAll();
    if (due) this.#took = this.#clock.monotonic() - start;
    return this.#pass;
  }

  /** Finds out anew on which file system a path is. */
  async place(watched: Watched): Promise<void> {
    if (watched.placing) return;
    const activity = new Activity();
    watched.placing = activity;
    this.#placing.add(watched);
    watched.mount = await this.resolver.mountOf(watched.path, activity);
    watched.placing = undefined;
    watched.placedAt = this.#clock.monotonic();
    this.#placing.delete(watched);
    if (this.#watched.get(watched.path) === watched) this.#sink.placed(watched);
  }

  *#unsettled(pass = Number.POSITIVE_INFINITY): Iterable<{ listedFor: number; device: string | undefined }> {
    for (const { listedFor, activity, mount } of this.#folders.values()) {
      if (listedFor < pass) yield { listedFor, device: activity.device ?? mount?.device };
    }
    for (const { placing } of this.#placing) yield { listedFor: -1, device: placing?.device };
  }

  async #list(folders: Iterable<Folder>): Promise<void> {
    const listing = [...folders].flatMap((folder) => folder.refresh(this.#pass) ?? []);
    await settled(listing, PATIENCE_MS);
  }

  /** Goes through the folders as they are known, and gives those that are not known yet. */
  #walk(): Folder[] {
    const before = this.#folders;
    this.#folders = new Map();
    const found = new Map<string, Found>();
    for (const steps of this.#steps) {
      if (steps.every(({ kind }) => kind === 'name')) {
        const file = path.join(path.sep, ...steps.map(({ text }) => text));
        found.set(file, { folder: undefined, kind: 'file' });
      } else this.#descend(steps, 0, path.sep, this.#opening, before, found);
    }
    this.#take(found);
    this.#opening = false;
    const folders = [...this.#folders.values()];
    for (const folder of folders) if (folder.entries) folder.opening = false;
    return folders.filter(({ path }) => !before.has(path));
  }

  #descend(
    steps: readonly Step[],
    index: number,
    at: string,
    opening: boolean,
    before: ReadonlyMap<string, Folder>,
    found: Map<string, Found>,
  ): void {
    const step = steps[index] as Step;
    const isLast = index === steps.length - 1;
    if (step.kind === 'name' && !isLast) {
      this.#descend(steps, index + 1, path.join(at, step.text), opening, before, found);
      return;
    }
    const needed = steps.slice(0, index).every(({ kind }) => kind === 'name');
    const folder = this.#folder(at, { opening, needed }, before);
    if (folder.entries === undefined) return;
    const next = (name: string, from: number): void =>
      this.#descend(steps, from, path.join(at, name), folder.opening, before, found);
    if (step.kind === 'deep' && !isLast) this.#descend(steps, index + 1, at, opening, before, found);
    for (const [name, kind] of folder.entries) {
      if (step.kind === 'deep') {
        if (name.startsWith('.')) continue;
        if (kind === 'folder') next(name, index);
        else if (isLast) found.set(path.join(at, name), { folder, kind });
      } else if (matches(step, name)) {
        if (isLast) found.set(path.join(at, name), { folder, kind });
        else if (kind !== 'file') next(name, index + 1);
      }
    }
  }

  #folder(
    at: string,
    role: { opening: boolean; needed: boolean },
    before: ReadonlyMap<string, Folder>,
  ): Folder {
    const onChange = (): void => {
      this.#changed = true;
    };
    const folder = this.#folders.get(at) ?? before.get(at) ?? new Folder(at, role, this.resolver, onChange);
    this.#folders.set(at, folder);
    return folder;
  }

  #take(found: ReadonlyMap<string, Found>): void {
    const before = this.#watched;
    this.#watched = new Map();
    for (const file of [...found.keys()].sort()) {
      const { folder, kind } = found.get(file) as Found;
      const known = before.get(file);
      if (!known && this.#isExcluded(file)) continue;
      const watched = known ?? new Watched(file, kind === 'link', folder?.opening ?? this.#opening);
      this.#watched.set(file, watched);
      if (watched.link || !folder?.mount) continue;
      const mount = this.resolver.mountIn(folder.path, folder.mount, path.basename(file));
      if (watched.mount?.device === mount.device) continue;
      watched.mount = mount;
      watched.placedAt = Number.POSITIVE_INFINITY;
      this.#sink.placed(watched);
    }
    for (const [file, watched] of before) if (!this.#watched.has(file)) this.#sink.gone(watched);
  }

  async #placeAll(): Promise<void> {
    const since = this.#clock.monotonic() - PLACED_MS;
    const stale = [...this.#watched.values()].filter(({ placedAt, placing }) => !placing && placedAt < since);
    await settled(
      stale.map((watched) => this.place(watched)),
      PATIENCE_MS,
    );
  }
}
