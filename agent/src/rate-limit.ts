/** So much a second, and so much more at once after a quiet time. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  /** `now` gives milliseconds; where plugins run, one that they can't replace. */
  constructor(perSecond: number, burst: number, now = () => performance.now()) {
    this.#now = now;
    this.#at = now();
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
  }

  /** Takes it, if that much is there. */
  take(amount = 1): boolean {
    this.#refill();
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  /** Takes it in any case. @returns the milliseconds until what was taken beyond the limit is there */
  spend(amount: number): number {
    this.#refill();
    this.#left -= amount;
    return this.#left >= 0 ? 0 : (-this.#left / this.#perSecond) * 1000;
  }

  #refill(): void {
    const now = this.#now();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
  }
}
