import { pluginError } from '../errors.ts';
import { goPow } from './go-math.ts';

/**
 * Upper bounds for a histogram: `count` of them, the first at `start`, each `width` above the one before it. They are
 * to the bit those of client_golang's `LinearBuckets`, where each bound is the sum of the one before it and the width.
 *
 * @throws a plugin error PLUGIN_BAD_BUCKETS that names the argument
 */
export function linearBuckets(start: number, width: number, count: number): number[] {
  const call = `linearBuckets(${start}, ${width}, ${count})`;
  checkCount(call, count);
  if (!(width > 0)) throw refuse(call, `The width is ${width}`, 'Give a width above 0.');
  const bounds: number[] = [];
  for (let bound = start; bounds.length < count; bound += width) bounds.push(bound);
  return ascending(call, bounds);
}

/**
 * Upper bounds for a histogram: `count` of them, the first at `start`, each `factor` times the one before it. They are
 * to the bit those of client_golang's `ExponentialBuckets`.
 *
 * @throws a plugin error PLUGIN_BAD_BUCKETS that names the argument
 */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  const call = `exponentialBuckets(${start}, ${factor}, ${count})`;
  checkCount(call, count);
  if (!(start > 0)) throw refuse(call, `The start is ${start}`, 'Give a start above 0.');
  if (!(factor > 1)) throw refuse(call, `The factor is ${factor}`, 'Give a factor above 1.');
  const bounds: number[] = [];
  for (let bound = start; bounds.length < count; bound *= factor) bounds.push(bound);
  return ascending(call, bounds);
}

/**
 * Upper bounds for a histogram: `count` of them from `min` to `max`, each the same factor above the one before it:
 * `min * (max / min)^(i / (count - 1))`. They are to the bit those of client_golang's `ExponentialBucketsRange`, whose
 * roundings they repeat: the last one can differ from `max` in its last digits.
 *
 * @throws a plugin error PLUGIN_BAD_BUCKETS that names the argument
 */
export function exponentialBucketsRange(min: number, max: number, count: number): number[] {
  const call = `exponentialBucketsRange(${min}, ${max}, ${count})`;
  checkCount(call, count);
  if (!(min >= SMALLEST)) throw refuse(call, `The minimum is ${min}`, `Give one from ${SMALLEST}.`);
  if (!(max > min)) throw refuse(call, `The maximum is ${max}`, 'Give one above the minimum.');
  if (!Number.isFinite(max / min))
    throw refuse(call, `The maximum is ${max}`, 'Give one closer to the minimum.');
  if (count === 1) return [min];
  const factor = goPow(max / min, 1 / (count - 1));
  return ascending(
    call,
    Array.from({ length: count }, (_, at) => min * goPow(factor, at)),
  );
}

/** The smallest number that has all its digits. */
const SMALLEST = 2 ** -1022;

/** More would be a mistake, and might not fit into memory. */
const MOST_BUCKETS = 10_000;

function checkCount(call: string, count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_BUCKETS) return;
  throw refuse(call, `The count is ${count}`, `Give a whole number from 1 to ${MOST_BUCKETS}.`);
}

function ascending(call: string, bounds: number[]): number[] {
  const wrong = bounds.findIndex(
    (bound, at) => !(Number.isFinite(bound) && (at === 0 || bound > (bounds[at - 1] as number))),
  );
  if (wrong < 0) return bounds;
  const fact = `Bound ${wrong + 1} is ${bounds[wrong]}${wrong === 0 ? '' : ` after ${bounds[wrong - 1]}`}`;
  throw refuse(call, fact, 'Choose arguments that give finite bounds, each above the one before it.');
}

const refuse = (call: string, fact: string, fix: string) =>
  pluginError(`${call}: ${fact}.`, { code: 'PLUGIN_BAD_BUCKETS', fix });
