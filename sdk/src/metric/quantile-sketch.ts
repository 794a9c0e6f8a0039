import { KeyIndex, withRoom } from './key-index.ts';
import { bucketIndex, bucketUpperBound } from './native-buckets.ts';

/** 64 buckets for each power of two: bounds that are `2^(1/64)`, or 1.1 %, apart. */
const FIRST_SCHEMA = 6;

/** About 16 powers of two, such as 1 ms to 65 s, with each bucket populated. One more just fits into 1024 places. */
const MAX_BUCKETS = 1023;

/**
 * A quantile sketch with a guaranteed relative error: DDSketch (C. Masson, J. E. Rim, H. K. Lee, "DDSketch: A Fast and
 * Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", PVLDB 12(12), 2019), on the exponential buckets of
 * native histograms, with the uniform collapse of UDDSketch (I. Epicoco et al., "UDDSketch: Accurate Tracking of
 * Quantiles in Data Streams", IEEE Access 8, 2020).
 *
 * A bucket holds the values in (γ^(i-1), γ^i] with γ = `2^(2^-schema)`, and 2γ^i/(γ+1) is at most the share
 * α = (γ-1)/(γ+1) away from each of them. With schema 6 that is 0.55 %. When more than 1023 buckets are populated,
 * each two are merged (γ becomes γ²), and α about doubles: 1.1 %, 2.2 %… That takes values over more than 16 powers of
 * two; what it costs is the same for each quantile, and an outlier costs nothing.
 *
 * A bucket knows its lowest and highest value, so that the quantiles of few values, and of values that are often the
 * same, are exact. Memory is at most 40 KB. What the alternatives lack: CKMS, client_golang's, can't be merged, so
 * that it inserts into each age bucket; t-digest has no worst-case bound of its error.
 */
export class QuantileSketch {
  #schema = FIRST_SCHEMA;
  #offset = offsetOf(FIRST_SCHEMA);
  #count = 0;
  /** By bucket, in the order of values: negative ones, 0, positive ones. */
  #index = new KeyIndex();
  #counts = new Float64Array(this.#index.keys.length);
  #lowest = new Float64Array(this.#index.keys.length);
  #highest = new Float64Array(this.#index.keys.length);

  get count(): number {
    return this.#count;
  }

  /** Takes a value that is not NaN; an infinity is one like others. */
  add(value: number): void {
    this.#put(this.#keyOf(value), 1, value, value);
  }

  /** Takes all that another sketch was given. */
  merge(other: QuantileSketch): void {
    while (this.#schema > other.#schema) this.#halve();
    const { size, keys } = other.#index;
    for (let at = 0; at < size; at++) {
      const lowest = other.#lowest[at] as number;
      // This resolution can be the coarser one, at once or on the way.
      const key = this.#schema === other.#schema ? (keys[at] as number) : this.#keyOf(lowest);
      this.#put(key, other.#counts[at] as number, lowest, other.#highest[at] as number);
    }
  }

  /**
   * The values at the given quantiles: of n values in ascending order the one at place ⌈quantile · n⌉, and the
   * first at 0. NaN for each when there is no value.
   *
   * @param quantiles from 0 to 1, ascending
   */
  values(quantiles: readonly number[]): number[] {
    if (this.#count === 0) return quantiles.map(() => Number.NaN);
    const keys = this.#index.sorted();
    let at = 0;
    let before = 0;
    let number = this.#index.numberOf(keys[0] as number);
    return quantiles.map((quantile) => {
      // The product is at most two roundings too large, and 7 % of 100 values is the 7th, not the 8th.
      const rank = Math.max(1, Math.ceil(quantile * this.#count * (1 - Number.EPSILON)));
      while (before + (this.#counts[number] as number) < rank) {
        before += this.#counts[number] as number;
        number = this.#index.numberOf(keys[++at] as number);
      }
      return this.#valueIn(number, keys[at] as number, rank - before);
    });
  }

  clear(): void {
    this.#schema = FIRST_SCHEMA;
    this.#offset = offsetOf(FIRST_SCHEMA);
    this.#count = 0;
    this.#index.clear();
  }

  /** The value at a place in a bucket, counted from 1. */
  #valueIn(number: number, key: number, place: number): number {
    const lowest = this.#lowest[number] as number;
    const highest = this.#highest[number] as number;
    if (place === 1 || lowest === highest) return lowest;
    if (place === this.#counts[number]) return highest;
    const index = Math.abs(key) + this.#offset;
    const [from, to] = [bucketUpperBound(index - 1, this.#schema), bucketUpperBound(index, this.#schema)];
    const middle = from * (2 / (1 + from / to));
    return Math.min(highest, Math.max(lowest, key < 0 ? -middle : middle));
  }

  /** Keys have the order of the values: -1 and 1 are the buckets of the smallest magnitudes. */
  #keyOf(value: number): number {
    if (value > 0) return bucketIndex(value, this.#schema) - this.#offset;
    return value < 0 ? this.#offset - bucketIndex(-value, this.#schema) : 0;
  }

  #put(key: number, count: number, lowest: number, highest: number): void {
    this.#count += count;
    const known = this.#index.size;
    const at = this.#index.numberOf(key);
    if (at < known) {
      this.#counts[at] = (this.#counts[at] as number) + count;
      if (lowest < (this.#lowest[at] as number)) this.#lowest[at] = lowest;
      if (highest > (this.#highest[at] as number)) this.#highest[at] = highest;
      return;
    }
    const room = this.#index.keys.length;
    this.#counts = withRoom(this.#counts, room);
    this.#lowest = withRoom(this.#lowest, room);
    this.#highest = withRoom(this.#highest, room);
    this.#counts[at] = count;
    this.#lowest[at] = lowest;
    this.#highest[at] = highest;
    if (this.#index.size > MAX_BUCKETS) this.#halve();
  }

  #halve(): void {
    const [index, counts, lowest, highest] = [this.#index, this.#counts, this.#lowest, this.#highest];
    this.#schema--;
    this.#offset = offsetOf(this.#schema);
    this.#count = 0;
    this.#index = new KeyIndex();
    const room = this.#index.keys.length;
    this.#counts = new Float64Array(room);
    this.#lowest = new Float64Array(room);
    this.#highest = new Float64Array(room);
    for (let at = 0; at < index.size; at++) {
      const low = lowest[at] as number;
      this.#put(this.#keyOf(low), counts[at] as number, low, highest[at] as number);
    }
  }
}

/** One less than the index of the bucket of the smallest number above zero. */
const offsetOf = (schema: number): number => bucketIndex(Number.MIN_VALUE, schema) - 1;
