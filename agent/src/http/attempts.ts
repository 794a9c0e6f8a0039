/** So many wrong credentials at once, and one more every so often. */
const BURST = 10;
const REFILL_MS = 6_000;
/** Of as many clients failures are remembered; beyond that, who failed longest ago is forgotten. */
const MAX_CLIENTS = 4_096;

interface Bucket {
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
    const bucket = this.#clients.get(client) ?? { left: BURST, at: now };
    bucket.left = Math.min(BURST, bucket.left + (now - bucket.at) / REFILL_MS);
    bucket.at = now;
    if (bucket.left < 1) return Math.ceil(((1 - bucket.left) * REFILL_MS) / 1000);
    bucket.left--;
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
    bucket.left++;
    if (bucket.left >= BURST) this.#clients.delete(client);
  }
}
