import type { InformerError, Logger } from '@dynamic-informer/sdk';
import type { Watched } from './watched.ts';

/** Paths that the globs match and that are not followed, or not now; each is said once. */
export class LeftOut {
  readonly #logger: Logger;
  readonly #paths = new Set<Watched>();
  #unsaid: Watched[] = [];
  #saidNone = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Takes note of what is said of a path now. */
  note(watched: Watched): void {
    const { skipped, problem } = watched;
    if (skipped === undefined && problem === undefined) this.#paths.delete(watched);
    else this.#paths.add(watched);
    if (skipped !== undefined && problem === undefined) this.#unsaid.push(watched);
  }

  /** True if there was something to forget. */
  delete(watched: Watched): boolean {
    return this.#paths.delete(watched);
  }

  get problems(): InformerError[] {
    return [...this.#paths].flatMap(({ problem }) => problem ?? []);
  }

  get skipped(): number {
    return [...this.#paths].filter(({ skipped }) => skipped !== undefined).length;
  }

  say(): void {
    for (const { path, skipped } of this.#unsaid.sort((one, other) => (one.path < other.path ? -1 : 1))) {
      if (skipped === undefined) continue;
      this.#logger.warn(
        `${path}: ${skipped}, and is not followed. Exclude it, or name the files that are meant.`,
      );
    }
    this.#unsaid = [];
  }

  /** Says that nothing matches, when it begins to be so. */
  sayNone(none: boolean, patterns: readonly string[]): void {
    if (none && !this.#saidNone) {
      this.#logger.info(`No file matches ${patterns.join(', ')}. Files are followed as soon as they appear.`);
    }
    this.#saidNone = none;
  }
}
