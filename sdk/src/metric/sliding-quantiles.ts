import { pluginError } from '../errors.ts';
import { QuantileSketch } from './quantile-sketch.ts';

/** Which quantiles, and over which time. */
export interface SlidingQuantilesOptions {
  /** From 0 to 1; read back in ascending order. */
  readonly quantiles: readonly number[];
  /** No observation older than this has a say. */
  readonly maxAgeSeconds: number;
  /** In how many steps old observations leave. With 1 it is still two, so that they never all leave at once. */
  readonly ageBuckets: number;
}

/** Each quantile with its value. */
export type QuantileValues = readonly (readonly [quantile: number, value: number])[];

/** Where a read puts age buckets together; to make a new sketch each time would be most of its work. */
const MERGED = new QuantileSketch();

/**
 * The quantiles of the observations of the last `maxAgeSeconds`, for a summary.
 *
 * Time is cut into age buckets of `maxAgeSeconds / ageBuckets`, each with a sketch of its own, and a quantile is that
 * of the current bucket and of the `ageBuckets - 1` before it together. So everything counts that was observed within
 * `maxAgeSeconds` less one age bucket, and nothing that is older than `maxAgeSeconds`.
 *
 * A quantile of n observations is the one at place ⌈quantile · n⌉ in ascending order, exact or at most 0.55 % of itself
 * off, as {@link QuantileSketch} says; it is NaN when there is none. To observe costs the same whatever is kept;
 * buckets are left behind when somebody observes or reads, and an idle window frees its memory when it is next read.
 */
export class SlidingQuantiles {
  readonly #quantiles: readonly number[];
  readonly #now: () => number;
  /** Milliseconds that an age bucket lasts. */
  readonly #duration: number;
  /** A ring; an age bucket without observations may have no sketch yet. */
  readonly #ring: (QuantileSketch | undefined)[];
  #current = 0;
  #begin: number;
  #end: number;
  /** What was read, until something changes. */
  #values: QuantileValues | undefined;

  /**
   * @param now milliseconds
   * @throws a plugin error PLUGIN_BAD_DESCRIPTOR if an option is out of range
   */
  constructor({ quantiles, maxAgeSeconds, ageBuckets }: SlidingQuantilesOptions, now: () => number) {
    for (const quantile of quantiles) {
      if (!(quantile >= 0 && quantile <= 1))
        throw refuse(`quantile ${quantile}`, 'Give a number from 0 to 1');
    }
    if (!(maxAgeSeconds > 0 && Number.isFinite(maxAgeSeconds))) {
      throw refuse(`maxAgeSeconds ${maxAgeSeconds}`, 'Give a finite number above 0');
    }
    if (!(Number.isInteger(ageBuckets) && ageBuckets >= 1 && ageBuckets <= MAX_AGE_BUCKETS)) {
      throw refuse(`ageBuckets ${ageBuckets}`, `Give a whole number from 1 to ${MAX_AGE_BUCKETS}`);
    }
    this.#quantiles = quantiles.toSorted((a, b) => a - b);
    this.#now = now;
    this.#ring = Array.from({ length: Math.max(2, ageBuckets) });
    this.#duration = (maxAgeSeconds * 1000) / this.#ring.length;
    this.#begin = now();
    this.#end = this.#begin + this.#duration;
  }

  /** Takes a value. NaN has no place among the others: it is left out. */
  observe(value: number): void {
    if (Number.isNaN(value)) return;
    this.#rotate();
    let sketch = this.#ring[this.#current];
    if (sketch === undefined) {
      sketch = new QuantileSketch();
      this.#ring[this.#current] = sketch;
    }
    sketch.add(value);
    this.#values = undefined;
  }

  /** Each quantile, ascending, with its value. */
  read(): QuantileValues {
    this.#rotate();
    if (this.#values === undefined) {
      const values = this.#window().values(this.#quantiles);
      this.#values = this.#quantiles.map((quantile, at) => [quantile, values[at] as number] as const);
    }
    return this.#values;
  }

  /** Forgets every observation. */
  reset(): void {
    this.#values = undefined;
    this.#ring.fill(undefined);
  }

  /** One sketch of all age buckets, until the next read of any window. */
  #window(): QuantileSketch {
    const filled = this.#ring.filter(
      (sketch) => sketch !== undefined && sketch.count > 0,
    ) as QuantileSketch[];
    const [first] = filled;
    if (first !== undefined && filled.length === 1) return first;
    MERGED.clear();
    for (const sketch of filled) MERGED.merge(sketch);
    return MERGED;
  }

  #rotate(): void {
    const now = this.#now();
    if (now >= this.#begin && now < this.#end) return;
    // A clock that was set back says nothing about ages: the current age bucket moves back with it.
    const passed = Math.floor((now - this.#begin) / this.#duration);
    if (passed >= this.#ring.length) this.reset();
    else for (let step = 0; step < passed; step++) this.#next();
    this.#begin += passed * this.#duration;
    this.#end = this.#begin + this.#duration;
  }

  #next(): void {
    this.#current = (this.#current + 1) % this.#ring.length;
    this.#ring[this.#current]?.clear();
    this.#values = undefined;
  }
}

const MAX_AGE_BUCKETS = 1000;

const refuse = (fact: string, fix: string) =>
  pluginError(`A summary has the ${fact}.`, { code: 'PLUGIN_BAD_DESCRIPTOR', fix: `${fix}.` });
