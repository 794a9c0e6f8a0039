/** So many wrong credentials at once, and one more every so often. */
const BURST = 10;
const EVERY_MS = 6_000;
const FULL_MS = BURST * EVERY_MS;
/** Of as many clients failures are remembered; beyond that, who failed longest ago is forgotten. */
const MAX_CLIENTS = 4_096;

interface Bucket {
  /** In the milliseconds that it takes to fill up by as much. */
  left: number;
  at: number;
}

/** How often a client may still try credentials that have not been right yet. */
export class Attempts {
  /** Clients with failures, who tried longest ago first. */
  readonly #clients = new Map<string, Bucket>();
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Takes an attempt before its outcome is known. @returns the seconds to wait if there is none left */
  take(client: string): number | undefined {
    const now = this.#now();
    const bucket = this.#clients.get(client) ?? { left: FULL_MS, at: now };
    bucket.left = Math.min(FULL_MS, bucket.left + now - bucket.at);
    bucket.at = now;
    if (bucket.left < EVERY_MS) return Math.ceil((EVERY_MS - bucket.left) / 1000);
    bucket.left -= EVERY_MS;
    this.#clients.delete(client);
    this.#clients.set(client, bucket);
    const [longestAgo] = this.#clients.keys();
    if (this.#clients.size > MAX_CLIENTS && longestAgo !== undefined) this.#clients.delete(longestAgo);
    return undefined;
  }

  /** The credentials were right: the attempt does not count. */
  giveBack(client: string): void {
    const bucket = this.#clients.get(client);
    if (!bucket) return;
    bucket.left += EVERY_MS;
    if (bucket.left >= FULL_MS) this.#clients.delete(client);
  }
}
