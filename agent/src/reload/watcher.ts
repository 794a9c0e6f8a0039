import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@dynamic-informer/sdk';
import { disk } from '../config/disk.ts';
import { globFolders } from '../config/include.ts';
import { changedSince, lookAgain, mayGrow, type Seen } from '../config/look.ts';
import type { ConfigSources, Digests } from '../config/types.ts';
import { PlaceWatcher } from './place-watcher.ts';
import { Places } from './places.ts';
import type { PluginCode } from './plugin-code.ts';
import type { WatchedFiles } from './watched-files.ts';

/** What is on disk is believed when it has been the same for this long. */
const STABLE_MS = 100;
/** A file that is gone, or shorter than it was, may be about to change again. */
const UNFINISHED_MS = 1_000;
/** Events get lost (network file systems, exhausted watches), so it looks again without one. */
const LOOK_AGAIN_MS = 30_000;
/** So much time is between two looks: who writes the same over and over does not keep it looking all the time. */
const PAUSE_MS = 100;
/** So many reasons for one look are told. */
const MOST_REASONS = 5;
/** Links that are turned without end do not keep it from reading. */
const MAX_ROUNDS = 10;

/** What is on disk and has settled: of the configuration's files, of those that plugins consist of, and of those that they read. */
export interface Settled {
  readonly config: Digests;
  readonly code: Digests;
  readonly files: Digests;
}

export interface WatcherPorts {
  /** What the last pass has read. */
  sources(): ConfigSources;
  /** What plugins consist of, as the last pass has read it or hosts have loaded it. */
  readonly code: Pick<PluginCode, 'digests' | 'lookAgain' | 'addPlaces'>;
  /** What plugins read because their configurations name it. */
  readonly files: Pick<WatchedFiles, 'digests' | 'lookAgain' | 'addPlaces'>;
  /** What is on disk is not that, and may still change. */
  changing(): void;
  /** What is on disk is not that, and has settled. Gives whether a pass has dealt with it. */
  changed(settled: Settled): Promise<boolean>;
  readonly log: Pick<Logger, 'debug' | 'warn'>;
}

interface Sight {
  readonly config: Seen;
  readonly code: Seen;
  readonly files: Seen;
}

const PARTS = ['config', 'code', 'files'] as const;

/**
 * Notices that the configuration's files changed, or the code of plugins. An event carries no meaning here but "look
 * again": what counts is how what is read now differs from what the last pass has read, and that it has settled.
 */
export class ConfigWatcher {
  readonly #ports: WatcherPorts;
  readonly #stopped = new AbortController();
  readonly #places: PlaceWatcher;
  #interval: NodeJS.Timeout | undefined;
  /** Why it is to look: paths, and what else there is. */
  readonly #reasons = new Set<string>();
  #isWanted = false;
  #isLooking = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** What a pass could not read although it was there; it is tried again without an event. */
  #givenUp: Settled | undefined;
  #isFailing = false;

  constructor(ports: WatcherPorts) {
    this.#ports = ports;
    this.#places = new PlaceWatcher({
      touched: (path) => this.look(path),
      failed: (error) => this.#failed(error),
    });
  }

  start(): void {
    this.#interval = setInterval(() => {
      void this.#places.reset();
      this.#givenUp = undefined;
      this.look('time');
    }, LOOK_AGAIN_MS);
    this.#interval.unref();
    this.look('start');
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#interval);
    await this.#places.reset();
  }

  /** Looks now, or once more when the look that is under way is over. */
  look(because: string): void {
    this.#isWanted = true;
    if (this.#reasons.size < MOST_REASONS) this.#reasons.add(because);
    if (!this.#isLooking) void this.#lookWhileWanted();
  }

  /** A plugin consists of other files than was known: they have to be watched. */
  loaded(): void {
    this.#givenUp = undefined;
    this.look('a plugin has loaded files');
  }

  async #lookWhileWanted(): Promise<void> {
    this.#isLooking = true;
    while (this.#isWanted && !this.#stopped.signal.aborted) {
      await this.#pause();
      this.#isWanted = false;
      this.#ports.log.debug('looking whether files have changed', { because: [...this.#reasons] });
      this.#reasons.clear();
      const settled = await this.#settle().catch((error: Error) => this.#failed(error));
      if (settled === undefined || this.#stopped.signal.aborted) continue;
      if (isDeepStrictEqual(this.#givenUp, settled)) continue;
      this.#givenUp = (await this.#ports.changed(settled)) ? settled : undefined;
      // What changed while the pass was reading had its events before.
      this.look('a pass');
    }
    this.#isLooking = false;
  }

  async #pause(): Promise<void> {
    const left = this.#lookedAt + PAUSE_MS - performance.now();
    if (left > 0) await this.#delay(left);
    this.#lookedAt = performance.now();
  }

  /** Waits until what differs from the last pass has settled; gives nothing when there is no difference (any more). */
  async #settle(): Promise<Settled | undefined> {
    let seen = await this.#see();
    let since = performance.now();
    let isNew = true;
    for (;;) {
      const isUnfinished = this.#changes(seen);
      if (isUnfinished === undefined || this.#stopped.signal.aborted) return undefined;
      if (isNew) this.#ports.changing();
      if (performance.now() - since >= (isUnfinished ? UNFINISHED_MS : STABLE_MS)) {
        const { config, code, files } = seen;
        return { config: digestsOf(config), code: digestsOf(code), files: digestsOf(files) };
      }
      await this.#delay(STABLE_MS);
      const now = await this.#see();
      isNew = PARTS.some((part) => !isSame(now[part], seen[part]));
      if (isNew) since = performance.now();
      seen = now;
    }
  }

  /** Whether more may be on its way of what has changed; `undefined` if nothing has. */
  #changes(seen: Sight): boolean | undefined {
    const parts = [
      [this.#ports.sources(), seen.config],
      [this.#ports.code, seen.code],
      [this.#ports.files, seen.files],
    ] as const;
    const all = parts.map(([{ digests }, now]) => {
      const changed = changedSince({ digests }, now);
      return { changed, isUnfinished: changed.some((path) => mayGrow({ digests }, now, path)) };
    });
    if (all.every(({ changed }) => changed.length === 0)) return undefined;
    return all.some(({ isUnfinished }) => isUnfinished);
  }

  async #see(): Promise<Sight> {
    const sources = this.#ports.sources();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const isNew = await this.#places.set(await placesOf(sources, this.#ports));
      if (this.#stopped.signal.aborted) await this.#places.reset();
      if (!isNew) break;
    }
    const { code, files } = this.#ports;
    return {
      config: await lookAgain(sources),
      code: await code.lookAgain(),
      files: await files.lookAgain(),
    };
  }

  #delay(ms: number): Promise<void> {
    return delay(ms, undefined, { ref: false, signal: this.#stopped.signal }).catch(() => undefined);
  }

  #failed(error: Error): undefined {
    if (this.#isFailing || this.#stopped.signal.aborted) return;
    this.#isFailing = true;
    this.#ports.log.warn('watching files failed, they are looked at every 30 s', {
      error: error.message,
    });
  }
}

/** Everything whose change may change what is read. */
async function placesOf(
  { mainFile, include, digests }: ConfigSources,
  { code, files }: Pick<WatcherPorts, 'code' | 'files'>,
): Promise<Places> {
  const places = new Places();
  for (const [folder, patterns] of await globFolders(include, dirname(mainFile), disk.glob)) {
    await places.addFolder(folder, { patterns });
  }
  for (const file of Object.keys(digests)) await places.add(file);
  await code.addPlaces(places);
  await files.addPlaces(places);
  return places;
}

const digestsOf = (seen: Seen): Digests =>
  Object.fromEntries([...seen].map(([path, { digest }]) => [path, digest]));

function isSame(a: Seen, b: Seen): boolean {
  return a.size === b.size && [...a].every(([path, { stamp }]) => b.get(path)?.stamp === stamp);
}
