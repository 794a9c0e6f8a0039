/** What a resource may expose. Both are about lines: a histogram has one for each of its buckets, and two. */
export interface Limits {
  readonly maxSeries?: number | undefined;
  /** Bytes of all its lines in the text format, without headers, with room for the longest value in each. */
  readonly maxBytes?: number | undefined;
}

/** Which of the limits leaves no room. */
export type Limit = 'series' | 'bytes';

/** So that one metric that explodes in its first collect leaves others a place. */
const KEPT_FACTOR = 4;
/** Relabel rules may drop most of what is kept. */
const RELABELLED_SERIES = 100_000;
const RELABELLED_FACTOR = 10;

/**
 * How much of samples is remembered from one collect to the next: of one metric as much as may be exposed, of
 * all together a few times that.
 */
export function limitsOfKept(limits: Limits, isRelabelled: boolean): { metric: Limits; all: Limits } {
  if (!isRelabelled) return { metric: limits, all: times(KEPT_FACTOR, limits) };
  const { maxSeries, maxBytes } = times(RELABELLED_FACTOR, limits);
  const all = {
    maxSeries: maxSeries === undefined ? undefined : Math.max(RELABELLED_SERIES, maxSeries),
    maxBytes,
  };
  return { metric: all, all };
}

const times = (factor: number, { maxSeries, maxBytes }: Limits): Limits => ({
  maxSeries: maxSeries === undefined ? undefined : factor * maxSeries,
  maxBytes: maxBytes === undefined ? undefined : factor * maxBytes,
});

/**
 * How many series one instrument keeps: more than are exposed, so that those have counted all the while that
 * find room later, but not all that a label without bounds can bring in weeks.
 */
export const maxKeptSeries = ({ maxSeries = Number.POSITIVE_INFINITY }: Limits): number =>
  Math.max(RELABELLED_SERIES, RELABELLED_FACTOR * maxSeries);

/** How many samples of one collect are looked at, which may come from a generator without end. */
export const maxSamples = ({ maxSeries = Number.POSITIVE_INFINITY }: Limits): number =>
  Math.max(1_000_000, 100 * maxSeries);

/** What is left of limits. It can be less than nothing: what is there already is counted whether it fits or not. */
export class Room {
  readonly #maxSeries: number;
  readonly #maxBytes: number;
  #lines = 0;
  #bytes = 0;

  constructor({ maxSeries = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY }: Limits) {
    this.#maxSeries = maxSeries;
    this.#maxBytes = maxBytes;
  }

  /** Which limit does not let in what has so many lines and bytes. */
  refuses(lines: number, bytes: number): Limit | undefined {
    if (this.#lines + lines > this.#maxSeries) return 'series';
    return this.#bytes + bytes > this.#maxBytes ? 'bytes' : undefined;
  }

  /** Takes what fits, or says which limit it does not fit. */
  take(lines: number, bytes: number): Limit | undefined {
    const limit = this.refuses(lines, bytes);
    if (limit === undefined) this.occupy(lines, bytes);
    return limit;
  }

  /** Counts what is there. */
  occupy(lines: number, bytes: number): void {
    this.#lines += lines;
    this.#bytes += bytes;
  }

  release(lines: number, bytes: number): void {
    this.#lines -= lines;
    this.#bytes -= bytes;
  }

  get isOver(): boolean {
    return this.#lines > this.#maxSeries || this.#bytes > this.#maxBytes;
  }
}
