import { misuse } from './misuse.ts';

const refuse = (message: string, fix: string): Error =>
  misuse(Error, message, { code: 'PLUGIN_BAD_BUCKETS', fix });

/**
 * `count` upper bounds for a histogram, the first at `start` and each `width` above the one before.
 * @throws an error if `count` is no whole number above 0
 */
export function linearBuckets(start: number, width: number, count: number): number[] {
  checkCount(count, 'Linear');
  return Array.from({ length: count }, (_, index) => start + index * width);
}

/**
 * `count` upper bounds for a histogram, the first at `start` and each `factor` times the one before.
 * @throws an error if `start` is not above 0, `count` is no whole number above 0, or `factor` is not above 1
 */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  if (start <= 0) {
    throw refuse(`Exponential buckets needs a positive start, not ${start}.`, 'Start above zero.');
  }
  checkCount(count, 'Exponential');
  if (factor <= 1) {
    const fix = 'Give the ratio of one bound to the one before: 2, say.';
    throw refuse(`Exponential buckets needs a factor greater than 1, not ${factor}.`, fix);
  }
  const buckets: number[] = [];
  for (let bound = start; buckets.length < count; bound *= factor) buckets.push(bound);
  return buckets;
}

function checkCount(count: number, kind: string): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw refuse(`${kind} buckets needs a positive count, not ${count}.`, 'Ask for one or more.');
}
