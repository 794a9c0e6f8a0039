import type { FileCounts } from '../file-counts.ts';
import { KeptBytes, type KeptRoom } from './kept.ts';
import type { Multiline } from './multiline.ts';
import type { LineSink } from './splitter.ts';
import { isUndecodable, lengthWithin, withoutTorn } from './text.ts';

/** The most bytes of UTF-8 that one character of a string takes. */
const BYTES_PER_CHARACTER = 3;

/** Joins the lines of one file to records; keeps the last one until it is complete, and no more of it than is needed. */
export class RecordJoiner {
  readonly #multiline: Multiline;
  readonly #maxLength: number;
  readonly #sink: LineSink;
  /** The open record's text but for the lines in `#fresh`, in UTF-8. */
  readonly #kept: KeptBytes;
  #keptLines = 0;
  #fresh: string[] = [];
  #isCut = false;

  constructor(multiline: Multiline, maxLength: number, room: KeptRoom, sink: LineSink) {
    this.#multiline = multiline;
    this.#maxLength = maxLength;
    this.#sink = sink;
    this.#kept = new KeptBytes(room);
  }

  /** How many of the last lines are part of no complete record. */
  get openLines(): number {
    return this.#keptLines + this.#fresh.length;
  }

  /**
   * Gives the sink every record that these lines complete; does not hold on to them. What is counted of a line
   * is counted with its record. `isCut` says that the lines were cut to less than may be looked at.
   */
  lines(batch: readonly string[], isCut: boolean, counts: FileCounts): void {
    const records: string[] = [];
    for (const line of batch) {
      if (this.openLines > 0 && this.#multiline.begins(line)) records.push(this.#take(counts));
      this.#fresh.push(line);
      this.#isCut ||= isCut;
      const isFull = this.openLines >= this.#multiline.maxLines;
      if (isFull || this.#multiline.ends(line)) records.push(this.#take(counts));
    }
    if (records.length > 0) this.#sink.lines(records, counts);
    this.#keepFresh();
  }

  /** Gives the open record, if there is one, as it is. */
  flush(counts: FileCounts): void {
    if (this.openLines > 0) this.#sink.lines([this.#take(counts)], counts);
  }

  /** Forgets the open record. */
  reset(): void {
    this.#kept.clear();
    this.#keptLines = 0;
    this.#fresh = [];
    this.#isCut = false;
  }

  #take(counts: FileCounts): string {
    const text = this.#text();
    const isLong = text.length > this.#maxLength;
    if (isLong || this.#isCut) counts.oversized++;
    if (isUndecodable(text)) counts.undecodable++;
    counts.lines += this.openLines;
    this.reset();
    return isLong ? text.slice(0, lengthWithin(text, 0, this.#maxLength)) : text;
  }

  #text(): string {
    if (this.#keptLines === 0) return this.#fresh.join('\n');
    const { isCut, bytes } = this.#kept;
    const text = bytes.toString();
    if (!isCut) return [text, ...this.#fresh].join('\n');
    this.#isCut = true;
    return withoutTorn(text);
  }

  /** Copies what is left of a batch: its lines are windows on all the text that was read with them. */
  #keepFresh(): void {
    if (this.#fresh.length === 0) return;
    const limit = (this.#maxLength + 2) * BYTES_PER_CHARACTER;
    const text = this.#fresh.join('\n');
    this.#kept.append(Buffer.from(this.#keptLines > 0 ? `\n${text}` : text), limit);
    this.#keptLines += this.#fresh.length;
    this.#fresh = [];
  }
}
