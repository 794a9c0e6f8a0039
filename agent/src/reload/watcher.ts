import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@dynamic-informer/sdk';
import { disk } from '../config/disk.ts';
import { includeFolders } from '../config/include.ts';
import { changedSince, lookAgain, mayGrow, type Seen } from '../config/look.ts';
import type { ConfigSources, Digests } from '../config/types.ts';
import { PlaceWatcher } from './place-watcher.ts';
import { addPlaces, type Places } from './places.ts';

/** What is on disk is believed when it has been the same for this long. */
const STABLE_MS = 100;
/** A file that is gone, or shorter than it was, may be about to change again. */
const UNFINISHED_MS = 1_000;
/** Events get lost (network file systems, exhausted watches), so it looks again without one. */
const LOOK_AGAIN_MS = 30_000;
/** Links that are turned without end do not keep it from reading. */
const MAX_ROUNDS = 10;

export interface WatcherPorts {
  /** What the last pass has read. */
  sources(): ConfigSources;
  /** What is on disk is not that, and has settled. Gives whether a pass has dealt with these digests. */
  changed(settled: Digests): Promise<boolean>;
  readonly log: Logger;
}

/**
 * Notices that the configuration's files changed. An event carries no meaning here but "look again": what
 * counts is how what is read now differs from what the last pass has read, and that it has settled.
 */
export class ConfigWatcher {
  readonly #ports: WatcherPorts;
  readonly #stopped = new AbortController();
  readonly #places: PlaceWatcher;
  #interval: NodeJS.Timeout | undefined;
  #isWanted = false;
  #isLooking = false;
  /** What a pass could not read although it was there; it is tried again without an event. */
  #givenUp: Digests | undefined;
  #isFailing = false;

  constructor(ports: WatcherPorts) {
    this.#ports = ports;
    this.#places = new PlaceWatcher({
      touched: () => this.look(),
      failed: (error) => this.#failed(error),
    });
  }

  start(): void {
    this.#interval = setInterval(() => {
      void this.#places.reset();
      this.#givenUp = undefined;
      this.look();
    }, LOOK_AGAIN_MS);
    this.#interval.unref();
    this.look();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#interval);
    await this.#places.reset();
  }

  /** Looks now, or once more when the look that is under way is over. */
  look(): void {
    this.#isWanted = true;
    if (!this.#isLooking) void this.#lookWhileWanted();
  }

  async #lookWhileWanted(): Promise<void> {
    this.#isLooking = true;
    while (this.#isWanted && !this.#stopped.signal.aborted) {
      this.#isWanted = false;
      const settled = await this.#settle().catch((error: Error) => this.#failed(error));
      if (settled === undefined || this.#stopped.signal.aborted) continue;
      if (this.#givenUp && changedSince({ digests: this.#givenUp }, settled).length === 0) continue;
      const digests = Object.fromEntries([...settled].map(([path, { digest }]) => [path, digest]));
      this.#givenUp = (await this.#ports.changed(digests)) ? digests : undefined;
      // What changed while the pass was reading had its events before.
      this.#isWanted = true;
    }
    this.#isLooking = false;
  }

  /** Waits until what differs from the last pass has settled; gives nothing when there is no difference (any more). */
  async #settle(): Promise<Seen | undefined> {
    let seen = await this.#see();
    let since = performance.now();
    for (;;) {
      const sources = this.#ports.sources();
      const latest = seen;
      const changed = changedSince(sources, seen);
      if (changed.length === 0) return undefined;
      const isUnfinished = changed.some((path) => mayGrow(sources, latest, path));
      if (performance.now() - since >= (isUnfinished ? UNFINISHED_MS : STABLE_MS)) return seen;
      await delay(STABLE_MS, undefined, { ref: false, signal: this.#stopped.signal });
      const now = await this.#see();
      if (!isSame(now, seen)) since = performance.now();
      seen = now;
    }
  }

  async #see(): Promise<Seen> {
    const sources = this.#ports.sources();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const isNew = await this.#places.set(await placesOf(sources));
      if (this.#stopped.signal.aborted) await this.#places.reset();
      if (!isNew) break;
    }
    return lookAgain(sources);
  }

  #failed(error: Error): undefined {
    if (this.#isFailing || this.#stopped.signal.aborted) return;
    this.#isFailing = true;
    this.#ports.log.warn('watching the configuration failed, it is read every 30 s', {
      error: error.message,
    });
  }
}

/** Everything whose change may change what is read. */
async function placesOf({ mainFile, include, digests }: ConfigSources): Promise<Places> {
  const places: Places = new Map();
  for (const folder of await includeFolders(mainFile, include, disk.glob)) await addPlaces(places, folder);
  for (const file of Object.keys(digests)) await addPlaces(places, file);
  return places;
}

function isSame(a: Seen, b: Seen): boolean {
  return a.size === b.size && [...a].every(([path, { stamp }]) => b.get(path)?.stamp === stamp);
}
