import { pluginError } from '../errors.ts';
import { BucketCounts } from './bucket-counts.ts';
import { bucketIndex, bucketUpperBound, schemaOf } from './native-buckets.ts';
import { MIN_SCHEMA, type NativeOptions, type NativeValue, validateNative } from './native-value.ts';

export const DEFAULT_ZERO_THRESHOLD = 2 ** -128;

/**
 * A native (sparse, exponential) histogram, as Prometheus' client_golang has them (`prometheus/histogram.go`):
 * the same buckets, the same limit of how many there are, the same resets.
 *
 * When more than `maxBuckets` buckets are populated, the first of these that helps is done:
 * 1. if it is at least `minResetSeconds` old, the histogram begins anew, with the latest observation;
 * 2. the zero bucket is widened over the bucket closest to zero, up to `maxZeroThreshold`;
 * 3. all buckets become twice as wide (schema - 1), down to schema -4, below which there is no limit.
 *
 * After 2 or 3 the histogram begins anew, in its first resolution, when it is `minResetSeconds` old.
 */
export class NativeHistogram {
  readonly #now: () => number;
  readonly #options: Required<NativeOptions>;
  readonly #firstSchema: number;
  readonly #positive = new BucketCounts();
  readonly #negative = new BucketCounts();
  #schema: number;
  #zeroThreshold: number;
  #zeroCount = 0;
  #count = 0;
  #sum = 0;
  #created: number;
  /** When it begins anew because it has lost resolution. */
  #resetAt = Number.POSITIVE_INFINITY;

  /**
   * @param now milliseconds since the epoch
   * @throws a plugin error PLUGIN_BAD_BUCKETS if an option is out of range
   */
  constructor(options: NativeOptions, now: () => number) {
    this.#options = checkedOptions(options);
    this.#now = now;
    this.#firstSchema = schemaOf(options.factor);
    this.#schema = this.#firstSchema;
    this.#zeroThreshold = this.#options.zeroThreshold;
    this.#created = now();
  }

  /**
   * Since when it counts, in milliseconds since the epoch. Only `observe`, `read`, `reset` and `load` change
   * it, so that who counts something beside it, such as classic buckets, sees by it that they begin anew too:
   * after an `observe` that changed it, with that observation alone.
   */
  get created(): number {
    return this.#created;
  }

  observe(value: number): void {
    if (this.#resetAt !== Number.POSITIVE_INFINITY) this.#resetIfDue();
    this.#count++;
    this.#sum += value;
    if (value > this.#zeroThreshold) this.#positive.add(bucketIndex(value, this.#schema), 1);
    else if (value < -this.#zeroThreshold) this.#negative.add(bucketIndex(-value, this.#schema), 1);
    else if (Number.isNaN(value)) return;
    else this.#zeroCount++;
    const { maxBuckets } = this.#options;
    if (maxBuckets !== 0 && this.#positive.size + this.#negative.size > maxBuckets) this.#limit(value);
  }

  read(): NativeValue {
    this.#resetIfDue();
    const positive = this.#positive.read();
    const negative = this.#negative.read();
    // Without a span, a zero threshold and observations, a scraper would take it for a classic histogram.
    const unmarked = this.#zeroThreshold === 0 && this.#zeroCount === 0;
    const empty = positive.spans.length === 0 && negative.spans.length === 0;
    return {
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount,
      count: this.#count,
      sum: this.#sum,
      positive: unmarked && empty ? { spans: [{ offset: 0, length: 0 }], deltas: [] } : positive,
      negative,
    };
  }

  /** Begins anew. */
  reset(): void {
    this.#resetTo(this.#now());
  }

  /** Whether `load` takes this state. Any value may be given. */
  fits(value: NativeValue): boolean {
    return validateNative(value) === undefined && this.#misfit(value) === undefined;
  }

  /**
   * Goes on from a state that `read` gave, of this histogram or of one before it with the same options.
   *
   * @param created since when that state counts; without it, `created` stays as it is
   * @throws a plugin error PLUGIN_BAD_HISTOGRAM if these options can't lead to that state; nothing has changed then
   */
  load(value: NativeValue, created = this.#created): void {
    const wrong = validateNative(value) ?? this.#misfit(value);
    if (wrong !== undefined) {
      throw pluginError(wrong, {
        code: 'PLUGIN_BAD_HISTOGRAM',
        fix: 'Begin without the state, or keep the options that it was made with.',
      });
    }
    this.#resetTo(created);
    this.#schema = value.schema;
    this.#zeroThreshold = value.zeroThreshold;
    this.#zeroCount = value.zeroCount;
    this.#count = value.count;
    this.#sum = value.sum;
    this.#positive.load(value.positive);
    this.#negative.load(value.negative);
    const coarser = value.schema < this.#firstSchema || value.zeroThreshold > this.#options.zeroThreshold;
    if (coarser) this.#scheduleReset();
  }

  #misfit({ schema, zeroThreshold }: NativeValue): string | undefined {
    const { maxBuckets, maxZeroThreshold, zeroThreshold: first } = this.#options;
    const lowest = maxBuckets === 0 ? this.#firstSchema : MIN_SCHEMA;
    if (schema < lowest || schema > this.#firstSchema) {
      return `The state has the schema ${schema}, and the histogram can have ${range(lowest, this.#firstSchema)}.`;
    }
    const widest = maxBuckets === 0 ? first : Math.max(first, maxZeroThreshold);
    if (zeroThreshold < first || zeroThreshold > widest) {
      return `The state has the zero threshold ${zeroThreshold}, and the histogram can have ${range(first, widest)}.`;
    }
    return undefined;
  }

  #limit(value: number): void {
    const { minResetSeconds } = this.#options;
    const now = this.#now();
    if (minResetSeconds > 0 && now - this.#created >= minResetSeconds * 1000) {
      this.#resetTo(now);
      this.observe(value);
      return;
    }
    this.#scheduleReset();
    if (!this.#widenZeroBucket()) this.#halveResolution();
  }

  /** Merges the one or two buckets closest to zero into the zero bucket, and says whether it could. */
  #widenZeroBucket(): boolean {
    const index = Math.min(this.#positive.smallest(), this.#negative.smallest());
    const threshold = bucketUpperBound(index, this.#schema);
    if (threshold > this.#options.maxZeroThreshold) return false;
    this.#zeroThreshold = threshold;
    this.#zeroCount += this.#positive.remove(index) + this.#negative.remove(index);
    return true;
  }

  #halveResolution(): void {
    if (this.#schema === MIN_SCHEMA) return;
    this.#schema--;
    this.#positive.halve();
    this.#negative.halve();
  }

  #scheduleReset(): void {
    const { minResetSeconds } = this.#options;
    if (minResetSeconds > 0) this.#resetAt = this.#created + minResetSeconds * 1000;
  }

  /** It counts since the moment when the reset was due: none of what came later is lost to it. */
  #resetIfDue(): void {
    if (this.#resetAt !== Number.POSITIVE_INFINITY && this.#now() >= this.#resetAt)
      this.#resetTo(this.#resetAt);
  }

  #resetTo(created: number): void {
    this.#positive.clear();
    this.#negative.clear();
    this.#schema = this.#firstSchema;
    this.#zeroThreshold = this.#options.zeroThreshold;
    this.#zeroCount = 0;
    this.#count = 0;
    this.#sum = 0;
    this.#created = created;
    this.#resetAt = Number.POSITIVE_INFINITY;
  }
}

const range = (from: number, to: number): string => (from === to ? `only ${from}` : `${from} to ${to}`);

function checkedOptions(options: NativeOptions): Required<NativeOptions> {
  const {
    factor,
    zeroThreshold = DEFAULT_ZERO_THRESHOLD,
    maxBuckets = 0,
    minResetSeconds = 0,
    maxZeroThreshold = 0,
  } = options;
  const refuse = (option: string, given: unknown, fix: string) =>
    pluginError(`The native histogram's ${option} is ${String(given)}.`, { code: 'PLUGIN_BAD_BUCKETS', fix });
  // Written so that NaN and what is no number fail too.
  const isThreshold = (given: number) => given >= 0 && given < Number.MAX_VALUE;
  if (!(factor > 1 && Number.isFinite(factor)))
    throw refuse('factor', factor, 'Give a finite number above 1.');
  if (!isThreshold(zeroThreshold)) throw refuse('zeroThreshold', zeroThreshold, FINITE);
  if (!(Number.isSafeInteger(maxBuckets) && maxBuckets >= 0)) {
    throw refuse('maxBuckets', maxBuckets, 'Give a whole number, 0 for no limit.');
  }
  if (!isThreshold(minResetSeconds)) throw refuse('minResetSeconds', minResetSeconds, FINITE);
  if (!isThreshold(maxZeroThreshold)) throw refuse('maxZeroThreshold', maxZeroThreshold, FINITE);
  return { factor, zeroThreshold, maxBuckets, minResetSeconds, maxZeroThreshold };
}

const FINITE = 'Give a finite number, not below 0.';
