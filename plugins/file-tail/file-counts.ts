import type { Sample } from '@dynamic-informer/sdk';
import * as own from './metrics.ts';

/** What happened to the files of one path, the rotated ones too; counted up in place. */
export interface FileCounts {
  lines: number;
  bytes: number;
  rotations: number;
  truncations: number;
  suspectedLost: number;
  oversized: number;
  undecodable: number;
  unmatched: number;
}

/** The `path` of what was counted beyond the limit; no path of a file is called so, as those are absolute. */
const OTHER = 'other';

export const noCounts = (): FileCounts => ({
  lines: 0,
  bytes: 0,
  rotations: 0,
  truncations: 0,
  suspectedLost: 0,
  oversized: 0,
  undecodable: 0,
  unmatched: 0,
});

/**
 * The counts of every path that is followed. Only so many paths have series of their own; the others share one, and stay
 * there even when room becomes free, so that neither goes backwards.
 */
export class PathCounts {
  readonly #limit: number;
  readonly #onLimit: () => void;
  readonly #own = new Map<string, FileCounts>();
  readonly #others = new Set<string>();
  #other: FileCounts | undefined;

  constructor(limit: number, onLimit: () => void) {
    this.#limit = limit;
    this.#onLimit = onLimit;
  }

  has(path: string): boolean {
    return this.#own.has(path) || this.#others.has(path);
  }

  /** What to count up for a path. */
  of(path: string): FileCounts {
    const counts = this.#own.get(path);
    if (counts !== undefined) return counts;
    if (this.#others.has(path) || this.#own.size >= this.#limit) {
      this.#others.add(path);
      return this.#shared();
    }
    const fresh = noCounts();
    this.#own.set(path, fresh);
    return fresh;
  }

  /** The path whose counts these are; undefined for those that several share. */
  pathOf(counts: FileCounts): string | undefined {
    for (const [path, known] of this.#own) if (known === counts) return path;
    return undefined;
  }

  /** Takes over what `dump` gave, and the paths that were followed then. */
  restore(saved: readonly (readonly [path: string, counts: FileCounts])[], paths: Iterable<string>): void {
    for (const [path, counts] of saved) {
      if (path !== OTHER && this.#own.size < this.#limit) this.#own.set(path, { ...counts });
      else add(this.#shared(), counts);
    }
    if (this.#other === undefined) return;
    for (const path of paths) if (!this.#own.has(path)) this.#others.add(path);
  }

  dump(): [path: string, counts: FileCounts][] {
    return this.#other ? [...this.#own, [OTHER, this.#other]] : [...this.#own];
  }

  /** Forgets all paths but these. What was counted for one of the others stays in their sum. */
  retain(used: ReadonlySet<string>): void {
    for (const path of this.#own.keys()) if (!used.has(path)) this.#own.delete(path);
    for (const path of this.#others) if (!used.has(path)) this.#others.delete(path);
  }

  /** All series, and of each path that has files how many bytes they are behind. */
  *samples(lags: ReadonlyMap<string, number>): Iterable<Sample> {
    for (const [path, counts] of this.dump()) yield* countSamples(path, counts);
    let otherLag: number | undefined;
    for (const [path, lag] of lags) {
      if (this.#own.has(path)) yield own.lagBytes.sample(lag, { path });
      else otherLag = (otherLag ?? 0) + lag;
    }
    if (otherLag !== undefined) yield own.lagBytes.sample(otherLag, { path: OTHER });
  }

  #shared(): FileCounts {
    if (this.#other === undefined) {
      this.#other = noCounts();
      this.#onLimit();
    }
    return this.#other;
  }
}

function add(sum: FileCounts, counts: FileCounts): void {
  for (const key of Object.keys(sum) as (keyof FileCounts)[]) sum[key] += counts[key];
}

function* countSamples(path: string, counts: FileCounts): Iterable<Sample> {
  const labels = { path };
  yield own.linesTotal.sample(counts.lines, labels);
  yield own.bytesTotal.sample(counts.bytes, labels);
  yield own.rotationsTotal.sample(counts.rotations, labels);
  yield own.truncationsTotal.sample(counts.truncations, labels);
  yield own.suspectedLostTotal.sample(counts.suspectedLost, labels);
  yield own.oversizedLinesTotal.sample(counts.oversized, labels);
  yield own.decodingErrorsTotal.sample(counts.undecodable, labels);
  yield own.unmatchedLinesTotal.sample(counts.unmatched, labels);
}
