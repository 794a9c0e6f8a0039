/** A frame that is no larger needs no room. */
const FREE_BYTES = 1024 * 1024;

/**
 * What frames that are still arriving may take of the agent's memory, all hosts together. Without room a
 * pipe is not read on, but for the one whose frame has been arriving longest: so there is always one that
 * comes to its end, or to its deadline.
 */
export class FrameRoom {
  readonly #limit: number;
  /** By reader, in the order in which they began. */
  readonly #held = new Map<object, number>();
  readonly #waiting = new Map<object, () => void>();
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Says how much of a frame a reader holds now; `resume` is called when one that may not read on may again.
   * @returns whether it may read on
   */
  hold(reader: object, bytes: number, resume: () => void): boolean {
    const before = this.#held.get(reader) ?? 0;
    if (bytes <= FREE_BYTES) {
      if (before > 0) this.release(reader);
      return true;
    }
    this.#used += bytes - before;
    this.#held.set(reader, bytes);
    if (this.#used <= this.#limit || this.#isOldest(reader)) return true;
    this.#waiting.set(reader, resume);
    return false;
  }

  /** The frame is complete, or its host is gone. */
  release(reader: object): void {
    this.#waiting.delete(reader);
    this.#used -= this.#held.get(reader) ?? 0;
    if (!this.#held.delete(reader)) return;
    for (const [waiting, resume] of [...this.#waiting]) {
      if (this.#used > this.#limit && !this.#isOldest(waiting)) continue;
      this.#waiting.delete(waiting);
      resume();
    }
  }

  #isOldest(reader: object): boolean {
    const [oldest] = this.#held.keys();
    return oldest === reader;
  }
}
