const FIRST_MS = 1_000;
const QUARANTINE_MS = 60_000;
const LONGEST_MS = 60 * 60_000;
/** How many hosts a resource may bring down before it is quarantined. */
const TOLERATED = 2;
/** Who has done no harm for this long begins anew. */
const FORGIVEN_MS = 10 * 60_000;

/** What follows when a resource has brought its host down. */
export interface Sentence {
  /** How often it has done so. */
  readonly strikes: number;
  readonly waitMs: number;
  readonly quarantined: boolean;
}

/**
 * Counts how often a resource brings its host down. The first times it is tried again after 1 and 2 s; then
 * it is quarantined for a minute, and each further time twice as long, up to an hour.
 */
export class Strikes {
  #count = 0;
  /** When it was to be tried again, in milliseconds. */
  #backAt = Number.NEGATIVE_INFINITY;

  /** Once more, at `now` in milliseconds of a clock that never goes back. */
  add(now: number): Sentence {
    if (now - this.#backAt > FORGIVEN_MS) this.#count = 0;
    const strikes = ++this.#count;
    const quarantined = strikes > TOLERATED;
    const waitMs = quarantined
      ? Math.min(LONGEST_MS, QUARANTINE_MS * 2 ** (strikes - TOLERATED - 1))
      : FIRST_MS * 2 ** (strikes - 1);
    this.#backAt = now + waitMs;
    return { strikes, waitMs, quarantined };
  }

  clear(): void {
    this.#count = 0;
  }
}
