import { type BigIntStats, constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileCounts } from '../file-counts.ts';
import { ENCODING_HEAD_BYTES, type LineSplitter } from '../lines/splitter.ts';
import { lastDescriptor, tooManyOpen } from './descriptors.ts';
import { idOf } from './discover.ts';
import { birthOf, EMPTY, HEAD_BYTES, lastBytes, MARK_BYTES, NO_PRINT, type Print, printOf } from './print.ts';
import type { FileRecord } from './records.ts';
import { isArchive } from './rotated-name.ts';
import { Unpacked } from './unpack.ts';

/** Where bytes come from: an open file, or the content of a compressed one. */
interface Source {
  /** Why it ends before its end. */
  readonly failure?: Error | undefined;
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number; buffer: Buffer }>;
  stat(options: { bigint: true }): Promise<BigIntStats>;
  close(): Promise<void>;
}

/** What is taken for lines at a time: the texts of more would only fill the heap. */
export const CHUNK_BYTES = 65_536;
/** What is read at a time: that costs as much as a hundred lines, however little it is. */
const READ_BYTES = 4 * CHUNK_BYTES;
/** A path can become a pipe between the look and the opening: that must not wait for a writer. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Room for one read and what is read again before it; one serves all files. */
export const readBuffer = (): Buffer => Buffer.allocUnsafeSlow(READ_BYTES + MARK_BYTES);

/** What a read came to: bytes and perhaps more of them, the last bytes that there are, none, or another content. */
export type ReadOutcome = 'more' | 'last' | 'nothing' | 'truncated';

/**
 * One open file and how far it has been read. Every read begins a few bytes before the position: if those
 * are not what they were, the file was emptied or rewritten, however long it is now. So it was if it looks changed
 * but is not longer, and its head is not what it was.
 */
export class FollowedFile {
  readonly id: string;
  path: string;
  /** The `path` of its series. */
  label: string;
  /** Nothing that the globs match leads to it any more. */
  retired = false;
  /** When it last gave something, on the monotonic clock. */
  lastActive = Number.NEGATIVE_INFINITY;
  /** What was left to read of the content that a truncation took away, until somebody looks for a copy. */
  lost: FileRecord | undefined;
  /** It was empty when it was read before, and is not any more: it may have been filled and emptied in between. */
  filled = false;
  /** When its path was last looked at, on the monotonic clock. */
  glancedAt = Number.NEGATIVE_INFINITY;
  readonly #source: Source;
  readonly #packed: boolean;
  readonly #splitter: LineSplitter;
  #position = 0;
  #mark: Buffer = EMPTY;
  /** The bytes before the unfinished line. */
  #lineMark: Buffer = EMPTY;
  /** The bytes before the unfinished record; where lines are not joined they are those before the line. */
  #recordMark: Buffer = EMPTY;
  #head: Print = NO_PRINT;
  #size = 0;
  #seen: { size: bigint; mtime: bigint } | undefined;
  #birth = 0n;
  #changed = true;
  /** It changed without becoming longer: perhaps it was rewritten. */
  #touched = false;
  /** The last read gave something. */
  #growing = false;
  /** The last read found nothing at all. */
  #empty = false;

  private constructor(source: Source, path: string, id: string, splitter: LineSplitter) {
    this.#source = source;
    this.#packed = isArchive(path);
    this.path = path;
    this.label = path;
    this.id = id;
    this.#splitter = splitter;
  }

  /** Opens a regular file, positioned at its beginning; undefined if the path leads to something else. */
  static async open(path: string, splitter: LineSplitter): Promise<FollowedFile | undefined> {
    const handle = await open(path, OPEN_FLAGS);
    try {
      if (handle.fd > lastDescriptor()) throw tooManyOpen();
      const stats = await handle.stat({ bigint: true });
      if (stats.isFile()) {
        const source = isArchive(path) ? new Unpacked(handle, path) : handle;
        const file = new FollowedFile(source, path, idOf(stats), splitter);
        file.note(stats);
        return file;
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return undefined;
  }

  /** In bytes, when it was looked at last. */
  get size(): number {
    return this.#size;
  }

  /** A compressed file, whose content will not change. */
  get packed(): boolean {
    return this.#packed;
  }

  /** 0 for a compressed file, whose content is of unknown length. */
  get lag(): number {
    return this.#packed ? 0 : Math.max(0, this.#size - this.#position);
  }

  /** When it was made, in ns since 1970; 0 if that is not known. */
  get birth(): bigint {
    return this.#birth;
  }

  /** When it was changed last, in ns since 1970. */
  get mtime(): bigint | undefined {
    return this.#seen?.mtime;
  }

  /** Why it can be read no further. */
  get failure(): Error | undefined {
    return this.#source.failure;
  }

  /** A read may give something that the last one did not. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Takes note of how the file looks from outside. */
  note(stats: BigIntStats): void {
    if (this.#birth === 0n) this.#birth = birthOf(stats);
    const seen = this.#seen;
    if (seen?.size === stats.size && seen.mtime === stats.mtimeNs) return;
    this.#touched ||= seen?.size === stats.size;
    this.#seen = { size: stats.size, mtime: stats.mtimeNs };
    this.#size = Number(stats.size);
    this.#changed = true;
  }

  /** Looks at the open file itself, which may have no path any more. */
  async look(): Promise<void> {
    this.note(await this.#source.stat({ bigint: true }));
  }

  /** Goes on where a record ends; false if this does not hold the content that it speaks of. */
  async resume(record: FileRecord): Promise<boolean> {
    const head = await this.#bytes(0, record.head.length);
    if (printOf(head).hash !== record.head.hash) return false;
    const mark = await this.#bytes(record.position - record.mark.length, record.mark.length);
    if (printOf(mark).hash !== record.mark.hash) return false;
    this.#head = record.head;
    this.#position = record.position;
    this.#mark = mark;
    this.#lineMark = mark;
    this.#recordMark = mark;
    this.#splitter.startAt(record.position, head, record.encoding);
    return true;
  }

  get head(): Print {
    return this.#head;
  }

  /** It holds what this speaks of; the head alone tells, if it is long enough. */
  async continues(record: FileRecord): Promise<boolean> {
    if (record.head.length === 0) return false;
    return record.head.length < HEAD_BYTES ? this.resume(record) : this.begins(record.head);
  }

  /** Its first bytes are these. */
  async begins({ length, hash }: Print): Promise<boolean> {
    return length === 0 || printOf(await this.#bytes(0, length)).hash === hash;
  }

  /** Its first bytes, as many as there are up to `length`. */
  async first(length: number): Promise<Buffer> {
    return this.#bytes(0, length);
  }

  /** Leaves out what is there already, but for a last line that is not complete yet. */
  async skipTo(size = this.#size): Promise<void> {
    const head = await this.#bytes(0, Math.min(ENCODING_HEAD_BYTES, size));
    const { unit, lastNewline } = this.#splitter.encodingOf(head);
    const start = Math.max(0, size - (size % unit) - CHUNK_BYTES);
    const bytes = await this.#bytes(start, size - start);
    const newline = lastNewline(bytes, bytes.length);
    const behind = start > 0 ? bytes.length - (bytes.length % unit) : 0;
    const end = newline < 0 ? behind : newline + unit;
    this.#position = start + end;
    this.#mark = lastBytes(bytes, end);
    this.#lineMark = this.#mark;
    this.#recordMark = this.#mark;
    this.#splitter.startAt(this.#position, head);
    await this.identify();
  }

  /** Reads one chunk, and hands its lines over; what happened is added to `counts`. */
  async read(buffer: Buffer, counts: FileCounts): Promise<ReadOutcome> {
    const known = this.#mark.length;
    const { bytesRead } = await this.#source.read(buffer, 0, buffer.length, this.#position - known);
    if (bytesRead < known || !buffer.subarray(0, known).equals(this.#mark)) return this.#restart(counts);
    if (this.#touched && !(await this.begins(this.#head))) return this.#restart(counts);
    if (this.#position === 0 && !this.#isExpected(buffer.subarray(0, bytesRead)))
      return this.#restart(counts);
    this.#touched = false;
    const bytes = bytesRead - known;
    const full = bytesRead === buffer.length;
    this.#changed = full;
    this.#growing = bytes > 0;
    if (bytes === 0) {
      this.#empty = this.#position === 0;
      return 'nothing';
    }
    this.filled ||= this.#empty;
    this.#empty = false;
    if (this.#position === known) this.#head = printOf(buffer.subarray(0, Math.min(HEAD_BYTES, bytesRead)));
    const { unfinished, unfinishedLine } = this.#splitter;
    for (let start = known; start < bytesRead; start += CHUNK_BYTES) {
      this.#splitter.push(buffer.subarray(start, Math.min(start + CHUNK_BYTES, bytesRead)), counts);
    }
    counts.bytes += bytes + unfinished - this.#splitter.unfinished;
    this.#position += bytes;
    this.#mark = lastBytes(buffer, bytesRead);
    const lineStart = bytesRead - this.#splitter.unfinishedLine;
    const recordStart = bytesRead - this.#splitter.unfinished;
    // A record can turn out to begin with the line that the last read left unfinished.
    if (recordStart === known - unfinishedLine) this.#recordMark = this.#lineMark;
    if (lineStart >= known) this.#lineMark = lastBytes(buffer, lineStart);
    if (recordStart === lineStart) this.#recordMark = this.#lineMark;
    else if (recordStart >= known) this.#recordMark = lastBytes(buffer, recordStart);
    return full ? 'more' : 'last';
  }

  /** Takes the fingerprint of what is there before anything is read: a truncation that comes first shows then too. */
  async expect(): Promise<void> {
    this.#head = printOf(await this.#bytes(0, HEAD_BYTES));
  }

  /** Completes the fingerprint of a file that was shorter than it when it was last read. */
  async identify(): Promise<void> {
    const length = Math.min(HEAD_BYTES, this.#position);
    if (this.#head.length >= length) return;
    const first = await this.#bytes(0, length);
    // It may have been rewritten since it was read, which the next read will notice.
    const isSame = printOf(first.subarray(0, this.#head.length)).hash === this.#head.hash;
    if (first.length === length && isSame) this.#head = printOf(first);
  }

  /** Whether a record of several lines is open, and complete if the file gives nothing now. */
  isRecordOverdue(now: number): boolean {
    return this.#splitter.isOverdue(now - this.lastActive);
  }

  /** Takes the lines of the open record as a whole one. */
  finishRecord(counts: FileCounts): void {
    const { unfinished } = this.#splitter;
    this.#splitter.flushRecord(counts);
    counts.bytes += unfinished - this.#splitter.unfinished;
    this.#recordMark = this.#lineMark;
  }

  /** Takes the unfinished line and record as they are, as nobody will complete them. */
  finish(counts: FileCounts): void {
    counts.bytes += this.#splitter.unfinished;
    this.#splitter.flush(counts);
    this.#lineMark = this.#mark;
    this.#recordMark = this.#mark;
  }

  record(finished = false): FileRecord {
    return {
      path: this.path,
      label: this.label,
      id: this.id,
      birth: String(this.#birth),
      position: this.#position - this.#splitter.unfinished,
      head: this.#head,
      mark: printOf(this.#recordMark),
      size: this.#size,
      mtime: String(this.#seen?.mtime ?? 0),
      finished,
      encoding: this.#splitter.markedEncoding,
    };
  }

  async close(): Promise<void> {
    this.#splitter.reset();
    await this.#source.close();
  }

  #restart(counts: FileCounts): 'truncated' {
    counts.truncations++;
    if (this.#growing || this.lag > 0) counts.suspectedLost++;
    // The lines of an open record are in no file any more.
    this.finishRecord(counts);
    if (this.#head.length > 0) this.lost = { ...this.record(), id: `was:${this.id}` };
    this.#growing = false;
    this.#touched = false;
    this.#position = 0;
    this.#mark = EMPTY;
    this.#lineMark = EMPTY;
    this.#recordMark = EMPTY;
    this.#head = NO_PRINT;
    this.#splitter.reset();
    this.#changed = true;
    return 'truncated';
  }

  #isExpected(first: Buffer): boolean {
    const { length, hash } = this.#head;
    return length === 0 || (first.length >= length && printOf(first.subarray(0, length)).hash === hash);
  }

  /** Fewer bytes than asked for if the file ends before. */
  async #bytes(start: number, length: number): Promise<Buffer> {
    if (length === 0) return EMPTY;
    const { buffer, bytesRead } = await this.#source.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  }
}
