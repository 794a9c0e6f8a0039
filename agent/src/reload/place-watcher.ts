import { type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { Places } from './places.ts';

export interface PlaceEvents {
  /** Something happened to this path, which matters. */
  touched(path: string): void;
  /** A place can't be watched. */
  failed(error: Error): void;
}

/** A folder that is not there, or that may not be listed, is told of by what reads in it. */
const NOT_WATCHABLE: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'];

/**
 * Subscribes to what happens in folders, and tells only of the names that matter in them: what is written beside
 * them costs next to nothing. A subscription follows the folder that it was made for, not what has its name now, so
 * all are made anew when one of them was renamed, removed or replaced. It never keeps the process alive.
 */
export class PlaceWatcher {
  readonly #events: PlaceEvents;
  readonly #watchers = new Map<string, FSWatcher>();
  #places = new Places();
  #isStale = false;

  constructor(events: PlaceEvents) {
    this.#events = events;
  }

  /**
   * Watches these places and no others. Gives whether a subscription is new: what was seen before may be out of date.
   */
  set(places: Places): boolean {
    if (this.#isStale) this.reset();
    this.#places = places;
    const folders = new Set(places.folders);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    const before = this.#watchers.size;
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#subscribe(folder);
    return this.#watchers.size > before;
  }

  /** Gives up all subscriptions: one that silently no longer works is made anew by the next `set`. */
  reset(): void {
    this.#isStale = false;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #subscribe(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false });
      watcher.on('change', (event, name) => this.#happened(folder, event === 'rename', name));
      watcher.on('error', (error) => {
        this.#isStale = true;
        this.#failed(error);
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #happened(folder: string, cameOrWent: boolean, name: string | Buffer | null): void {
    if (name === null) {
      this.#events.touched(folder);
      return;
    }
    const path = join(folder, String(name));
    // What happens to a folder itself is told with its own name.
    const isItself = cameOrWent && String(name) === basename(folder);
    if (isItself || (cameOrWent && this.#watchers.has(path))) this.#isStale = true;
    if (isItself || this.#places.matters(folder, String(name), cameOrWent)) this.#events.touched(path);
  }

  #failed(error: Error): void {
    if (!NOT_WATCHABLE.includes((error as NodeJS.ErrnoException).code)) this.#events.failed(error);
  }
}
