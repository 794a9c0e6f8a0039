import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@dynamic-informer/sdk';
import { type FSWatcher, watch } from 'chokidar';

/** The files' content has to be the same for this long before it is believed. */
const STABLE_MS = 100;
/** Events get lost (network file systems, exhausted watches), so it looks again without one. */
const LOOK_AGAIN_MS = 30_000;

export interface WatcherEvents {
  /** What the configuration is made of is not what it was. */
  changed(): void;
  readonly log: Logger;
}

/**
 * Notices that the configuration's files changed. An event carries no meaning here but "look again": what
 * counts is the hash of what is read, and that it has settled.
 */
export class ConfigWatcher {
  readonly #watched: () => { files: readonly string[]; directories: readonly string[] };
  readonly #events: WatcherEvents;
  #watcher: FSWatcher | undefined;
  #known = '';
  #settling: NodeJS.Timeout | undefined;
  #interval: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(watched: ConfigWatcher['watched'], events: WatcherEvents) {
    this.#watched = watched;
    this.#events = events;
  }

  get watched() {
    return this.#watched;
  }

  start(): void {
    this.#watcher = watch([], {
      ignoreInitial: true,
      depth: 0,
      // Links are followed by reading: Kubernetes swaps the link of a folder, which is an event of its parent.
      followSymlinks: false,
    });
    this.#watcher.on('all', () => this.#look());
    this.#watcher.on('error', (error) => {
      this.#events.log.warn('watching the configuration failed, it is read every 30 s', {
        error: String(error),
      });
    });
    this.#interval = setInterval(() => this.#look(), LOOK_AGAIN_MS);
    this.#interval.unref();
    this.refresh();
  }

  /** Takes what is on disk now as known: a pass has just read it. */
  refresh(): void {
    if (this.#stopped) return;
    const { files, directories } = this.#watched();
    this.#watcher?.add([...new Set([...files, ...files.map(dirname), ...directories])]);
    void this.#hash().then((hash) => {
      this.#known ||= hash;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#settling);
    clearInterval(this.#interval);
    await this.#watcher?.close();
  }

  #look(): void {
    if (this.#settling || this.#stopped) return;
    void this.#settle();
  }

  /** Waits until two looks, 100 ms apart, see the same; then tells, if it is not what is known. */
  async #settle(): Promise<void> {
    let before = await this.#hash();
    const again = async () => {
      const now = await this.#hash();
      if (now !== before) {
        before = now;
        this.#settling = setTimeout(() => void again(), STABLE_MS);
        return;
      }
      this.#settling = undefined;
      if (now === this.#known || this.#stopped) return;
      this.#known = now;
      this.#events.changed();
    };
    this.#settling = setTimeout(() => void again(), STABLE_MS);
  }

  /** Over names and contents of every watched file, and the names in every watched folder. */
  async #hash(): Promise<string> {
    const { files, directories } = this.#watched();
    const hash = createHash('sha256');
    for (const file of [...files].sort()) {
      hash.update(file).update(await readFile(file).catch((error: Error) => error.message));
    }
    for (const directory of [...directories].sort()) {
      hash.update((await readdir(directory).catch(() => [])).sort().join('\n'));
    }
    return hash.digest('hex');
  }
}
