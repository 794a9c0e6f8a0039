import type { BigIntStats } from 'node:fs';
import type { Clock, InformerError, Logger } from '@dynamic-informer/sdk';
import type { FileCounts, PathCounts } from '../file-counts.ts';
import type { LineSplitter } from '../lines/splitter.ts';
import { deviceOf, type FileScope, type FoundFile, idOf, isAbsence, unreadable } from './discover.ts';
import { FollowedFile } from './file.ts';
import type { Activity } from './gate.ts';
import { Placement, type Start } from './placement.ts';
import { type FileRecord, Records } from './records.ts';
import { Recovery } from './recovery.ts';
import { isArchive } from './rotated-name.ts';
import type { Watched } from './watched.ts';

export interface FollowerOptions {
  /** The device whose files it follows, as `stat` gives it. */
  readonly dev: string;
  readonly scope: FileScope;
  /** Files that have been there since the resource was opened are read from their end. */
  readonly skipExisting: boolean;
  /** When the resource was opened, in ms since 1970. */
  readonly openedAt: number;
  /** There may be files of before then to be found again. */
  readonly isOpening: boolean;
  /** Makes what cuts one file into lines. */
  readonly splitter: () => LineSplitter;
  /** Files that have not changed for so many ms, and hold nothing of which a part was read, are not opened. */
  readonly ignoreOlderMs: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counts: PathCounts;
  /** Records of files on devices that are there no more. */
  readonly strays: Records;
  /** Says what the file system is being asked for. */
  readonly activity: Activity;
  /** Looks at a path that is watched; undefined if nothing can be said of it. */
  readonly statsOf: (path: string) => Promise<BigIntStats | undefined>;
}

/** How long a file that was rotated away stays open after the last byte: its writer may still hold it. */
const QUIET_MS = 5000;
/** A file that gave something lately is read again without a look at it first. */
const ACTIVE_MS = 1000;
/** How often the path of a file that is being written is looked at, so that no rotation is missed; and what each such file adds to that. */
const GLANCE_EVERY_MS = 20;
const GLANCE_SHARE_MS = 1;

/** Follows the files of one device: tells a rotated file from a new one, and reads them all by turns. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #files = new Map<string, FollowedFile>();
  /** Files that are not open and how far they were read, by identity. */
  readonly #records = new Records();
  readonly #placement: Placement;
  readonly #recovery: Recovery;
  /** Perhaps there is a compressed file of which something is left to read. */
  #unpacking = false;
  #activeFiles = 0;
  readonly #openProblems = new Map<string, InformerError>();
  readonly #readProblems = new Map<string, InformerError>();
  /** Paths whose files are more than the process may open. */
  #unopened: string[] = [];
  #archives: Watched[] = [];
  /** Files of this round that have not been read yet. */
  #round: FollowedFile[] = [];
  #roundHasMore = false;
  #first: boolean;
  /** When all that was there was known before, in ms since 1970. */
  #recalledAt = Number.POSITIVE_INFINITY;
  /** A look is due though no path has changed: some file has to be looked at itself, or others may be beside it. */
  restless = true;
  /** Goes up with every change that a checkpoint should hold. */
  version = 0;
  /** Goes up with every file that is followed no more. */
  finished = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#placement = new Placement({
      files: this.#files,
      records: this.#records,
      strays: options.strays,
      counts: options.counts,
      ignoreOlderMs: options.ignoreOlderMs,
      clock: options.clock,
      openedAt: options.openedAt,
    });
    const roster = {
      files: this.#files,
      records: this.#records,
      open: (at: string) => this.#openFile(at),
      adopt: (file: FollowedFile) => this.#adoptRotated(file),
    };
    this.#recovery = new Recovery(roster, options.scope, options.logger);
    this.#first = options.isOpening;
    this.#placement.knowsBefore = !options.isOpening;
  }

  get problems(): InformerError[] {
    const problems = [...this.#openProblems.values(), ...this.#readProblems.values()];
    const [first, ...more] = this.#unopened;
    const place = more.length > 0 ? `${first} and ${more.length} more` : first;
    if (place !== undefined) problems.push(unreadable(place, { code: 'EMFILE' }));
    return problems;
  }

  get active(): boolean {
    const since = this.#options.clock.monotonic() - ACTIVE_MS;
    for (const file of this.#files.values()) if (file.lastActive >= since) return true;
    return false;
  }

  /** All that are open. */
  get files(): Iterable<FollowedFile> {
    return this.#files.values();
  }

  /** The labels of files that are not open, but not finished either. */
  *missingLabels(): Iterable<string> {
    for (const { label, finished } of this.#records.values()) if (!finished) yield label;
  }

  /** How many files are too old to be opened. */
  get ignored(): number {
    return this.#placement.ignored.size;
  }

  /** It has looked for everything that was followed before. */
  get isReunited(): boolean {
    return !this.#first;
  }

  follows(id: string): boolean {
    return this.#files.has(id);
  }

  /** Compressed files that a path leads to and that nothing is to be read of. */
  isLeftOut({ path: at, id }: Watched): boolean {
    return isArchive(at) && !this.#files.has(id) && this.#records.get(id) === undefined;
  }

  /** There is a checkpoint of an earlier time, whose files are restored; and when everything there was known then, in ms since 1970. */
  recall(lookedAt: number): void {
    this.#placement.knowsBefore = true;
    this.#recalledAt = lookedAt;
  }

  /** Takes over what a checkpoint holds of a file. */
  restore(record: FileRecord): void {
    this.#records.add(record);
  }

  /** What a checkpoint holds of the files. */
  dump(): FileRecord[] {
    const files = [...this.#files.values()];
    return [
      ...this.#records.values(),
      ...files.map((file) => file.record()),
      ...files.flatMap(({ lost }) => lost ?? []),
    ];
  }

  /** Takes note of all paths there are, and what they lead to; `isComplete` if none is missing that can be looked at. */
  async look(paths: Iterable<Watched>, isComplete: boolean): Promise<void> {
    const before = this.problems.length;
    const seen = new Set<string>();
    /** Nothing is known of a path that can not be looked at: the file may still be behind it. */
    const closed = new Map<string, string>();
    const solved = new Set(this.#openProblems.keys());
    this.#unopened = [];
    this.#archives = [];
    for (const found of paths) {
      const { path: at, id, stats, problem } = found;
      if (problem) closed.set(at, id);
      else if (stats && isArchive(at)) this.#archives.push(found);
      else if (stats && !found.fresh && this.#isSettled(found)) seen.add(id);
      else if (stats) await this.#attach({ path: at, stats }, found.existing, seen);
      if (stats) solved.delete(at);
      found.fresh = false;
    }
    for (const at of solved) this.#openProblems.delete(at);
    for (const id of closed.values()) seen.add(id);
    this.#placement.retain(seen);
    for (const id of closed.values()) await this.#lookInside(this.#files.get(id));
    const retired = await this.#retire(seen);
    if (!this.#first) await this.#findUnseen();
    else if (isComplete) {
      await this.#reunite(closed);
      this.#first = false;
      this.#placement.knowsBefore = true;
    }
    this.restless = this.#first || retired || closed.size > 0;
    if (this.problems.length !== before) this.version++;
  }

  /** Reads one chunk of each file that may have more, until that time on the monotonic clock; false when nothing is left. */
  async readRound(buffer: Buffer, end: number): Promise<boolean> {
    const { clock, activity } = this.#options;
    if (this.#round.length === 0) this.#beginRound(clock.monotonic());
    for (let file = this.#round.pop(); file; file = this.#round.pop()) {
      if (this.#files.get(file.id) !== file) continue;
      activity.begin(file.path);
      try {
        if (await this.#read(file, buffer)) this.#roundHasMore = true;
        if (this.#files.has(file.id)) await this.#glance(file);
        this.#readProblems.delete(file.id);
      } catch (error) {
        this.#readProblems.set(file.id, unreadable(file.path, error));
      }
      if (clock.monotonic() >= end) break;
    }
    return this.#roundHasMore || this.#round.length > 0;
  }

  /** Lets go of the file that a path led to, which goes on elsewhere: what is known of it, and how to close it. */
  surrender(at: string): { record: FileRecord; close: () => Promise<void> } | undefined {
    for (const file of this.#files.values()) {
      if (file.path !== at || file.packed) continue;
      this.#files.delete(file.id);
      this.#readProblems.delete(file.id);
      this.#placement.noteClosed(file);
      this.version++;
      return { record: file.record(), close: () => file.close() };
    }
    return undefined;
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    for (const file of files) {
      this.#options.activity.begin(file.path);
      // It was only read from: nothing is lost.
      await file.close().catch(() => undefined);
    }
  }

  /** Nothing is to be done about a file that has not changed. */
  #isSettled({ path: at, id }: Watched): boolean {
    return this.#files.has(id) || this.#openProblems.has(at) || this.#placement.ignored.has(id);
  }

  #beginRound(now: number): void {
    const since = now - ACTIVE_MS;
    this.#round = [...this.#files.values()]
      .filter((file) => file.changed || file.lastActive >= since || file.isRecordOverdue(now))
      .reverse();
    this.#activeFiles = this.#round.length;
    this.#roundHasMore = false;
  }

  async #attach({ path: found, stats }: FoundFile, existing: boolean, seen: Set<string>): Promise<void> {
    const id = idOf(stats);
    if (seen.has(id)) return;
    seen.add(id);
    const known = this.#files.get(id);
    if (known) {
      if (known.retired) this.version++;
      known.path = found;
      known.retired = false;
      known.note(stats);
    } else if (this.#placement.leavesOut({ path: found, stats })) this.#openProblems.delete(found);
    // One attempt tells it of all.
    else if (this.#unopened.length > 0) this.#unopened.push(found);
    else await this.#tryOpen(found, existing, seen);
  }

  async #tryOpen(at: string, existing: boolean, seen: Set<string>): Promise<void> {
    try {
      await this.#open(at, existing, seen);
      this.#openProblems.delete(at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EMFILE') this.#unopened.push(at);
      else if (!isAbsence(error)) this.#openProblems.set(at, unreadable(at, error));
    }
  }

  /** Follows the file at a path, from where it was left if it is a known one. */
  async #open(at: string, existing: boolean, seen: Set<string>): Promise<void> {
    const file = await this.#openFile(at);
    if (file === undefined) return;
    seen.add(file.id);
    // Between the look and the opening the path can have come to lead to a file that is followed already.
    if (this.#files.has(file.id)) return file.close();
    this.#placement.skipExisting = existing && this.#options.skipExisting;
    if (await this.#closingOnError(file, () => this.#placement.place(file))) this.#adopt(file);
    else await file.close();
  }

  /** undefined if there is no file of this device at this path any more. */
  async #openFile(at: string): Promise<FollowedFile | undefined> {
    const { dev, splitter, activity } = this.#options;
    activity.begin(at);
    const file = await FollowedFile.open(at, splitter());
    if (file === undefined || deviceOf(file.id) === dev) return file;
    // Whoever follows the files of that device may have it too.
    await file.close();
    return undefined;
  }

  async #closingOnError<T>(file: FollowedFile, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #adopt(file: FollowedFile): void {
    this.#records.setAside(file.id);
    this.#files.set(file.id, file);
    this.#placement.noteFollowed(file);
    this.#countsOf(file);
    this.version++;
  }

  #adoptRotated(file: FollowedFile): void {
    file.retired = true;
    file.lastActive = this.#options.clock.monotonic();
    this.#adopt(file);
  }

  #countsOf({ label }: Pick<FollowedFile, 'label'>): FileCounts {
    return this.#options.counts.of(label);
  }

  /** Files that no path leads to any more are read until they are quiet, then closed; true if there are such. */
  async #retire(seen: ReadonlySet<string>): Promise<boolean> {
    const now = this.#options.clock.monotonic();
    let some = false;
    for (const file of this.#files.values()) {
      if (seen.has(file.id)) continue;
      some = true;
      if (!file.retired) {
        file.retired = true;
        file.lastActive = now;
        this.version++;
      }
      await this.#lookInside(file);
      const drained = !file.changed || this.#readProblems.has(file.id);
      if (drained && (file.packed || now - file.lastActive >= QUIET_MS)) await this.#finish(file);
    }
    return some;
  }

  /** Looks at an open file when its path does not tell how it is. */
  async #lookInside(file: FollowedFile | undefined): Promise<void> {
    if (file === undefined) return;
    this.#options.activity.begin(file.path);
    try {
      await file.look();
    } catch (error) {
      this.#readProblems.set(file.id, unreadable(file.path, error));
    }
  }

  async #finish(file: FollowedFile): Promise<void> {
    const counts = this.#countsOf(file);
    file.finish(counts);
    if (file.failure) {
      counts.suspectedLost++;
      this.#options.logger.warn(file.failure.message);
    }
    this.#files.delete(file.id);
    this.#placement.noteClosed(file);
    this.#readProblems.delete(file.id);
    this.#records.add(file.record(true));
    this.finished++;
    this.version++;
    await file.close();
  }

  /** Finds again what was followed before, and what came and went meanwhile. */
  async #reunite(closed: ReadonlyMap<string, string>): Promise<void> {
    const unknown = (at: string) => this.#openProblems.has(at) || closed.has(at);
    const missing = [...this.#records.values()].filter(
      ({ id, path, finished }) => !finished && !unknown(path) && !this.#placement.ignored.has(id),
    );
    const births = this.#records.lastBirths();
    await this.#recovery.renamed(missing);
    const unfound = missing.filter((record) => this.#records.get(record.id) === record);
    for (const record of await this.#recovery.copied(unfound)) this.#giveUp(record);
    await this.#findUnseen({
      missing: missing.map(({ label }) => label),
      births,
      lookedAt: this.#recalledAt,
    });
    for (const { path, stats } of this.#archives) {
      if (stats && Number(stats.mtimeMs) > this.#recalledAt) await this.#recovery.readWhole({ path, stats });
    }
    this.#unpacking = true;
    await this.#unpack();
    this.finished++;
  }

  #giveUp(record: FileRecord): void {
    this.#records.add({ ...record, finished: true });
    if (this.#options.counts.has(record.label)) this.#countsOf(record).suspectedLost++;
    this.#options.logger.info(
      `${record.path}: the file that was followed is gone; lines written to it since the last checkpoint can not be counted.`,
    );
  }

  /** Follows files that were at a path between two looks at it, and are rotated away now. */
  async #findUnseen(start?: Start): Promise<void> {
    const since = this.#placement.takeUnseen(start);
    if (since.size === 0) return;
    await this.#recovery.unseen(since);
    this.#unpacking = true;
    await this.#unpack();
  }

  async #unpack(): Promise<void> {
    if (this.#unpacking) this.#unpacking = await this.#recovery.unpackNext();
  }

  async #read(file: FollowedFile, buffer: Buffer): Promise<boolean> {
    const counts = this.#countsOf(file);
    let outcome = await file.read(buffer, counts);
    const { lost } = file;
    const truncated = outcome === 'truncated';
    if (lost) {
      // At every moment that waits for something, a checkpoint may be written: each content has one record then.
      file.lost = undefined;
      this.#records.add(lost);
      this.#placement.noteLost(lost);
    }
    // At once, so that a next truncation shows too, and a copy of what is there now for what it is.
    if (truncated) outcome = await file.read(buffer, counts);
    if (outcome === 'nothing' && !truncated) {
      if (file.isRecordOverdue(this.#options.clock.monotonic())) {
        file.finishRecord(counts);
        this.version++;
      }
    } else {
      file.lastActive = this.#options.clock.monotonic();
      this.version++;
      await file.identify();
    }
    if (file.filled) {
      this.#placement.noteFilled(file);
      file.filled = false;
      this.restless = true;
    }
    if (lost) {
      await this.#recovery.copied([lost]);
      this.#records.delete(lost.id);
    }
    if (file.packed && outcome !== 'more') {
      await this.#finish(file);
      await this.#unpack();
      return this.#unpacking;
    }
    return outcome === 'more' || truncated;
  }

  /** Looks whether the path of a file that is being written leads to another by now, which may be gone at the next look. */
  async #glance(file: FollowedFile): Promise<void> {
    const now = this.#options.clock.monotonic();
    const pause = Math.max(GLANCE_EVERY_MS, this.#activeFiles * GLANCE_SHARE_MS);
    // Under another path it was rotated away, and what is there is not asked for.
    const isElsewhere = file.path !== file.label;
    if (isElsewhere || this.#unopened.length > 0 || now - file.glancedAt < pause) return;
    file.glancedAt = now;
    const stats = await this.#options.statsOf(file.path);
    if (stats?.isFile() !== true || this.#files.has(idOf(stats))) return;
    // What can not be opened now is a problem of the next look.
    await this.#attach({ path: file.path, stats }, false, new Set());
    this.restless = true;
  }
}
