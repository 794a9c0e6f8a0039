import { type BigIntStats, lstatSync } from 'node:fs';
import { lstat, readlink, stat } from 'node:fs/promises';
import { setImmediate as otherWork } from 'node:timers/promises';
import type { Clock } from '@dynamic-informer/sdk';
import { idOf, isAbsence, reasonToSkip, unreadable } from './discover.ts';
import { readBuffer } from './file.ts';
import type { Follower } from './follower.ts';
import { type Activity, HANGING_MS, PATIENCE_MS, throughGate, unanswered } from './gate.ts';
import type { Mount } from './mounts.ts';
import { isArchive } from './rotated-name.ts';
import type { Watched } from './watched.ts';

/** How often a file is looked at that changed lately: one that came and went between two looks is missed. */
const LOOK_EVERY_MS = 250;
const LATELY_MS = 60_000;
/** Looks at the other files take no more than this part of the time; but there is one so often. */
const SHARE = 0.02;
const LOOK_AT_LEAST_EVERY_MS = 5000;
/** How many looks may follow each other that do not wait for anything. */
const LOOKS_AT_ONCE = 250;
/** How long a lane reads before it looks again, and before others may use its device. */
const READ_MS = 50;

export interface LaneOptions {
  /** As `stat` gives it. */
  readonly dev: string;
  readonly mount: Mount;
  readonly activity: Activity;
  readonly follower: Follower;
  readonly clock: Clock;
  /** Learns of a path that leads to another device than it did. */
  readonly onMoved: (watched: Watched, dev: string) => void;
  /** Learns of a link that leads elsewhere than it did. */
  readonly onRelinked: (watched: Watched) => void;
  /** Learns of a path that is left out, or can be looked at no more, or again. */
  readonly onOutside: (watched: Watched) => void;
}

/** The files of one device: looked at and read one after the other, at a pace of their own. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #watched = new Set<Watched>();
  #buffer: Buffer | undefined;
  #turn: Promise<void> | undefined;
  #begunAt = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #lookedFor = 0;
  #failure: { error: unknown } | undefined;
  #changed = true;
  #more = false;
  /** What a look takes, averaged. */
  #lookMs = 0.02;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get follower(): Follower {
    return this.#options.follower;
  }
  get mount(): Mount {
    return this.#options.mount;
  }
  /** Something is left to read, and can be read at once. */
  get more(): boolean {
    return this.#more && this.#turn === undefined && !this.isLate;
  }
  /** The turn that is worth waiting for. */
  get turn(): Promise<void> | undefined {
    const isFresh = this.#options.clock.monotonic() - this.#begunAt < PATIENCE_MS;
    return isFresh ? this.#turn : undefined;
  }
  /** The call that its file system does not answer. */
  get hanging(): Activity | undefined {
    return unanswered(this.mount.device, HANGING_MS);
  }
  /** The turn that is under way, if it will end. */
  get answeredTurn(): Promise<void> | undefined {
    return this.isLate ? undefined : this.#turn;
  }
  get isLate(): boolean {
    return unanswered(this.mount.device, PATIENCE_MS) !== undefined;
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
    watched.lookAt = Number.NEGATIVE_INFINITY;
    this.#changed = true;
  }

  delete(watched: Watched): void {
    if (this.#watched.delete(watched)) this.#changed = true;
  }

  /** Its files are looked at as they were when that pass through the globs began, or later. */
  hasLooked(pass: number): boolean {
    return this.#lookedFor >= pass && !this.#changed;
  }

  /** What was in them then has been read. */
  isThrough(pass: number): boolean {
    return this.#turn === undefined && this.hasLooked(pass) && !this.#more;
  }

  /** Begins a turn if there may be something to do: looks if it is time, or for a pass, and reads for a while. */
  begin(pass: number, isComplete: boolean): void {
    if (this.#turn !== undefined || this.isLate) return;
    const now = this.#options.clock.monotonic();
    const isDue = now - this.#lookedAt >= LOOK_EVERY_MS;
    const reunites = isComplete && !this.follower.isReunited;
    const looks = isDue || this.#changed || pass > this.#lookedFor || reunites;
    if (!looks && !this.#more && !this.follower.active) return;
    this.#begunAt = now;
    const { mount, activity } = this.#options;
    this.#turn = throughGate(mount.device, activity, async () => {
      if (looks) await this.#look(pass, isComplete);
      await this.#read();
    })
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#turn = undefined;
      });
  }

  /** Throws what a turn threw, which is no error of a file. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Closes what is open, in its turn; that may never come. */
  async close(): Promise<void> {
    const { mount, activity, follower } = this.#options;
    await throughGate(mount.device, activity, () => follower.close());
  }

  /** Reads round after round for a while, one chunk of each file in each. */
  async #read(): Promise<void> {
    const { clock, follower } = this.#options;
    this.#buffer ??= readBuffer();
    const end = clock.monotonic() + READ_MS;
    do this.#more = await follower.readRound(this.#buffer, end);
    while (this.#more && clock.monotonic() < end);
  }

  async #look(pass: number, isComplete: boolean): Promise<void> {
    const { clock, follower, activity } = this.#options;
    const start = clock.monotonic();
    const pause = this.#pauseMs;
    const isThorough = pass > this.#lookedFor;
    const looked: Watched[] = [];
    let changed = this.#changed || follower.restless;
    this.#changed = false;
    for (const watched of this.#watched) {
      if (!isThorough && start < watched.lookAt) continue;
      activity.begin(watched.path);
      watched.lookAt = start + pause;
      if (await this.#lookAt(watched, start)) changed = true;
      looked.push(watched);
      if (looked.length % LOOKS_AT_ONCE === 0) await otherWork();
    }
    this.#lookedAt = start;
    this.#lookedFor = Math.max(pass, this.#lookedFor);
    if (changed) await follower.look(this.#watched, isComplete);
    const took = clock.monotonic() - start;
    if (looked.length > 0) this.#lookMs += 0.3 * (took / looked.length - this.#lookMs);
    for (const watched of looked) {
      watched.existing = false;
      this.#noteLeftOut(watched);
      const isUnopened = watched.id !== '' && !follower.follows(watched.id);
      if (start - watched.changedAt < LATELY_MS && !isUnopened) watched.lookAt = start;
    }
  }

  /** How long after a look at a file that does not change there is another: as often as it is cheap. */
  get #pauseMs(): number {
    return Math.min(LOOK_AT_LEAST_EVERY_MS, (this.#watched.size * this.#lookMs) / SHARE);
  }

  /** What a path leads to now; undefined for nothing that is watched here, or that can be looked at. */
  async statsOf(watched: Watched): Promise<BigIntStats | undefined> {
    this.#options.activity.begin(watched.path);
    const stats = await this.#stats(watched).catch(() => undefined);
    return stats !== undefined && String(stats.dev) === this.#options.dev ? stats : undefined;
  }

  /** True if it found something else than the last time. */
  async #lookAt(watched: Watched, now: number): Promise<boolean> {
    try {
      const stats = await this.#stats(watched);
      return stats === undefined ? false : this.#note(watched, stats, now);
    } catch (error) {
      return isAbsence(error) ? this.#note(watched, undefined, now) : this.#fail(watched, error);
    }
  }

  /** undefined for a link that has just been turned to something else. */
  async #stats(watched: Watched): Promise<BigIntStats | undefined> {
    // Waiting costs more than the look: only what may have to be waited for is.
    const stats = this.#canNotBlock(watched)
      ? lstatSync(watched.path, { bigint: true })
      : await lstat(watched.path, { bigint: true });
    if (stats.isSymbolicLink()) return this.#behind(watched);
    watched.link = false;
    return stats;
  }

  #canNotBlock(watched: Watched): boolean {
    return this.mount.local && !watched.link && this.follower.follows(watched.id);
  }

  /** What a link leads to; undefined if it leads elsewhere than before, which may be a file system that hangs. */
  async #behind(watched: Watched): Promise<BigIntStats | undefined> {
    const target = await readlink(watched.path);
    const isKnown = watched.link && watched.target === target;
    watched.link = true;
    watched.target = target;
    if (isKnown) return stat(watched.path, { bigint: true });
    this.#options.onRelinked(watched);
    return undefined;
  }

  #fail(watched: Watched, error: unknown): boolean {
    const problem = unreadable(watched.path, error);
    if (watched.problem?.message === problem.message) return false;
    watched.problem = problem;
    this.#options.onOutside(watched);
    return true;
  }

  #note(watched: Watched, stats: BigIntStats | undefined, now: number): boolean {
    const { dev, onMoved, onOutside } = this.#options;
    if (stats !== undefined && String(stats.dev) !== dev) {
      this.#watched.delete(watched);
      onMoved(watched, String(stats.dev));
      return true;
    }
    const reason = stats && reasonToSkip(watched.path, stats);
    const skipped = reason ?? (stats && isArchive(watched.path) ? watched.skipped : undefined);
    const wasOutside = watched.problem !== undefined || watched.skipped !== skipped;
    watched.problem = undefined;
    watched.skipped = skipped;
    if (wasOutside) onOutside(watched);
    const file = reason === undefined ? stats : undefined;
    const before = watched.stats;
    const same =
      before?.size === file?.size && before?.mtimeNs === file?.mtimeNs && before?.ino === file?.ino;
    watched.stats = file;
    if (file === undefined) watched.id = '';
    else if (before?.ino !== file.ino) watched.id = idOf(file);
    watched.fresh ||= !same || (file !== undefined && !this.follower.follows(watched.id));
    if (!same && !watched.existing) watched.changedAt = now;
    return watched.fresh || wasOutside;
  }

  #noteLeftOut(watched: Watched): void {
    if (!isArchive(watched.path) || watched.stats === undefined) return;
    const skipped = this.follower.isLeftOut(watched) ? 'is compressed' : undefined;
    if (watched.skipped === skipped) return;
    watched.skipped = skipped;
    this.#options.onOutside(watched);
  }
}
