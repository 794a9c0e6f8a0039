const EMPTY = Buffer.alloc(0);

/** A copy with memory of its own: a few bytes from Node's pool would keep a page of it alive. */
export function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

const SMALL_BYTES = 4096;
/** How much of the room is used after lines were cut for want of it: so that it does not happen at once again. */
const SHARE_AFTER_CUT = 0.75;

/** Bounds what is kept of the unfinished lines and records of all files. */
export class KeptRoom {
  readonly #most: number;
  readonly #kept = new Set<KeptBytes>();
  #used = 0;

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes. */
  get used(): number {
    return this.#used;
  }

  /** Takes note that `kept` takes so many bytes more, or less, and cuts the largest of all if that is too much. */
  change(kept: KeptBytes, bytes: number): void {
    this.#used += bytes;
    if (kept.room === 0) this.#kept.delete(kept);
    else this.#kept.add(kept);
    if (this.#used > this.#most) this.#cutLargest();
  }

  /** Cuts everything that is longer than a level, the highest at which all of it has room; without a list of thousands of files. */
  #cutLargest(): void {
    const target = this.#most * SHARE_AFTER_CUT;
    let level = 0;
    for (let tooHigh = this.#most; tooHigh - level > 1; ) {
      const middle = Math.floor((level + tooHigh) / 2);
      if (this.#usedWithin(middle) <= target) level = middle;
      else tooHigh = middle;
    }
    for (const kept of this.#kept) {
      if (kept.room > level) this.#used -= kept.cut(level);
      if (kept.room === 0) this.#kept.delete(kept);
    }
  }

  #usedWithin(level: number): number {
    let used = 0;
    for (const kept of this.#kept) used += Math.min(kept.room, level);
    return used;
  }
}

/** The first bytes of something that grows, up to a limit and as far as there is room for them. */
export class KeptBytes {
  readonly #room: KeptRoom;
  #bytes: Buffer = EMPTY;
  #length = 0;
  #isCut = false;

  constructor(room: KeptRoom) {
    this.#room = room;
  }

  /** Bytes of memory. */
  get room(): number {
    return this.#bytes.length;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Bytes were left out for want of room: fewer are kept than the limit allows. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Keeps a copy of `bytes`, but no more than `limit` bytes altogether. */
  append(bytes: Buffer, limit: number): void {
    if (this.#isCut) return;
    const length = Math.min(limit, this.#length + bytes.length);
    if (length <= this.#length) return;
    const before = this.room;
    // By doubling, so that what comes in small pieces costs no more than its length.
    if (length > before) this.#resize(Math.max(length, Math.min(limit, 2 * before)));
    bytes.copy(this.#bytes, this.#length, 0, length - this.#length);
    this.#length = length;
    if (this.room !== before) this.#room.change(this, this.room - before);
  }

  /** Leaves itself so many bytes; gives how many it gave back. */
  cut(most: number): number {
    const before = this.room;
    if (this.#length > most) this.#isCut = true;
    this.#length = Math.min(this.#length, most);
    this.#resize(this.#length);
    return before - this.room;
  }

  clear(): void {
    const before = this.room;
    // What is small is left to the garbage collector, which costs less than to give it back.
    if (before > SMALL_BYTES) this.#resize(0);
    this.#bytes = EMPTY;
    this.#length = 0;
    this.#isCut = false;
    if (before > 0) this.#room.change(this, -before);
  }

  /** Takes memory, or gives it back at once: garbage collections are too rare for the buffers of thousands of files. */
  #resize(size: number): void {
    this.#bytes =
      this.room === 0
        ? Buffer.allocUnsafeSlow(size)
        : Buffer.from((this.#bytes.buffer as ArrayBuffer).transfer(size));
  }
}
