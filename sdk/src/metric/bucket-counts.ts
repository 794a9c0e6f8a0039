import { KeyIndex, withRoom } from './key-index.ts';
import { encodeBuckets, halvedIndex } from './native-buckets.ts';
import { forEachBucket, type NativeBuckets } from './native-value.ts';

/** The populated buckets of one sign of a native histogram: how many observations each index has. */
export class BucketCounts {
  #index = new KeyIndex();
  #counts = new Float64Array(this.#index.keys.length);

  /** How many buckets are populated. */
  get size(): number {
    return this.#index.size;
  }

  add(index: number, count: number): void {
    const known = this.#index.size;
    const at = this.#index.numberOf(index);
    if (at < known) {
      this.#counts[at] = (this.#counts[at] as number) + count;
      return;
    }
    this.#counts = withRoom(this.#counts, this.#index.keys.length);
    this.#counts[at] = count;
  }

  /** The smallest index, that of the bucket closest to zero; infinity when there is no bucket. */
  smallest(): number {
    return this.#index.keys.subarray(0, this.size).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  }

  /** Takes a bucket out, and gives how many observations it had. */
  remove(index: number): number {
    let removed = 0;
    this.#rebuild((other, count) => {
      if (other === index) removed = count;
      else this.add(other, count);
    });
    return removed;
  }

  /** Merges the buckets into those of the schema below, which are twice as wide. */
  halve(): void {
    this.#rebuild((index, count) => this.add(halvedIndex(index), count));
  }

  clear(): void {
    this.#index = new KeyIndex();
    this.#counts = new Float64Array(this.#index.keys.length);
  }

  read(): NativeBuckets {
    return encodeBuckets(
      this.#index.sorted(),
      (index) => this.#counts[this.#index.numberOf(index)] as number,
    );
  }

  load(buckets: NativeBuckets): void {
    this.clear();
    forEachBucket(buckets, (index, count) => {
      if (count > 0) this.add(index, count);
    });
  }

  #rebuild(visit: (index: number, count: number) => void): void {
    const { keys, size } = this.#index;
    const counts = this.#counts;
    this.clear();
    for (let at = 0; at < size; at++) visit(keys[at] as number, counts[at] as number);
  }
}
