import type { FileCounts } from '../file-counts.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const NUL = 0;
/** The most bytes of UTF-8 that one character of a string can take. */
const BYTES_PER_CHARACTER = 3;

export interface LineSink {
  /** Takes the lines of one file in their order; does not hold on to `batch`. */
  lines(batch: readonly string[], counts: FileCounts): void;
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

  /** Gives the sink every line that `chunk` completes; does not hold on to `chunk`. */
  push(chunk: Buffer, counts: FileCounts): void {
    let start = 0;
    if (this.#unfinished > 0) {
      const end = chunk.indexOf(NEWLINE);
      this.#keep(end < 0 ? chunk : chunk.subarray(0, end));
      if (end < 0) return;
      this.flush(counts);
      // A newline directly behind bytes that were kept ends a line even if nothing precedes it here.
      start = end + 1;
    }
    const last = chunk.lastIndexOf(NEWLINE);
    if (last >= start) {
      this.#split(chunk.toString('utf8', start, last), counts);
      start = last + 1;
    }
    // A file that was emptied under a writer that kept its position begins with a hole.
    while (start < chunk.length && chunk[start] === NUL) start++;
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** Gives the unfinished line, if there is one, as it is. */
  flush(counts: FileCounts): void {
    if (this.#unfinished === 0) return;
    const text = this.#kept.toString('utf8');
    this.reset();
    this.#give([this.#cut(text, 0, text.length, counts)], counts);
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

  #split(text: string, counts: FileCounts): void {
    const batch: string[] = [];
    let from = 0;
    for (let newline = text.indexOf('\n'); newline >= 0; newline = text.indexOf('\n', from)) {
      batch.push(this.#cut(text, from, newline, counts));
      from = newline + 1;
    }
    batch.push(this.#cut(text, from, text.length, counts));
    this.#give(batch, counts);
  }

  #give(batch: readonly string[], counts: FileCounts): void {
    counts.lines += batch.length;
    this.#sink.lines(batch, counts);
  }

  #cut(text: string, from: number, to: number, counts: FileCounts): string {
    let start = from;
    let end = to;
    if (end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN) end--;
    while (start < end && text.charCodeAt(start) === NUL) start++;
    if (end - start > this.#maxLength) {
      end = start + this.#maxLength;
      counts.oversized++;
    }
    return text.slice(start, end);
  }
}
