import type { Logger } from '@dynamic-informer/sdk';
import { RateLimit } from '../rate-limit.ts';

/** Label `reason` of `informer_http_refused_total`. */
export const REFUSAL_REASONS = [
  'token',
  'basic',
  'network',
  'host',
  'origin',
  'rate',
  'certificate',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** A client that was quiet for so long is told of again. */
const QUIET_MS = 600_000;
const MAX_REMEMBERED = 1_024;
const LINES_A_SECOND = 1 / 6;
const LINES_AT_ONCE = 20;

/** Counts what is refused, and tells of it once for each client and reason while it lasts. */
export class Refusals {
  readonly #log: Logger;
  readonly #count: (reason: RefusalReason) => void;
  /** When each was refused last, longest ago first. */
  readonly #lastAt = new Map<string, number>();
  /** Many clients at one time do not fill the log either. */
  readonly #lines = new RateLimit(LINES_A_SECOND, LINES_AT_ONCE);
  #unsaid = 0;

  constructor(log: Logger, count: (reason: RefusalReason) => void) {
    this.#log = log;
    this.#count = count;
  }

  /** `detail` is for the operator, and holds nothing of the credentials. */
  note(reason: RefusalReason, client: string, detail: string): void {
    this.#count(reason);
    const key = `${reason} ${client}`;
    const now = performance.now();
    const lastAt = this.#lastAt.get(key);
    this.#lastAt.delete(key);
    this.#lastAt.set(key, now);
    const [longestAgo] = this.#lastAt.keys();
    if (this.#lastAt.size > MAX_REMEMBERED && longestAgo !== undefined) this.#lastAt.delete(longestAgo);
    if (lastAt !== undefined && now - lastAt < QUIET_MS) return;
    if (!this.#lines.take()) {
      this.#unsaid++;
      return;
    }
    const others = this.#unsaid;
    this.#unsaid = 0;
    this.#log.warn('request refused', {
      reason,
      client,
      detail,
      ...(others > 0 && { other_clients: others }),
    });
  }
}
