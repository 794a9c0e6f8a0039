import type { ErrorInfo } from '../errors.ts';
import type { DropReason, Problem } from './guard.ts';

/** How many different problems of one gather are handed on. */
export const MAX_PROBLEMS = 20;

/** What one gather left out: counted, with the first of each kind in words. */
export class Problems {
  readonly counts: Partial<Record<DropReason, number>> = {};
  readonly #first = new Map<string, Problem>();

  /** A limit that was hit comes first: it names what the outcome is about. */
  get list(): Problem[] {
    const all = [...this.#first.values()];
    return [
      ...all.filter(({ reason }) => reason === 'limit'),
      ...all.filter(({ reason }) => reason !== 'limit'),
    ];
  }

  /** The error is made only if it is the first of its reason, code and metric. */
  add(reason: DropReason, metric: string, error: ErrorInfo | (() => ErrorInfo), count = 1): void {
    this.count(reason, count);
    if (this.#first.size >= MAX_PROBLEMS && reason !== 'limit') return;
    const isMade = typeof error === 'object';
    // There is one error in words for a metric's duplicates, say, so that others need not be put into words.
    const key = isMade ? `${reason} ${error.code} ${metric}` : `${reason} ${metric}`;
    if (!this.#first.has(key)) this.#first.set(key, { reason, error: isMade ? error : error() });
  }

  count(reason: DropReason, count = 1): void {
    this.counts[reason] = (this.counts[reason] ?? 0) + count;
  }

  /** Adds what another has. */
  addAll(other: Problems): void {
    for (const [reason, count] of Object.entries(other.counts)) this.count(reason as DropReason, count);
    for (const [key, problem] of other.#first) {
      const hasRoom = this.#first.size < MAX_PROBLEMS || problem.reason === 'limit';
      if (hasRoom && !this.#first.has(key)) this.#first.set(key, problem);
    }
  }
}
