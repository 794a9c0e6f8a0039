const INITIAL_ROOM = 8;
/** 2^32 divided by the golden ratio: neighbouring keys, the usual ones, come to lie far apart (Knuth, TAOCP 6.4). */
const GOLDEN = 0x9e3779b1;

/**
 * Numbers the different 32-bit integers that it is given: 0, 1, 2… in the order in which they first come. What
 * belongs to a key is kept by the caller in arrays at that number. It is an open-addressed hash table of typed
 * arrays: to look up a known key allocates nothing.
 */
export class KeyIndex {
  /** The keys by their number; only the first `size` count. Its length is the room that there is. */
  keys = new Int32Array(INITIAL_ROOM);
  size = 0;
  /** A key's number + 1; 0 is free. Twice as many as there is room for, so that free ones are near. */
  #slots = new Int32Array(2 * INITIAL_ROOM);
  #shift = shiftFor(2 * INITIAL_ROOM);

  /** The key's number. A new key gets the number that `size` was. */
  numberOf(key: number): number {
    const slots = this.#slots;
    const keys = this.keys;
    const mask = slots.length - 1;
    let slot = Math.imul(key, GOLDEN) >>> this.#shift;
    for (;;) {
      const number = (slots[slot] as number) - 1;
      if (number < 0) return this.#append(key, slot);
      if (keys[number] === key) return number;
      slot = (slot + 1) & mask;
    }
  }

  /** A copy of the keys, ascending. */
  sorted(): Int32Array {
    return this.keys.slice(0, this.size).sort();
  }

  /** Forgets the keys and keeps the room. */
  clear(): void {
    this.size = 0;
    this.#slots.fill(0);
  }

  #append(key: number, slot: number): number {
    if (this.size === this.keys.length) {
      this.#grow();
      return this.numberOf(key);
    }
    this.keys[this.size] = key;
    this.#slots[slot] = ++this.size;
    return this.size - 1;
  }

  #grow(): void {
    const known = this.keys;
    const room = 2 * known.length;
    this.keys = new Int32Array(room);
    this.#slots = new Int32Array(2 * room);
    this.#shift = shiftFor(2 * room);
    this.size = 0;
    for (const key of known) this.numberOf(key);
  }
}

const shiftFor = (slots: number): number => Math.clz32(slots) + 1;

/** The array with room for as many numbers as given; itself if it has that. */
export function withRoom(array: Float64Array<ArrayBuffer>, room: number): Float64Array<ArrayBuffer> {
  if (array.length >= room) return array;
  const larger = new Float64Array(room);
  larger.set(array);
  return larger;
}
