import { type FSWatcher, watch } from 'node:fs';
import { basename, join, sep } from 'node:path';
import type { Places } from './places.ts';

export interface PlaceEvents {
  /** Something happened to a name that matters, or may have. */
  touched(): void;
  /** A place can't be watched. */
  failed(error: Error): void;
}

/** Subscribes to the system's events for places. It never keeps the process alive. */
export class PlaceWatcher {
  readonly #events: PlaceEvents;
  readonly #watches = new Map<string, FSWatcher>();
  #places: Places = new Map();

  constructor(events: PlaceEvents) {
    this.#events = events;
  }

  /** Watches these places and no others. Gives whether one is new: what was seen of it before may be out of date. */
  set(places: Places): boolean {
    this.#places = places;
    for (const path of this.#watches.keys()) if (!places.has(path)) this.#drop(path);
    let isNew = false;
    for (const path of places.keys()) {
      if (!this.#watches.has(path) && this.#add(path)) isNew = true;
    }
    return isNew;
  }

  /** Gives up every subscription: one that silently no longer works is made anew by the next `set`. */
  reset(): void {
    for (const path of this.#watches.keys()) this.#drop(path);
  }

  #add(path: string): boolean {
    try {
      const watcher = watch(path, { persistent: false }, (kind, name) => this.#event(path, kind, name));
      watcher.on('error', (error) => {
        this.#drop(path);
        this.#events.failed(error);
      });
      this.#watches.set(path, watcher);
      return true;
    } catch (error) {
      // What has just gone is an event of the folder that it was in.
      if ((error as { code?: string }).code !== 'ENOENT') this.#events.failed(error as Error);
      return false;
    }
  }

  #event(path: string, kind: string, name: string | null): void {
    // What happens to a place itself comes with its own name.
    const isItself = name === null || name === basename(path);
    if (kind === 'rename') {
      // A subscription follows what was renamed or removed, not what has its name now.
      if (isItself) this.#dropTree(path);
      if (name !== null) this.#dropTree(join(path, name));
    }
    const names = this.#places.get(path);
    if (isItself || names === 'all' || names?.has(name)) this.#events.touched();
  }

  #dropTree(path: string): void {
    for (const other of this.#watches.keys()) {
      if (other === path || other.startsWith(path + sep)) this.#drop(other);
    }
  }

  #drop(path: string): void {
    this.#watches.get(path)?.close();
    this.#watches.delete(path);
  }
}
