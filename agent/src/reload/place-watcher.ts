import { basename, dirname } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Places } from './places.ts';

export interface PlaceEvents {
  /** Something happened to a name that matters, or may have. */
  touched(): void;
  /** A place can't be watched. */
  failed(error: Error): void;
}

/** A subscription that is not there by then is no reason to wait longer: it is looked without events too. */
const READY_MS = 2_000;

/**
 * Subscribes to what happens in places. Other places, or one that was renamed or removed, get a new subscription
 * as a whole, and that is rare: a subscription follows what it was made for, not what has its name now.
 * It never keeps the process alive.
 */
export class PlaceWatcher {
  readonly #events: PlaceEvents;
  #watcher: FSWatcher | undefined;
  #watched = '';

  constructor(events: PlaceEvents) {
    this.#events = events;
  }

  /**
   * Watches these places and no others; resolves when that is so. Gives whether the subscription is new: what was
   * seen before may be out of date.
   */
  async set(places: Places): Promise<boolean> {
    const wanted = describe(places);
    if (wanted === this.#watched) return false;
    const before = this.#watcher;
    this.#watched = wanted;
    this.#watcher = await this.#subscribe(places);
    await before?.close();
    return true;
  }

  /** Gives up the subscription: one that silently no longer works is made anew by the next `set`. */
  async reset(): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    this.#watched = '';
    await watcher?.close();
  }

  async #subscribe(places: Places): Promise<FSWatcher> {
    const watcher = watch([...places.keys()], {
      persistent: false,
      ignoreInitial: true,
      depth: 0,
      // A link counts as a name: where it leads is a place of its own.
      followSymlinks: false,
      // What has gone and come again within a moment is an event all the same.
      atomic: false,
      ignored: (path) => !matters(places, path),
    });
    const ready = Promise.withResolvers<void>();
    const timer = setTimeout(() => ready.resolve(), READY_MS);
    watcher.once('ready', () => ready.resolve());
    watcher.on('error', (error) =>
      this.#events.failed(error instanceof Error ? error : new Error(String(error))),
    );
    await ready.promise;
    clearTimeout(timer);
    watcher.on('all', (event, path) => {
      if (event !== 'change' && (places.has(path) || event.endsWith('Dir'))) this.#watched = '';
      this.#events.touched();
    });
    return watcher;
  }
}

/** A place itself, or a name in one that decides where a path leads. */
function matters(places: Places, path: string): boolean {
  if (places.has(path)) return true;
  const names = places.get(dirname(path));
  return names === 'all' || names?.has(basename(path)) === true;
}

function describe(places: Places): string {
  const lines = [...places].map(
    ([path, names]) => `${path}\n${names === 'all' ? '' : [...names].sort().join('/')}`,
  );
  return lines.sort().join('\n\n');
}
