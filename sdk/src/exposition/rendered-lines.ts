import { Bytes, copyText } from './bytes.ts';
import { MAX_VALUE_BYTES } from './number.ts';

/** Writes a value's digits and returns the position behind them; at most `MAX_VALUE_BYTES`. */
export type WriteValue = (bytes: Uint8Array, at: number, value: number, isCount: boolean) => number;

/** Few enough that one chunk is written in a fraction of a millisecond, enough that what a chunk costs by itself is lost among them. */
const LINES_IN_CHUNK = 512;
/** A chunk of long lines ends here: the buffer that they are written to would otherwise be twice as large as all of them. */
const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** Lines that lie one after the other, as they were written last. */
class Chunk {
  bytes: Bytes;
  length: number;
  readonly firstLine: number;
  /** Of what stands before each line's value. */
  readonly prefixLengths: Uint32Array;
  /** Behind each line's newline. */
  readonly ends: Uint32Array;
  readonly isCount: Uint8Array;
  /** Somebody may still read the bytes: they must not change, new ones have to take their place. */
  isLent = false;
  /** What is given out: another object each time that the bytes have changed. */
  view: Uint8Array | undefined;

  constructor(
    firstLine: number,
    bytes: Bytes,
    prefixLengths: Uint32Array,
    ends: Uint32Array,
    isCount: Uint8Array,
  ) {
    this.firstLine = firstLine;
    this.bytes = bytes;
    this.prefixLengths = prefixLengths;
    this.ends = ends;
    this.isCount = isCount;
    this.length = ends.at(-1) ?? 0;
  }

  get lineCount(): number {
    return this.ends.length;
  }
}

/** Lines on their way into a chunk, which is made when its size is known. */
class WrittenLines {
  readonly #write: WriteValue;
  #bytes = new Bytes(LINES_IN_CHUNK * 128);
  #end = 0;
  #prefixBytes = 0;
  readonly #prefixLengths = new Uint32Array(LINES_IN_CHUNK);
  readonly #ends = new Uint32Array(LINES_IN_CHUNK);
  readonly #isCount = new Uint8Array(LINES_IN_CHUNK);
  count = 0;

  constructor(write: WriteValue) {
    this.#write = write;
  }

  get byteLength(): number {
    return this.#end;
  }

  add(prefix: Bytes, length: number, value: number, isCount: boolean): void {
    const needed = this.#end + length + MAX_VALUE_BYTES + 1;
    if (needed > this.#bytes.capacity) {
      const larger = new Bytes(2 * needed);
      larger.array.set(this.#bytes.array.subarray(0, this.#end));
      this.#bytes = larger;
    }
    const { array } = this.#bytes;
    const end = this.#write(array, copyText(prefix, 0, length, this.#bytes, this.#end), value, isCount);
    array[end] = NEWLINE;
    this.#end = end + 1;
    this.#prefixBytes += length;
    this.#prefixLengths[this.count] = length;
    this.#ends[this.count] = this.#end;
    this.#isCount[this.count] = isCount ? 1 : 0;
    this.count++;
  }

  /** The lines since the last chunk; `behind` is the number of the line that comes next. */
  takeChunk(behind: number): Chunk {
    const { count } = this;
    const bytes = new Bytes(this.#prefixBytes + count * (MAX_VALUE_BYTES + 1));
    bytes.array.set(this.#bytes.array.subarray(0, this.#end));
    const chunk = new Chunk(
      behind - count,
      bytes,
      this.#prefixLengths.slice(0, count),
      this.#ends.slice(0, count),
      this.#isCount.slice(0, count),
    );
    this.#end = 0;
    this.#prefixBytes = 0;
    this.count = 0;
    return chunk;
  }
}

/** Takes what stands before a line's value. */
export type AddLine = (bytes: Bytes, length: number, isCount: boolean) => void;

/**
 * The sample lines of a family in a text format. They are kept as they were written: the next time only
 * values that changed are formatted, and what stands between them is copied.
 */
export class RenderedLines {
  readonly #write: WriteValue;
  #chunks: Chunk[] = [];
  /** The values as they stand in the bytes. */
  #shown = new Float64Array(0);
  #spare: Bytes | undefined;
  readonly #digits = new Uint8Array(MAX_VALUE_BYTES);

  constructor(write: WriteValue) {
    this.#write = write;
  }

  /**
   * Begins anew with other lines. `visit` is given a function to call for each line with what stands before its
   * value: the first `length` of some bytes, which can be used again for the next.
   */
  layOut(values: Float64Array, visit: (add: AddLine) => void): void {
    this.#chunks = [];
    this.#spare = undefined;
    this.#shown = values.slice();
    const written = new WrittenLines(this.#write);
    let line = 0;
    visit((bytes, length, isCount) => {
      written.add(bytes, length, values[line++] as number, isCount);
      if (written.count === LINES_IN_CHUNK || written.byteLength >= CHUNK_BYTES)
        this.#chunks.push(written.takeChunk(line));
    });
    if (written.count > 0) this.#chunks.push(written.takeChunk(line));
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }

  /** Brings one chunk up to date. */
  update(index: number, values: Float64Array): void {
    const chunk = this.#chunks[index] as Chunk;
    const line = this.#patch(chunk, values);
    if (line < chunk.lineCount) this.#rewrite(chunk, values);
  }

  /** Writes changed values over the old ones as long as they have the same length; gives the first line where that can't be. */
  #patch(chunk: Chunk, values: Float64Array): number {
    const { firstLine, prefixLengths, ends, isCount, lineCount } = chunk;
    const shown = this.#shown;
    const digits = this.#digits;
    for (let line = 0; line < lineCount; line++) {
      const value = values[firstLine + line] as number;
      if (value === shown[firstLine + line]) continue;
      if (chunk.isLent) return line;
      const start = (line === 0 ? 0 : (ends[line - 1] as number)) + (prefixLengths[line] as number);
      const length = this.#write(digits, 0, value, isCount[line] === 1);
      if (start + length !== (ends[line] as number) - 1) return line;
      const { array } = chunk.bytes;
      for (let i = 0; i < length; i++) array[start + i] = digits[i] as number;
      shown[firstLine + line] = value;
      chunk.view = undefined;
    }
    return lineCount;
  }

  #rewrite(chunk: Chunk, values: Float64Array): void {
    const { bytes: old, firstLine, prefixLengths, ends, isCount, lineCount } = chunk;
    const shown = this.#shown;
    const write = this.#write;
    const bytes = this.#takeSpare(old.capacity);
    let from = 0;
    let to = 0;
    let start = 0;
    for (let line = 0; line < lineCount; line++) {
      const end = ends[line] as number;
      const value = values[firstLine + line] as number;
      // A NaN is written anew each time, because it equals nothing.
      if (value !== shown[firstLine + line]) {
        to = copyText(old, from, start + (prefixLengths[line] as number), bytes, to);
        to = write(bytes.array, to, value, isCount[line] === 1);
        shown[firstLine + line] = value;
        // The newline is copied with what follows it.
        from = end - 1;
      }
      ends[line] = to + end - from;
      start = end;
    }
    to = copyText(old, from, chunk.length, bytes, to);
    chunk.length = to;
    chunk.bytes = bytes;
    chunk.view = undefined;
    if (!chunk.isLent) this.#spare = old;
    chunk.isLent = false;
  }

  #takeSpare(capacity: number): Bytes {
    const spare = this.#spare;
    if (spare === undefined || spare.capacity < capacity) return new Bytes(capacity);
    this.#spare = undefined;
    return spare;
  }

  /**
   * The bytes, which stay as they are until `giveBack`; without it the next update writes to new ones. A part
   * that is the same object as before has the same bytes as before.
   */
  lend(): Uint8Array[] {
    return this.#chunks.map((chunk) => {
      chunk.isLent = true;
      chunk.view ??= chunk.bytes.array.subarray(0, chunk.length);
      return chunk.view;
    });
  }

  /** Whoever had the bytes is done with them. */
  giveBack(): void {
    for (const chunk of this.#chunks) chunk.isLent = false;
  }
}
