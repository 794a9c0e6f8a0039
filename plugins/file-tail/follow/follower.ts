import { stat } from 'node:fs/promises';
import type { Clock, InformerError, Logger, Sample } from '@dynamic-informer/sdk';
import { type FileCounts, PathCounts } from '../file-counts.ts';
import type { LineSplitter } from '../lines/splitter.ts';
import * as own from '../metrics.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type FileScope, type FoundFile, idOf, isAbsence, unreadable } from './discover.ts';
import { FollowedFile } from './file.ts';
import { FileFinder } from './finder.ts';
import { Placement } from './placement.ts';
import { type FileRecord, Records } from './records.ts';
import { Recovery, type Since } from './recovery.ts';

export interface FollowerOptions {
  readonly scope: FileScope;
  readonly readFrom: 'beginning' | 'end';
  /** How many paths may have series of their own. */
  readonly maxFileSeries: number;
  /** Makes what cuts one file into lines. */
  readonly splitter: () => LineSplitter;
  /** Files that have not changed for so many ms, and hold nothing of which a part was read, are not opened. */
  readonly ignoreOlderMs: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a file that was rotated away stays open after the last byte: its writer may still hold it. */
const QUIET_MS = 5000;
/** A file that gave something lately is read again without a look at it first. */
const ACTIVE_MS = 1000;
/** How often the path of a file that is being written is looked at, so that no rotation is missed; and what each such file adds to that. */
const GLANCE_EVERY_MS = 20;
const GLANCE_SHARE_MS = 1;

const nsOf = (ms: number): bigint => BigInt(Math.round(ms)) * 1_000_000n;

/** Knows which files there are, tells a rotated file from a new one, and reads them all by turns. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #files = new Map<string, FollowedFile>();
  /** Files that are not open and how far they were read, by identity. */
  readonly #records = new Records();
  readonly #counts: PathCounts;
  readonly #finder: FileFinder;
  readonly #placement: Placement;
  readonly #recovery: Recovery;
  /** Perhaps there is a compressed file of which something is left to read. */
  #unpacking = false;
  #activeFiles = 0;
  #openProblems: ReadonlyMap<string, InformerError> = new Map();
  readonly #readProblems = new Map<string, InformerError>();
  #first = true;
  /** When all that was there was known, in ms since 1970. */
  #lookedAt = Number.POSITIVE_INFINITY;
  #openedAt = Number.POSITIVE_INFINITY;
  /** Goes up with every change that a checkpoint should hold. */
  version = 0;
  /** Goes up with every answer of the file system; one that hangs shows by its standing still. */
  steps = 0;
  /** What the file system was last asked for. */
  busyWith = '';

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#finder = new FileFinder(options.scope, options.clock, options.logger);
    this.#counts = new PathCounts(options.maxFileSeries, () => {
      options.logger.warn(
        `More than ${options.maxFileSeries} files: the further ones count under path="other". ` +
          'Raise max_file_series (and the max_series of the resource), or follow fewer files in one resource.',
      );
    });
    this.#placement = new Placement({
      files: this.#files,
      records: this.#records,
      counts: this.#counts,
      ignoreOlderMs: options.ignoreOlderMs,
      clock: options.clock,
    });
    this.#placement.skipExisting = options.readFrom === 'end';
    const roster = {
      files: this.#files,
      records: this.#records,
      open: (at: string) => this.#openFile(at),
      adopt: (file: FollowedFile) => this.#adoptRotated(file),
    };
    this.#recovery = new Recovery(roster, options.scope, options.logger);
  }

  get problems(): InformerError[] {
    return [
      ...this.#finder.problems.values(),
      ...this.#openProblems.values(),
      ...this.#readProblems.values(),
    ];
  }

  get active(): boolean {
    const since = this.#options.clock.monotonic() - ACTIVE_MS;
    for (const file of this.#files.values()) if (file.lastActive >= since) return true;
    return false;
  }

  /** The path that these counts are exposed with; undefined for those that several share. */
  pathOf(counts: FileCounts): string | undefined {
    return this.#counts.pathOf(counts);
  }

  restore(checkpoint: Checkpoint): void {
    for (const record of checkpoint.files) this.#records.add(record);
    this.#counts.restore(
      checkpoint.paths,
      checkpoint.files.filter(({ finished }) => !finished).map(({ label }) => label),
    );
    const sameGlobs = checkpoint.globs.join('\n') === this.#options.scope.patterns.join('\n');
    this.#placement.knowsBefore = true;
    if (!sameGlobs) return;
    this.#placement.skipExisting = false;
    this.#lookedAt = checkpoint.lookedAt;
  }

  /** Offsets and what belongs to them, for a checkpoint. */
  dump(): Pick<Checkpoint, 'globs' | 'lookedAt' | 'files' | 'paths'> {
    const files = [...this.#files.values()];
    return {
      globs: this.#options.scope.patterns,
      lookedAt: this.#lookedAt,
      files: [
        ...this.#records.values(),
        ...files.map((file) => file.record()),
        ...files.flatMap(({ lost }) => lost ?? []),
      ],
      paths: this.#counts.dump(),
    };
  }

  samples(): Sample[] {
    const lags = new Map<string, number>();
    for (const { label, lag } of this.#files.values()) lags.set(label, (lags.get(label) ?? 0) + lag);
    const open = [...this.#files.values()];
    return [
      ...this.#counts.samples(lags),
      own.files.sample(open.filter((file) => !file.retired).length),
      own.openFiles.sample(open.length),
      own.unreadableFiles.sample(this.problems.length),
      own.skippedFiles.sample(this.#finder.skipped + this.#placement.ignored.size),
    ];
  }

  /** Looks which files there are and which have changed; `thorough` does not put off the globs. */
  async look(thorough: boolean): Promise<void> {
    const before = this.problems.length + this.#finder.skipped;
    const begun = this.#options.clock.now();
    if (this.#first) this.#openedAt = begun;
    this.busyWith = this.#options.scope.patterns.join(', ');
    await this.#finder.glob(thorough);
    this.steps++;
    const files = await this.#finder.look();
    this.steps++;
    const problems = new Map<string, InformerError>();
    const seen = new Set<string>();
    this.#placement.begin();
    for (const found of files) {
      const problem = await this.#attach(found, seen);
      if (problem) problems.set(found.path, problem);
    }
    this.#openProblems = problems;
    await this.#retire(seen);
    if (this.#first) await this.#reunite();
    else await this.#findUnseen();
    this.#first = false;
    this.#placement.knowsBefore = true;
    this.#placement.skipExisting = false;
    this.#lookedAt = begun;
    this.#finder.leaveOut(this.#archivesLeftOut());
    if (this.problems.length + this.#finder.skipped !== before) this.version++;
  }

  /** Reads one chunk of each file that may have more; false when nothing is left. */
  async readRound(buffer: Buffer): Promise<boolean> {
    const now = this.#options.clock.monotonic();
    const since = now - ACTIVE_MS;
    let more = false;
    let active = 0;
    for (const file of this.#files.values()) {
      if (!file.changed && file.lastActive < since && !file.isRecordOverdue(now)) continue;
      active++;
      this.busyWith = file.path;
      try {
        if (await this.#read(file, buffer)) more = true;
        await this.#glance(file);
        this.#readProblems.delete(file.id);
      } catch (error) {
        this.#readProblems.set(file.id, unreadable(file.path, error));
      }
      this.steps++;
    }
    this.#activeFiles = active;
    return more;
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.allSettled(files.map((file) => file.close()));
  }

  async #attach({ path: found, stats }: FoundFile, seen: Set<string>): Promise<InformerError | undefined> {
    const id = idOf(stats);
    if (seen.has(id)) return undefined;
    seen.add(id);
    const known = this.#files.get(id);
    if (known) {
      if (known.retired) this.version++;
      known.path = found;
      known.retired = false;
      known.note(stats);
      return undefined;
    }
    if (this.#placement.leavesOut({ path: found, stats })) return undefined;
    try {
      await this.#open(found, seen);
    } catch (error) {
      if (!isAbsence(error)) return unreadable(found, error);
    }
    return undefined;
  }

  /** Follows the file at a path, from where it was left if it is a known one. */
  async #open(at: string, seen: Set<string>): Promise<void> {
    const file = await this.#openFile(at);
    if (file === undefined) return;
    seen.add(file.id);
    // Between the look and the opening the path can have come to lead to a file that is followed already.
    if (this.#files.has(file.id)) return file.close();
    if (await this.#closingOnError(file, () => this.#placement.place(file))) this.#adopt(file);
    else await file.close();
  }

  /** undefined if there is no file at this path any more. */
  async #openFile(at: string): Promise<FollowedFile | undefined> {
    this.busyWith = at;
    const file = await FollowedFile.open(at, this.#options.splitter());
    this.steps++;
    return file;
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
    this.#records.delete(file.id);
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
    return this.#counts.of(label);
  }

  /** Files that no path leads to any more are read until they are quiet, then closed. */
  async #retire(seen: ReadonlySet<string>): Promise<void> {
    const now = this.#options.clock.monotonic();
    for (const file of this.#files.values()) {
      if (seen.has(file.id)) continue;
      if (!file.retired) {
        file.retired = true;
        file.lastActive = now;
        this.version++;
      }
      try {
        await file.look();
        this.steps++;
      } catch (error) {
        this.#readProblems.set(file.id, unreadable(file.path, error));
      }
      const drained = !file.changed || this.#readProblems.has(file.id);
      if (drained && (file.packed || now - file.lastActive >= QUIET_MS)) await this.#finish(file);
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
    this.#forgetUnusedLabels();
    this.version++;
    await file.close();
  }

  #forgetUnusedLabels(): void {
    const used = new Set(this.#finder.paths);
    for (const { label } of this.#files.values()) used.add(label);
    for (const { label, finished } of this.#records.values()) if (!finished) used.add(label);
    this.#counts.retain(used);
  }

  /** Finds again what was followed before, and what came and went meanwhile. */
  async #reunite(): Promise<void> {
    const unknown = (at: string) => this.#openProblems.has(at) || this.#finder.problems.has(at);
    const missing = [...this.#records.values()].filter(
      ({ id, path, finished }) => !finished && !unknown(path) && !this.#placement.ignored.has(id),
    );
    const births = this.#records.lastBirths();
    await this.#recovery.renamed(missing);
    const unfound = missing.filter((record) => this.#records.get(record.id) === record);
    for (const record of await this.#recovery.copied(unfound)) this.#giveUp(record);
    await this.#findUnseen(
      missing.map(({ label }) => label),
      births,
    );
    for (const found of this.#finder.archives) {
      if (Number(found.stats.mtimeMs) > this.#lookedAt) await this.#recovery.readWhole(found);
    }
    this.#unpacking = true;
    await this.#unpack();
    this.#forgetUnusedLabels();
  }

  #giveUp(record: FileRecord): void {
    this.#records.add({ ...record, finished: true });
    if (this.#counts.has(record.label)) this.#countsOf(record).suspectedLost++;
    this.#options.logger.info(
      `${record.path}: the file that was followed is gone; lines written to it since the last checkpoint can not be counted.`,
    );
  }

  /** Follows files that were at a path between two looks at it, and are rotated away now. */
  async #findUnseen(missing: readonly string[] = [], births = this.#records.lastBirths()): Promise<void> {
    const succeeded = this.#placement.takeSucceeded();
    if (succeeded.size + missing.length === 0) return;
    const since = new Map<string, Since>();
    for (const label of new Set([...succeeded.keys(), ...missing])) {
      const birth = succeeded.get(label)?.birth ?? births.get(label);
      if (this.#first) since.set(label, { birth: birth ?? 0n, lookedAtMs: this.#lookedAt });
      // Nothing was there when the resource was opened.
      else if (birth === undefined)
        since.set(label, { birth: nsOf(this.#openedAt), lookedAtMs: this.#openedAt });
      else if (birth > 0n) since.set(label, { birth, lookedAtMs: undefined });
    }
    await this.#recovery.unseen(since);
    this.#unpacking = true;
    await this.#unpack();
  }

  async #unpack(): Promise<void> {
    if (this.#unpacking) this.#unpacking = await this.#recovery.unpackNext();
  }

  #archivesLeftOut(): [string, string][] {
    return this.#finder.archives
      .filter(({ stats }) => !this.#files.has(idOf(stats)) && this.#records.get(idOf(stats)) === undefined)
      .map(({ path }) => [path, 'is compressed']);
  }

  async #read(file: FollowedFile, buffer: Buffer): Promise<boolean> {
    const counts = this.#countsOf(file);
    const outcome = await file.read(buffer, counts);
    if (outcome === 'nothing') {
      if (file.isRecordOverdue(this.#options.clock.monotonic())) {
        file.finishRecord(counts);
        this.version++;
      }
    } else {
      file.lastActive = this.#options.clock.monotonic();
      this.version++;
      await file.identify();
    }
    if (file.lost) {
      this.#placement.noteLost(file.lost);
      await this.#recovery.copied([file.lost]);
      file.lost = undefined;
    }
    if (file.packed && outcome !== 'more') {
      await this.#finish(file);
      await this.#unpack();
      return this.#unpacking;
    }
    return outcome === 'more' || outcome === 'truncated';
  }

  /** Looks whether the path of a file that is being written leads to another by now, which may be gone at the next look. */
  async #glance(file: FollowedFile): Promise<void> {
    const now = this.#options.clock.monotonic();
    const pause = Math.max(GLANCE_EVERY_MS, this.#activeFiles * GLANCE_SHARE_MS);
    if (file.retired || now - file.glancedAt < pause) return;
    file.glancedAt = now;
    const stats = await stat(file.path, { bigint: true }).catch(() => undefined);
    if (stats?.isFile() !== true || this.#files.has(idOf(stats))) return;
    // What can not be opened now is a problem of the next look.
    await this.#attach({ path: file.path, stats }, new Set());
  }
}
