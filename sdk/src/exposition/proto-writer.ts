/** How a field's bytes are to be read: protobuf.dev/programming-guides/encoding. */
const VARINT = 0;
const DOUBLE = 1;
const LENGTH_DELIMITED = 2;

const FIRST_BYTES = 4096;

/** Writes protobuf messages into a buffer that grows. Integers are whole, finite and below 2^64, and exact up to 2^53. */
export class ProtoWriter {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
  /** The position behind what has been written. */
  length = 0;

  /** A copy of what has been written. */
  take(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.length);
  }

  reset(): void {
    this.length = 0;
  }

  uint(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  /** A signed integer, zigzag: `sint32` and `sint64`. */
  sint(field: number, value: number): void {
    this.uint(field, value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** An `int64` or `int32`: what is negative is written as its two's complement of 64 bits. */
  int(field: number, value: number): void {
    if (value >= 0) {
      this.uint(field, value);
      return;
    }
    this.#tag(field, VARINT);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  double(field: number, value: number): void {
    this.#tag(field, DOUBLE);
    this.#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  string(field: number, text: string): void {
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(Buffer.byteLength(text));
    this.#reserve(text.length * 3);
    this.length += this.#bytes.write(text, this.length);
  }

  /** A message within a message. */
  message(field: number, write: () => void): void {
    this.#tag(field, LENGTH_DELIMITED);
    // Most messages are shorter than 128 bytes, whose length is one byte; for others room is made.
    this.#reserve(5);
    const start = ++this.length;
    write();
    const length = this.length - start;
    const more =
      length < 0x80 ? 0 : length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4;
    if (more > 0) {
      this.#reserve(more);
      this.#bytes.copyWithin(start + more, start, this.length);
    }
    this.length = start - 1;
    this.#varint(length);
    this.length += length;
  }

  #tag(field: number, kind: number): void {
    this.#varint(field * 8 + kind);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.length++] = (rest % 128) | 0x80;
    this.#bytes[this.length++] = rest;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.length + more));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer, larger.byteOffset);
  }
}
