import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, InformerError, Logger, Sample } from '@dynamic-informer/sdk';
import { type FileCounts, PathCounts } from '../file-counts.ts';
import type { LineSplitter } from '../lines/splitter.ts';
import * as own from '../metrics.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type FileScope, type FoundFile, idOf, isAbsence, lookAt, unreadable } from './discover.ts';
import { type FileRecord, FollowedFile } from './file.ts';
import { FileFinder } from './finder.ts';

export interface FollowerOptions {
  readonly scope: FileScope;
  readonly readFrom: 'beginning' | 'end';
  /** How many paths may have series of their own. */
  readonly maxFileSeries: number;
  /** Makes what cuts one file into lines. */
  readonly splitter: () => LineSplitter;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a file that was rotated away stays open after the last byte: its writer may still hold it. */
const QUIET_MS = 5000;
/** A file that gave something lately is read again without a look at it first. */
const ACTIVE_MS = 1000;
/** How many files that are not followed are remembered, should they come back. */
const MAX_RECORDS = 1000;

/** Knows which files there are, tells a rotated file from a new one, and reads them all by turns. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #files = new Map<string, FollowedFile>();
  /** Files that are not open and how far they were read, by identity. */
  readonly #records = new Map<string, FileRecord>();
  readonly #counts: PathCounts;
  readonly #finder: FileFinder;
  #openProblems: ReadonlyMap<string, InformerError> = new Map();
  readonly #readProblems = new Map<string, InformerError>();
  #first = true;
  #skipExisting: boolean;
  /** Goes up with every change that a checkpoint should hold. */
  version = 0;
  /** Goes up with every answer of the file system; one that hangs shows by its standing still. */
  steps = 0;
  /** What the file system was last asked for. */
  busyWith = '';

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#finder = new FileFinder(options.scope, options.clock, options.logger);
    this.#skipExisting = options.readFrom === 'end';
    this.#counts = new PathCounts(options.maxFileSeries, () => {
      options.logger.warn(
        `More than ${options.maxFileSeries} files: the further ones count under path="other". ` +
          'Raise max_file_series (and the max_series of the resource), or follow fewer files in one resource.',
      );
    });
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

  restore(checkpoint: Checkpoint): void {
    for (const record of checkpoint.files) this.#records.set(record.id, record);
    this.#counts.restore(
      checkpoint.paths,
      checkpoint.files.filter(({ finished }) => !finished).map(({ label }) => label),
    );
    const sameGlobs = checkpoint.globs.join('\n') === this.#options.scope.patterns.join('\n');
    if (sameGlobs) this.#skipExisting = false;
  }

  /** Offsets and what belongs to them, for a checkpoint. */
  dump(): Pick<Checkpoint, 'globs' | 'files' | 'paths'> {
    return {
      globs: this.#options.scope.patterns,
      files: [...this.#records.values(), ...[...this.#files.values()].map((file) => file.record())],
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
      own.skippedFiles.sample(this.#finder.skipped),
    ];
  }

  /** Looks which files there are and which have changed; `thorough` does not put off the globs. */
  async look(thorough: boolean): Promise<void> {
    const before = this.problems.length + this.#finder.skipped;
    this.busyWith = this.#options.scope.patterns.join(', ');
    await this.#finder.glob(thorough);
    this.steps++;
    const files = await this.#finder.look();
    this.steps++;
    const problems = new Map<string, InformerError>();
    const seen = new Set<string>();
    for (const found of files) {
      const problem = await this.#attach(found, seen);
      if (problem) problems.set(found.path, problem);
    }
    this.#openProblems = problems;
    await this.#retire(seen);
    if (this.#first) await this.#findMoved();
    this.#first = false;
    this.#skipExisting = false;
    if (this.problems.length + this.#finder.skipped !== before) this.version++;
  }

  /** Reads one chunk of each file that may have more; false when nothing is left. */
  async readRound(buffer: Buffer): Promise<boolean> {
    const now = this.#options.clock.monotonic();
    const since = now - ACTIVE_MS;
    let more = false;
    for (const file of this.#files.values()) {
      if (!file.changed && file.lastActive < since && !file.isRecordOverdue(now)) continue;
      this.busyWith = file.path;
      try {
        if (await this.#read(file, buffer)) more = true;
        this.#readProblems.delete(file.id);
      } catch (error) {
        this.#readProblems.set(file.id, unreadable(file.path, error));
      }
      this.steps++;
    }
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
    await this.#closingOnError(file, async () => this.#position(file));
    this.#adopt(file);
  }

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
    this.#countsOf(file);
    this.version++;
  }

  #countsOf({ label }: FollowedFile): FileCounts {
    return this.#counts.of(label);
  }

  async #position(file: FollowedFile): Promise<void> {
    const record = this.#records.get(file.id);
    const knownPath = this.#counts.has(file.path);
    if (record && (await file.resume(record))) file.label = record.label;
    // A finished file's number was free for another file.
    else if (record && !record.finished) this.#countsOf(file).truncations++;
    else if (knownPath) this.#countsOf(file).rotations++;
    else if (this.#skipExisting) await file.skipToEnd();
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
      if (drained && now - file.lastActive >= QUIET_MS) await this.#finish(file);
    }
  }

  async #finish(file: FollowedFile): Promise<void> {
    file.finish(this.#countsOf(file));
    this.#files.delete(file.id);
    this.#readProblems.delete(file.id);
    this.#remember(file.record(true));
    this.#forgetUnusedLabels();
    this.version++;
    await file.close();
  }

  #forgetUnusedLabels(): void {
    const used = new Set(this.#finder.paths);
    for (const { label } of this.#files.values()) used.add(label);
    this.#counts.retain(used);
  }

  #remember(record: FileRecord): void {
    this.#records.set(record.id, record);
    for (const id of this.#records.keys()) {
      if (this.#records.size <= MAX_RECORDS) break;
      this.#records.delete(id);
    }
  }

  /** Looks beside their old paths for files that were rotated away while nobody followed them. */
  async #findMoved(): Promise<void> {
    const missing = [...this.#records.values()].filter((record) => !record.finished);
    for (const directory of new Set(missing.map((record) => path.dirname(record.path)))) {
      // A folder that can't be listed hides the file as if it were gone, which is said below.
      const names = await readdir(directory).catch((): string[] => []);
      const { files } = await lookAt(names.map((name) => path.join(directory, name)));
      for (const found of files) {
        const record = this.#records.get(idOf(found.stats));
        if (record && !record.finished) await this.#openMoved(found.path, record);
      }
    }
    for (const record of missing) {
      const unknown = this.#openProblems.has(record.path) || this.#finder.problems.has(record.path);
      if (!this.#records.has(record.id) || unknown) continue;
      this.#remember({ ...record, finished: true });
      this.#options.logger.info(
        `${record.path}: the file that was followed is gone; lines written to it since the last checkpoint can not be counted.`,
      );
    }
    this.#forgetUnusedLabels();
  }

  async #openMoved(at: string, record: FileRecord): Promise<void> {
    try {
      const file = await this.#openFile(at);
      if (file === undefined) return;
      const same = file.id === record.id && (await this.#closingOnError(file, () => file.resume(record)));
      if (!same) return await file.close();
      file.label = record.label;
      file.retired = true;
      file.lastActive = this.#options.clock.monotonic();
      this.#adopt(file);
    } catch (error) {
      if (!isAbsence(error)) this.#readProblems.set(record.id, unreadable(at, error));
    }
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
    return outcome === 'more' || outcome === 'truncated';
  }
}
