import type { Clock, InformerError, Logger } from '@dynamic-informer/sdk';
import { type FileScope, type FoundFile, findPaths, lookAt } from './discover.ts';

const GLOB_EVERY_MS = 1000;
/** The globs take no more than this part of the time, unless a collect asks. */
const GLOB_SHARE = 0.05;

/** Keeps an eye on what the globs match, and says in the log what is left out. */
export class FileFinder {
  readonly scope: FileScope;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #paths: string[] = [];
  #globbedAt = Number.NEGATIVE_INFINITY;
  #globTook = 0;
  #globProblems: ReadonlyMap<string, InformerError> = new Map();
  #lookProblems: ReadonlyMap<string, InformerError> = new Map();
  #skippedNow: ReadonlyMap<string, string> = new Map();
  #skipped: ReadonlyMap<string, string> = new Map();
  #saidNone = false;
  #archives: readonly FoundFile[] = [];

  constructor(scope: FileScope, clock: Clock, logger: Logger) {
    this.scope = scope;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Everything that the globs matched when they were last looked at. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  /** The compressed files among them that can be unpacked. */
  get archives(): readonly FoundFile[] {
    return this.#archives;
  }

  /** Paths that can not be looked at. */
  get problems(): ReadonlyMap<string, InformerError> {
    return new Map([...this.#globProblems, ...this.#lookProblems]);
  }

  get skipped(): number {
    return this.#skipped.size;
  }

  /** Brings `paths` up to date; `thorough` does not put off the globs. */
  async glob(thorough: boolean): Promise<void> {
    const start = this.#clock.monotonic();
    const pause = Math.max(GLOB_EVERY_MS, this.#globTook / GLOB_SHARE);
    if (!thorough && start - this.#globbedAt < pause) return;
    const { paths, problems } = await findPaths(this.scope);
    this.#paths = paths;
    this.#globProblems = problems;
    this.#globbedAt = this.#clock.monotonic();
    this.#globTook = this.#globbedAt - start;
  }

  /** The regular files among `paths`, as they look now */
  async look(): Promise<readonly FoundFile[]> {
    const { files, archives, problems, skipped } = await lookAt(this.#paths);
    this.#archives = archives;
    this.#lookProblems = problems;
    this.#sayNone(files.length + this.problems.size === 0);
    this.#skippedNow = skipped;
    return files;
  }

  /** Says what is not followed of what was looked at, and counts it. */
  leaveOut(others: Iterable<readonly [path: string, reason: string]>): void {
    this.#saySkipped(new Map([...this.#skippedNow, ...others].sort()));
  }

  #sayNone(none: boolean): void {
    if (none && !this.#saidNone) {
      const globs = this.scope.patterns.join(', ');
      this.#logger.info(`No file matches ${globs}. Files are followed as soon as they appear.`);
    }
    this.#saidNone = none;
  }

  #saySkipped(skipped: ReadonlyMap<string, string>): void {
    for (const [file, reason] of skipped) {
      if (this.#skipped.has(file)) continue;
      this.#logger.warn(
        `${file}: ${reason}, and is not followed. Exclude it, or name the files that are meant.`,
      );
    }
    this.#skipped = skipped;
  }
}
