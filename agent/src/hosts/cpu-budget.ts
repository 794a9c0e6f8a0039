/** What a share of a core is averaged over. */
export const CPU_WINDOW_SECONDS = 300;
/** Who is over the budget is back within it when this part of the window's CPU time is there again. */
const BACK_AT = 0.1;
/**
 * A host that goes on beyond its budget though it is given no work is ended when it has used this many
 * seconds of its share more than it may, a CPU second at least.
 */
const IDLE_DEBT_SECONDS = 60;
const LEAST_IDLE_DEBT = 1;

/** What changed with what was spent. `exhausted`: spacing collects does not help, end the host. */
export type CpuChange = 'none' | 'over' | 'back' | 'exhausted';

/**
 * A host's share of a core, as a bucket of CPU seconds: it holds what the share gives in five minutes, is
 * filled by the share and emptied by what the host uses. While nothing is in it no work is given to the host.
 * Times are seconds of any clock that does not go backwards.
 */
export class CpuBudget {
  #share: number;
  #level: number;
  #at: number;
  #isOver = false;
  #idleDebt = 0;

  /** Begins full. */
  constructor(share: number, now: number) {
    this.#share = share;
    this.#level = this.#capacity;
    this.#at = now;
  }

  get share(): number {
    return this.#share;
  }

  /** Was it used up, and has not recovered since? */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Another share of the same host: the bucket stays as full as it is, and a debt stays. */
  setShare(share: number, now: number): void {
    this.#fill(now);
    if (this.#level > 0) this.#level *= share / this.#share;
    this.#share = share;
  }

  /** Takes what the host has used since the last call; `isWorking` if it had been given any work meanwhile. */
  spend(cpuSeconds: number, now: number, isWorking: boolean): CpuChange {
    const earned = Math.max(0, now - this.#at) * this.#share;
    this.#fill(now);
    this.#level -= cpuSeconds;
    if (this.#level > 0) {
      this.#idleDebt = 0;
      if (!this.#isOver || this.#level < this.#capacity * BACK_AT) return 'none';
      this.#isOver = false;
      return 'back';
    }
    if (!isWorking) this.#idleDebt = Math.max(0, this.#idleDebt + cpuSeconds - earned);
    if (this.#idleDebt > Math.max(LEAST_IDLE_DEBT, IDLE_DEBT_SECONDS * this.#share)) {
      this.#idleDebt = 0;
      this.#isOver = true;
      return 'exhausted';
    }
    if (this.#isOver) return 'none';
    this.#isOver = true;
    return 'over';
  }

  /** How long until work may be given to the host; 0 if now. */
  waitSeconds(now: number): number {
    const level = this.#level + Math.max(0, now - this.#at) * this.#share;
    // The bucket must hold something: exactly nothing is not enough.
    return level > 0 ? 0 : Math.max(-level / this.#share, Number.MIN_VALUE);
  }

  get #capacity(): number {
    return this.#share * CPU_WINDOW_SECONDS;
  }

  #fill(now: number): void {
    this.#level = Math.min(this.#capacity, this.#level + Math.max(0, now - this.#at) * this.#share);
    this.#at = Math.max(this.#at, now);
  }
}
