import { basename, join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { Places } from './places.ts';

export interface PlaceEvents {
  /** Something happened to this path, which matters. */
  touched(path: string): void;
  /** A place can't be watched. */
  failed(error: Error): void;
}

/** A folder that is not there, or that may not be listed, is told of by what reads in it. */
const NOT_WATCHABLE: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'];

/** A subscription that is not there by then is no reason to wait longer: it is looked without events too. */
const READY_MS = 2_000;

/**
 * Subscribes to what happens in folders, and tells only of the names that matter in them: what is written beside
 * them costs next to nothing. A subscription follows the folder that it was made for, not what has its name now, so
 * all are made anew when one of them was renamed, removed or replaced. It never keeps the process alive.
 */
export class PlaceWatcher {
  readonly #events: PlaceEvents;
  #watcher: FSWatcher | undefined;
  #folders: ReadonlySet<string> = new Set();
  #places = new Places();
  #isStale = false;

  constructor(events: PlaceEvents) {
    this.#events = events;
  }

  /**
   * Watches these places and no others; resolves when that is so. Gives whether a subscription is new: what was seen
   * before may be out of date.
   */
  async set(places: Places): Promise<boolean> {
    this.#places = places;
    const folders = new Set(places.folders);
    const isSame =
      folders.size === this.#folders.size && [...folders].every((folder) => this.#folders.has(folder));
    if (isSame && !this.#isStale) return false;
    const before = this.#watcher;
    this.#isStale = false;
    this.#folders = folders;
    this.#watcher = await this.#subscribe(folders);
    await before?.close();
    return true;
  }

  /** Gives up all subscriptions: one that silently no longer works is made anew by the next `set`. */
  async reset(): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    this.#folders = new Set();
    await watcher?.close();
  }

  async #subscribe(folders: ReadonlySet<string>): Promise<FSWatcher> {
    const watcher = watch([...folders], {
      persistent: false,
      ignoreInitial: true,
      depth: 0,
      // A link counts as a name: where it leads is a place of its own.
      followSymlinks: false,
      atomic: false,
      // Of the folders alone the system tells all that happens in them; each file would be a subscription more.
      ignored: (path) => !folders.has(path),
    });
    const ready = Promise.withResolvers<void>();
    const timer = setTimeout(() => ready.resolve(), READY_MS);
    watcher.once('ready', () => ready.resolve());
    watcher.on('raw', (event, name, details) => {
      const { watchedPath } = details as { watchedPath: string };
      this.#happened(watchedPath, event === 'rename', name);
    });
    watcher.on('error', (error) => {
      this.#isStale = true;
      this.#failed(error instanceof Error ? error : new Error(String(error)));
    });
    await ready.promise;
    clearTimeout(timer);
    return watcher;
  }

  #happened(folder: string, cameOrWent: boolean, name: string | null): void {
    if (!name) {
      this.#events.touched(folder);
      return;
    }
    const path = join(folder, name);
    // What happens to a folder itself is told with its own name.
    const isItself = cameOrWent && name === basename(folder);
    if (isItself || (cameOrWent && this.#folders.has(path))) this.#isStale = true;
    if (isItself || this.#places.matters(folder, name, cameOrWent)) this.#events.touched(path);
  }

  #failed(error: Error): void {
    if (!NOT_WATCHABLE.includes((error as NodeJS.ErrnoException).code)) this.#events.failed(error);
  }
}
