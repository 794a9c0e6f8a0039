const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const NUL = 0;
/** The most bytes of UTF-8 that one character of a string can take. */
const BYTES_PER_CHARACTER = 3;

export interface LineSink {
  line(text: string): void;
  /** The line that was just given had been cut. */
  oversized(): void;
}

/** Cuts bytes into lines; keeps the last one until its newline has come, and no more of it than is needed. */
export class LineSplitter {
  readonly #maxLength: number;
  readonly #sink: LineSink;
  #kept: Buffer = Buffer.alloc(0);
  #unfinished = 0;

  constructor(maxLength: number, sink: LineSink) {
    this.#maxLength = maxLength;
    this.#sink = sink;
  }

  /** Bytes since the last newline. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** Gives the sink every line that `chunk` completes, and returns how many; does not hold on to `chunk`. */
  push(chunk: Buffer): number {
    let start = 0;
    let lines = 0;
    if (this.#unfinished > 0) {
      const end = chunk.indexOf(NEWLINE);
      this.#keep(end < 0 ? chunk : chunk.subarray(0, end));
      if (end < 0) return 0;
      lines = this.flush();
      // A newline directly behind bytes that were kept ends a line even if nothing precedes it here.
      start = end + 1;
    }
    const last = chunk.lastIndexOf(NEWLINE);
    if (last >= start) {
      lines += this.#split(chunk.toString('utf8', start, last));
      start = last + 1;
    }
    // A file that was emptied under a writer that kept its position begins with a hole.
    while (start < chunk.length && chunk[start] === NUL) start++;
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  /** Gives the unfinished line as it is, and returns how many that made: one or none. */
  flush(): number {
    if (this.#unfinished === 0) return 0;
    const text = this.#kept.toString('utf8');
    this.reset();
    this.#emit(text, 0, text.length);
    return 1;
  }

  /** Forgets the unfinished line. */
  reset(): void {
    this.#kept = Buffer.alloc(0);
    this.#unfinished = 0;
  }

  #keep(bytes: Buffer): void {
    const limit = (this.#maxLength + 2) * BYTES_PER_CHARACTER;
    const room = Math.max(0, limit - this.#kept.length);
    if (room > 0) this.#kept = Buffer.concat([this.#kept, bytes.subarray(0, room)]);
    this.#unfinished += bytes.length;
  }

  #split(text: string): number {
    let lines = 0;
    for (let from = 0; ; lines++) {
      const newline = text.indexOf('\n', from);
      if (newline < 0) {
        this.#emit(text, from, text.length);
        return lines + 1;
      }
      this.#emit(text, from, newline);
      from = newline + 1;
    }
  }

  #emit(text: string, from: number, to: number): void {
    let start = from;
    let end = to;
    if (end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN) end--;
    while (start < end && text.charCodeAt(start) === NUL) start++;
    if (end - start > this.#maxLength) {
      this.#sink.line(text.slice(start, start + this.#maxLength));
      this.#sink.oversized();
    } else {
      this.#sink.line(text.slice(start, end));
    }
  }
}
