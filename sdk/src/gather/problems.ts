import type { ErrorInfo } from '../errors.ts';
import type { DropReason, Problem } from './guard.ts';

/** How many different problems of one gather are handed on. */
const MAX_PROBLEMS = 20;

/** What one gather left out: counted, with the first of each kind in words. */
export class Problems {
  readonly counts: Partial<Record<DropReason, number>> = {};
  readonly #first = new Map<string, Problem>();

  get list(): Problem[] {
    return [...this.#first.values()];
  }

  add(reason: DropReason, metric: string, error: ErrorInfo, count = 1): void {
    this.count(reason, count);
    const key = `${reason} ${error.code} ${metric}`;
    if (this.#first.size < MAX_PROBLEMS && !this.#first.has(key)) this.#first.set(key, { reason, error });
  }

  count(reason: DropReason, count = 1): void {
    this.counts[reason] = (this.counts[reason] ?? 0) + count;
  }
}
