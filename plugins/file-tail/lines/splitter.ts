import type { FileCounts } from '../file-counts.ts';
import { assumedEncoding, detectEncoding, type Encoding, type EncodingName } from './encoding.ts';
import { RecordJoiner } from './joiner.ts';
import { copyOf, KeptBytes, type KeptRoom } from './kept.ts';
import type { Multiline } from './multiline.ts';
import { isUndecodable, lengthWithin, withoutTorn } from './text.ts';

const CARRIAGE_RETURN = 13;
const NUL = 0;
/** As much of a file as tells its encoding. */
export const ENCODING_HEAD_BYTES = 3;
const EMPTY = Buffer.alloc(0);

export interface LineSink {
  /**
   * Takes the lines of one file in their order, or the records where lines are joined. Does not hold on to `batch`, nor to its
   * texts, which are windows on everything that was read with them.
   */
  lines(batch: readonly string[], counts: FileCounts): void;
}

/** How bytes become lines; one serves all files. */
export interface LineOptions {
  /** Characters of a line, or of a record, that are looked at. */
  readonly maxLength: number;
  /** By default what a file's byte order mark says, or UTF-8. */
  readonly encoding?: EncodingName | undefined;
  readonly multiline?: Multiline | undefined;
  readonly room: KeptRoom;
}

/**
 * Cuts bytes into lines, and joins lines to records if it is to; keeps the last one until it is complete, and no more of it than is
 * needed. Adds the lines and the oversized to a file's counts when the sink takes them.
 */
export class LineSplitter {
  readonly #options: LineOptions;
  readonly #sink: LineSink;
  readonly #joiner: RecordJoiner | undefined;
  /** What is longer is cut here: for a record, which cuts itself, so that it still shows. */
  readonly #cutAt: number;
  /** Lines that were cut and not given yet. */
  #cutLines = 0;
  /** Undefined until the first bytes of the file have told. */
  #encoding: Encoding | undefined;
  /** What the file was encoded in before it was truncated. */
  #encodingBefore: EncodingName | undefined;
  readonly #kept: KeptBytes;
  /** Bytes of complete lines of the open record. */
  #recordBytes = 0;
  /** Bytes since the last newline, but for `#part`. */
  #lineBytes = 0;
  /** Bytes that can't be looked at yet: half a newline, say, or of a byte order mark. */
  #part: Buffer = EMPTY;

  constructor(options: LineOptions, sink: LineSink) {
    const { multiline, maxLength, room } = options;
    this.#options = options;
    this.#sink = sink;
    this.#kept = new KeptBytes(room);
    this.#joiner = multiline && new RecordJoiner(multiline, maxLength, room, sink);
    this.#cutAt = multiline ? maxLength + 2 : maxLength;
  }

  /** Bytes since the last complete line, or the last complete record where lines are joined. */
  get unfinished(): number {
    return this.#recordBytes + this.unfinishedLine;
  }

  /** Bytes since the last complete line. */
  get unfinishedLine(): number {
    return this.#lineBytes + this.#part.length;
  }

  /** What a byte order mark said of the file, unless that is UTF-8; for `startAt` after a restart. */
  get markedEncoding(): EncodingName | undefined {
    if (this.#options.encoding !== undefined) return undefined;
    const name = this.#encoding?.name ?? this.#encodingBefore;
    return name === 'utf-8' ? undefined : name;
  }

  /** The encoding of a file that begins with `head`, `ENCODING_HEAD_BYTES` of it if it is as long; `before` is what it was. */
  encodingOf(head: Buffer, before?: EncodingName): Encoding {
    const { encoding } = this.#options;
    return detectEncoding(head, encoding, before)?.encoding ?? assumedEncoding(head, encoding, before);
  }

  /** Begins anew at the position of a line or record in a file that begins with `head`. */
  startAt(position: number, head: Buffer, before?: EncodingName): void {
    this.reset();
    this.#encodingBefore = before;
    if (position > 0) this.#encoding = this.encodingOf(head.subarray(0, ENCODING_HEAD_BYTES), before);
  }

  /** Gives the sink every line that `chunk` completes; does not hold on to `chunk`. */
  push(chunk: Buffer, counts: FileCounts): void {
    const bytes = this.#encoding?.unit === 1 ? chunk : this.#whole(chunk);
    const encoding = this.#encoding;
    if (encoding === undefined) return;
    const lineBytes = this.#lineBytes;
    let lines = 0;
    let start = 0;
    if (lineBytes > 0) {
      const end = encoding.newline(bytes, 0);
      this.#keep(end < 0 ? bytes : bytes.subarray(0, end), encoding);
      if (end < 0) return;
      this.#giveKept(encoding, counts);
      // A newline directly behind bytes that were kept ends a line even if nothing precedes it here.
      start = end + encoding.unit;
      lines = 1;
    }
    const last = encoding.lastNewline(bytes, bytes.length);
    if (last >= start) {
      lines += this.#split(encoding.decode(bytes, start, last), counts);
      start = last + encoding.unit;
    }
    if (this.#joiner && lines > 0) {
      this.#recordBytes = this.#openBytes(bytes, start, lineBytes, lines, encoding);
    }
    // A file that was emptied under a writer that kept its position begins with a hole.
    const hole = start;
    while (start < bytes.length && isZero(bytes, start, encoding)) start += encoding.unit;
    if (this.#recordBytes > 0) this.#recordBytes += start - hole;
    if (start < bytes.length) this.#keep(bytes.subarray(start), encoding);
  }

  /** Gives the unfinished line and record, if there are such, as they are. */
  flush(counts: FileCounts): void {
    if (this.unfinishedLine > 0) {
      const encoding = this.#encoding ?? this.encodingOf(EMPTY, this.#encodingBefore);
      this.#keep(this.#part, encoding);
      this.#part = EMPTY;
      this.#giveKept(encoding, counts);
    }
    this.flushRecord(counts);
  }

  /** Whether a record is open, and complete if nothing was read for so many milliseconds. */
  isOverdue(quietMs: number): boolean {
    return this.#recordBytes > 0 && quietMs >= (this.#options.multiline?.timeout ?? 0);
  }

  /** Gives the complete lines of the open record, if there is one, as a record. */
  flushRecord(counts: FileCounts): void {
    this.#joiner?.flush(counts);
    this.#recordBytes = 0;
  }

  /** Forgets what is unfinished, and expects the beginning of a file. */
  reset(): void {
    this.#kept.clear();
    this.#joiner?.reset();
    this.#recordBytes = 0;
    this.#lineBytes = 0;
    this.#part = EMPTY;
    this.#encodingBefore = this.#encoding?.name ?? this.#encodingBefore;
    this.#encoding = undefined;
  }

  /** What of `#part` and `chunk` can be looked at: whole units behind the byte order mark; the rest is the new `#part`. */
  #whole(chunk: Buffer): Buffer {
    let bytes = this.#part.length === 0 ? chunk : Buffer.concat([this.#part, chunk]);
    if (this.#encoding === undefined) {
      const detection = detectEncoding(bytes, this.#options.encoding, this.#encodingBefore);
      this.#encoding = detection?.encoding;
      bytes = bytes.subarray(detection?.mark);
    }
    const whole = this.#encoding === undefined ? 0 : bytes.length - (bytes.length % this.#encoding.unit);
    this.#part = whole === bytes.length ? EMPTY : copyOf(bytes.subarray(whole));
    return bytes.subarray(0, whole);
  }

  #keep(bytes: Buffer, { bytesPerCharacter }: Encoding): void {
    this.#kept.append(bytes, (this.#cutAt + 2) * bytesPerCharacter);
    this.#lineBytes += bytes.length;
  }

  #giveKept(encoding: Encoding, counts: FileCounts): void {
    const { bytes, isCut } = this.#kept;
    const decoded = encoding.decode(bytes, 0, bytes.length);
    const text = isCut ? withoutTorn(decoded) : decoded;
    this.#kept.clear();
    this.#lineBytes = 0;
    const line = this.#line(text, 0, text.length);
    if (isCut) this.#cutLines = 1;
    this.#give([line], isUndecodable(text), isCut, counts);
  }

  #split(text: string, counts: FileCounts): number {
    const batch: string[] = [];
    let from = 0;
    for (let newline = text.indexOf('\n'); newline >= 0; newline = text.indexOf('\n', from)) {
      batch.push(this.#line(text, from, newline));
      from = newline + 1;
    }
    batch.push(this.#line(text, from, text.length));
    // Of the whole text at once, as next to no text has any.
    this.#give(batch, isUndecodable(text), false, counts);
    return batch.length;
  }

  #give(batch: readonly string[], mayBeUndecodable: boolean, isCut: boolean, counts: FileCounts): void {
    if (this.#joiner === undefined) {
      if (mayBeUndecodable) counts.undecodable += batch.filter(isUndecodable).length;
      counts.oversized += this.#cutLines;
      counts.lines += batch.length;
      this.#sink.lines(batch, counts);
    } else {
      this.#joiner.lines(batch, isCut, counts);
    }
    this.#cutLines = 0;
  }

  #line(text: string, from: number, to: number): string {
    let start = from;
    let end = to;
    if (end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN) end--;
    while (start < end && text.charCodeAt(start) === NUL) start++;
    if (end - start > this.#cutAt) {
      end = start + lengthWithin(text, start, this.#cutAt);
      this.#cutLines++;
    }
    return text.slice(start, end);
  }

  /** Bytes of the complete lines of the open record, after `lines` lines were given that end in `bytes` before `end`. */
  #openBytes(bytes: Buffer, end: number, keptBytes: number, lines: number, encoding: Encoding): number {
    const open = this.#joiner?.openLines ?? 0;
    if (open > lines) return this.#recordBytes + keptBytes + end;
    if (open === lines) return keptBytes + end;
    let before = end - encoding.unit;
    for (let line = 0; line < open; line++) before = encoding.lastNewline(bytes, before);
    return end - encoding.unit - before;
  }
}

function isZero(bytes: Buffer, at: number, { unit }: Encoding): boolean {
  return bytes[at] === NUL && (unit === 1 || bytes[at + 1] === NUL);
}
