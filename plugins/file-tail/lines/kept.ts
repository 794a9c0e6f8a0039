const EMPTY = Buffer.alloc(0);

/** A copy with memory of its own: a few bytes from Node's pool would keep a page of it alive. */
export function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

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

  #cutLargest(): void {
    const all = [...this.#kept].sort((a, b) => a.room - b.room);
    let left = this.#most * SHARE_AFTER_CUT;
    for (const [index, kept] of all.entries()) {
      const share = Math.floor(left / (all.length - index));
      if (kept.room > share) this.#used -= kept.cut(share);
      if (kept.room === 0) this.#kept.delete(kept);
      left -= kept.room;
    }
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
    const before = this.#bytes;
    if (length > before.length) {
      // By doubling, so that what comes in small pieces costs no more than its length.
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(length, Math.min(limit, 2 * before.length)));
      before.copy(this.#bytes, 0, 0, this.#length);
    }
    bytes.copy(this.#bytes, this.#length, 0, length - this.#length);
    this.#length = length;
    if (this.#bytes !== before) this.#room.change(this, this.#bytes.length - before.length);
  }

  /** Leaves itself so many bytes; gives how many it gave back. */
  cut(most: number): number {
    const before = this.#bytes.length;
    if (this.#length > most) this.#isCut = true;
    this.#length = Math.min(this.#length, most);
    this.#bytes = copyOf(this.bytes);
    return before - this.#length;
  }

  clear(): void {
    const before = this.#bytes.length;
    this.#bytes = EMPTY;
    this.#length = 0;
    this.#isCut = false;
    if (before > 0) this.#room.change(this, -before);
  }
}
