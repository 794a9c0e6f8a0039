import { type Clock, type InformerError, type Logger, type Sample, targetError } from '@dynamic-informer/sdk';
import { type FileCounts, PathCounts } from '../file-counts.ts';
import type { LineSplitter } from '../lines/splitter.ts';
import * as own from '../metrics.ts';
import type { Checkpoint } from './checkpoint.ts';
import { deviceOf, type FileScope } from './discover.ts';
import { FileFinder } from './finder.ts';
import { Follower } from './follower.ts';
import { Activity, HANGING_MS, PATIENCE_MS, unanswered } from './gate.ts';
import { Lane } from './lane.ts';
import { LeftOut } from './left-out.ts';
import type { Mount } from './mounts.ts';
import { Records } from './records.ts';
import { settled } from './settled.ts';
import type { Watched } from './watched.ts';

/** After it, what is there is known once. */
const FIRST_PASS = 1;

export interface LanesOptions {
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

/** Follows all files of a resource, those of each device in a lane of their own, so that one that hangs holds up no other. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #finder: FileFinder;
  readonly #counts: PathCounts;
  /** By device, as `stat` gives it. */
  readonly #lanes = new Map<string, Lane>();
  readonly #laneOf = new Map<Watched, Lane>();
  readonly #leftOut: LeftOut;
  /** What the checkpoint holds of files whose devices have no lane yet. */
  readonly #strays = new Records();
  #skipExisting: boolean;
  /** There is a checkpoint of an earlier time. */
  #isRecalled = false;
  /** When all that was there was known, in ms since 1970. */
  #lookedAt = Number.POSITIVE_INFINITY;
  readonly #openedAt: number;
  /** Everything is known that has been there since the opening, but for what hangs. */
  #isOpen = false;
  #version = 0;
  /** Devices that do not answer, each with a path that was asked for. */
  #hanging: ReadonlyMap<string, string> = new Map();
  #hangingFiles = 0;
  #finished = 0;

  constructor(options: LanesOptions) {
    const { scope, clock, logger, maxFileSeries } = options;
    this.#options = options;
    this.#finder = new FileFinder(scope, clock, {
      placed: (watched) => this.#place(watched),
      gone: (watched) => this.#remove(watched),
    });
    this.#leftOut = new LeftOut(logger);
    this.#counts = new PathCounts(maxFileSeries, () => {
      logger.warn(
        `More than ${maxFileSeries} files: the further ones count under path="other". ` +
          'Raise max_file_series (and the max_series of the resource), or follow fewer files in one resource.',
      );
    });
    this.#skipExisting = options.readFrom === 'end';
    this.#openedAt = clock.now();
  }

  /** Goes up with every change that a checkpoint should hold. */
  get version(): number {
    let sum = this.#version;
    for (const { follower } of this.#lanes.values()) sum += follower.version;
    return sum;
  }

  /** Some file gave something lately. */
  get active(): boolean {
    return [...this.#lanes.values()].some(({ follower }) => follower.active);
  }

  /** Something is left to read. */
  get more(): boolean {
    return [...this.#lanes.values()].some((lane) => lane.more);
  }

  /** The path that these counts are exposed with; undefined for those that several share. */
  pathOf(counts: FileCounts): string | undefined {
    return this.#counts.pathOf(counts);
  }

  /** What can not be followed now, with what to do about it. */
  get problems(): InformerError[] {
    return [
      ...[...this.#hanging.values()].map(notAnswering),
      ...this.#finder.problems,
      ...this.#leftOut.problems,
      ...[...this.#lanes.values()].flatMap(({ follower }) => follower.problems),
    ];
  }

  restore(checkpoint: Checkpoint): void {
    for (const record of checkpoint.files) this.#strays.add(record);
    this.#counts.restore(
      checkpoint.paths,
      checkpoint.files.filter(({ finished }) => !finished).map(({ label }) => label),
    );
    const sameGlobs = checkpoint.globs.join('\n') === this.#options.scope.patterns.join('\n');
    this.#isRecalled = true;
    if (!sameGlobs) return;
    this.#skipExisting = false;
    this.#lookedAt = checkpoint.lookedAt;
  }

  /** Offsets and what belongs to them, for a checkpoint. */
  dump(): Pick<Checkpoint, 'globs' | 'lookedAt' | 'files' | 'paths'> {
    const followers = [...this.#lanes.values()].map(({ follower }) => follower);
    return {
      globs: this.#options.scope.patterns,
      lookedAt: this.#lookedAt,
      files: [...this.#strays.values(), ...followers.flatMap((follower) => follower.dump())],
      paths: this.#counts.dump(),
    };
  }

  samples(): Sample[] {
    const lags = new Map<string, number>();
    const files = [...this.#lanes.values()].flatMap(({ follower }) => [...follower.files]);
    for (const { label, lag } of files) lags.set(label, (lags.get(label) ?? 0) + lag);
    let ignored = 0;
    for (const { follower } of this.#lanes.values()) ignored += follower.ignored;
    const unreadable = this.problems.length - this.#hanging.size;
    return [
      ...this.#counts.samples(lags),
      own.files.sample(files.filter((file) => !file.retired).length),
      own.openFiles.sample(files.length),
      own.unreadableFiles.sample(unreadable),
      own.hangingFiles.sample(this.#hangingFiles),
      own.skippedFiles.sample(this.#leftOut.skipped + ignored),
    ];
  }

  /**
   * One turn of everything that answers: passes through the globs, looks and reads as far as it is time for them, or as `thorough`
   * demands. Gives the number of the pass through the globs that has begun last.
   */
  async turn(thorough: boolean): Promise<number> {
    const begun = this.#options.clock.now();
    const pass = await this.#finder.look(thorough);
    const isComplete = this.#isLookedThrough(FIRST_PASS);
    if (isComplete) this.#giveStraysAway();
    this.#isOpen ||= isComplete;
    const lanes = [...this.#lanes.values()];
    for (const lane of lanes) lane.begin(pass, isComplete);
    await settled(
      lanes.flatMap(({ turn }) => turn ?? []),
      PATIENCE_MS,
    );
    for (const lane of lanes) lane.throwFailure();
    this.#forgetUnused();
    this.#noteHanging();
    if (this.#hanging.size === 0 && this.isOpened(pass)) this.#lookedAt = begun;
    this.#leftOut.say();
    if (isComplete) this.#leftOut.sayNone(this.#isNothingFound(), this.#options.scope.patterns);
    return pass;
  }

  /** All files that were there when that pass began are followed, but for what hangs. */
  isOpened(pass: number): boolean {
    const lanes = [...this.#lanes.values()];
    return this.#isLookedThrough(pass) && lanes.every((lane) => lane.hanging || lane.follower.isReunited);
  }

  /** All that was in the files when that pass began has been read, but for what hangs. */
  isThrough(pass: number): boolean {
    if (!this.#finder.isThrough(pass)) return false;
    return [...this.#lanes.values()].every((lane) => lane.hanging || lane.isThrough(pass));
  }

  /** A path that was asked for more than that long ago, and not answered. */
  late(ms: number): string | undefined {
    for (const { mount } of this.#lanes.values()) {
      const activity = unanswered(mount.device, ms / 2);
      if (activity) return activity.path;
    }
    return [...this.#finder.late(ms / 2)][0]?.path;
  }

  /** Resolves when nothing changes a counter any more, but for what is not answered. */
  async rest(): Promise<void> {
    const turns = [...this.#lanes.values()].flatMap(({ answeredTurn }) => answeredTurn ?? []);
    await settled(turns, HANGING_MS);
  }

  /** Closes all files; those that hang as soon as they are answered. */
  async close(): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const lane of this.#lanes.values()) {
      const closed = lane.close();
      if (!lane.isLate) closing.push(closed);
    }
    await settled(closing, HANGING_MS);
  }

  #isLookedThrough(pass: number): boolean {
    const lanes = [...this.#lanes.values()];
    return this.#finder.isThrough(pass) && lanes.every((lane) => lane.hanging || lane.hasLooked(pass));
  }

  /** No path leads to these files, or to their devices, any more: whoever has the file system of their folders looks there for them. */
  #giveStraysAway(): void {
    const { resolver } = this.#finder;
    for (const record of this.#strays.values()) {
      const mount = resolver.mounted(deviceOf(record.id)) ?? resolver.at(record.path);
      const known = [...this.#lanes.values()].find((lane) => lane.mount.device === mount.device);
      (known ?? this.#lane(mount.dev, mount)).follower.restore(record);
      this.#strays.delete(record.id);
    }
  }

  #place(watched: Watched): void {
    const { mount } = watched;
    const lane = this.#laneOf.get(watched);
    if (mount === undefined) return;
    // Known from a look: parts of a file system can have numbers of their own.
    if (lane?.mount.device === mount.device) lane.add(watched);
    else this.#move(watched, mount.dev, mount);
  }

  #move(watched: Watched, dev: string, mount: Mount): void {
    this.#laneOf.get(watched)?.delete(watched);
    const lane = this.#lane(dev, mount);
    this.#laneOf.set(watched, lane);
    lane.add(watched);
  }

  /**
   * A path leads to another device than it did. If the old one is mounted no more, this may be the same file system
   * again: then the same file goes on where it was.
   */
  #moveAway(watched: Watched, from: string, to: string, mount: Mount): void {
    const lane = this.#lanes.get(from);
    const isGone = lane !== undefined && !this.#finder.resolver.isMounted(lane.mount);
    const surrendered = isGone ? lane.follower.surrender(watched.path) : undefined;
    if (surrendered) {
      this.#strays.add(surrendered.record);
      void surrendered.close().catch(() => undefined);
    }
    this.#move(watched, to, mount);
  }

  #remove(watched: Watched): void {
    this.#laneOf.get(watched)?.delete(watched);
    this.#laneOf.delete(watched);
    if (this.#leftOut.delete(watched)) this.#version++;
  }

  #lane(dev: string, mount: Mount): Lane {
    const known = this.#lanes.get(dev);
    if (known) return known;
    const { scope, splitter, ignoreOlderMs, clock, logger } = this.#options;
    const activity = new Activity();
    const follower = new Follower({
      dev,
      splitter,
      clock,
      logger,
      scope,
      ignoreOlderMs,
      counts: this.#counts,
      strays: this.#strays,
      activity,
      skipExisting: this.#skipExisting,
      openedAt: this.#openedAt,
      isOpening: !this.#isOpen,
      statsOf: async (at) => {
        const watched = this.#finder.watched.get(at);
        return watched && this.#laneOf.get(watched) === lane ? lane.statsOf(watched) : undefined;
      },
    });
    if (this.#isRecalled && !this.#isOpen) follower.recall(this.#lookedAt);
    for (const record of this.#strays.values()) {
      if (deviceOf(record.id) !== dev) continue;
      follower.restore(record);
      this.#strays.delete(record.id);
    }
    const lane = new Lane({
      dev,
      mount,
      activity,
      follower,
      clock,
      onMoved: (watched, to) => this.#moveAway(watched, dev, to, watched.mount ?? mount),
      onRelinked: (watched) => void this.#finder.place(watched),
      onOutside: (watched) => {
        this.#leftOut.note(watched);
        this.#version++;
      },
    });
    this.#lanes.set(dev, lane);
    return lane;
  }

  #forgetUnused(): void {
    let finished = 0;
    for (const { follower } of this.#lanes.values()) finished += follower.finished;
    if (finished === this.#finished) return;
    this.#finished = finished;
    const used = new Set(this.#finder.watched.keys());
    for (const { label, finished: isFinished } of this.#strays.values()) if (!isFinished) used.add(label);
    for (const { follower } of this.#lanes.values()) {
      for (const { label } of follower.files) used.add(label);
      for (const label of follower.missingLabels()) used.add(label);
    }
    this.#counts.retain(used);
  }

  #noteHanging(): void {
    const hanging = new Map<string, string>();
    for (const lane of this.#lanes.values()) {
      if (lane.hanging) hanging.set(lane.mount.device, lane.hanging.path);
    }
    for (const { device, path } of this.#finder.late(HANGING_MS)) if (device) hanging.set(device, path);
    let files = 0;
    for (const device of hanging.keys()) files += Math.max(1, this.#filesOn(device));
    if (files !== this.#hangingFiles || hanging.size !== this.#hanging.size) this.#version++;
    this.#hanging = hanging;
    this.#hangingFiles = files;
  }

  #filesOn(device: string): number {
    let files = 0;
    for (const { placing, mount } of this.#finder.watched.values()) {
      if ((placing ?? mount)?.device === device) files++;
    }
    return files;
  }

  #isNothingFound(): boolean {
    if (this.problems.length > 0) return false;
    for (const { id } of this.#finder.watched.values()) if (id !== '') return false;
    return true;
  }
}

function notAnswering(path: string): InformerError {
  return targetError(`${path}: its file system has not answered for more than ${HANGING_MS / 1000} s.`, {
    fix: 'Look at the mount and at the server behind it. Reading goes on where it was when it answers.',
  });
}
