import { hash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { FileCounts } from '../file-counts.ts';
import type { EncodingName } from '../lines/encoding.ts';
import { ENCODING_HEAD_BYTES, type LineSplitter } from '../lines/splitter.ts';
import { idOf } from './discover.ts';

/** The first or last bytes of what was read, to tell a file from another that has its number. */
export interface Print {
  readonly length: number;
  readonly hash: string;
}

/** What a checkpoint keeps of a file. */
export interface FileRecord {
  /** Where it was last seen. */
  readonly path: string;
  /** The `path` of its series: where it was first seen. */
  readonly label: string;
  readonly id: string;
  /** Behind the last line or record that was counted. */
  readonly position: number;
  /** The file's first bytes. */
  readonly head: Print;
  /** The bytes before `position`. */
  readonly mark: Print;
  /** It was rotated away, read to its end and closed. */
  readonly finished: boolean;
  /** What its byte order mark said, if that was not UTF-8. */
  readonly encoding?: EncodingName | undefined;
}

export const CHUNK_BYTES = 65_536;
const HEAD_BYTES = 1024;
const MARK_BYTES = 64;
/** A path can become a pipe between the look and the opening: that must not wait for a writer. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
const NOTHING: Print = { length: 0, hash: '' };
const EMPTY = Buffer.alloc(0);

/** Room for one chunk and what is read again before it; one serves all files. */
export const readBuffer = (): Buffer => Buffer.allocUnsafeSlow(CHUNK_BYTES + MARK_BYTES);

const printOf = (bytes: Buffer): Print =>
  bytes.length === 0 ? NOTHING : { length: bytes.length, hash: hash('sha1', bytes, 'base64') };
const lastBytes = (bytes: Buffer, end: number): Buffer =>
  Buffer.from(bytes.subarray(Math.max(0, end - MARK_BYTES), end));

/** What a read came to: bytes and perhaps more of them, the last bytes that there are, none, or another content. */
export type ReadOutcome = 'more' | 'last' | 'nothing' | 'truncated';

/**
 * One open file and how far it has been read. Every read begins a few bytes before the position: if those
 * are not what they were, the file was emptied or rewritten, however long it is now.
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
  readonly #handle: FileHandle;
  readonly #splitter: LineSplitter;
  #position = 0;
  #mark: Buffer = EMPTY;
  /** The bytes before the unfinished line. */
  #lineMark: Buffer = EMPTY;
  /** The bytes before the unfinished record; where lines are not joined they are those before the line. */
  #recordMark: Buffer = EMPTY;
  #head: Print = NOTHING;
  #size = 0;
  #seen: { size: bigint; mtime: bigint } | undefined;
  #changed = true;

  private constructor(handle: FileHandle, path: string, id: string, splitter: LineSplitter) {
    this.#handle = handle;
    this.path = path;
    this.label = path;
    this.id = id;
    this.#splitter = splitter;
  }

  /** Opens a regular file, positioned at its beginning; undefined if the path leads to something else. */
  static async open(path: string, splitter: LineSplitter): Promise<FollowedFile | undefined> {
    const handle = await open(path, OPEN_FLAGS);
    try {
      const stats = await handle.stat({ bigint: true });
      if (stats.isFile()) {
        const file = new FollowedFile(handle, path, idOf(stats), splitter);
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

  get lag(): number {
    return Math.max(0, this.#size - this.#position);
  }

  /** A read may give something that the last one did not. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Takes note of how the file looks from outside. */
  note(stats: BigIntStats): void {
    if (this.#seen?.size === stats.size && this.#seen.mtime === stats.mtimeNs) return;
    this.#seen = { size: stats.size, mtime: stats.mtimeNs };
    this.#size = Number(stats.size);
    this.#changed = true;
  }

  /** Looks at the open file itself, which may have no path any more. */
  async look(): Promise<void> {
    this.note(await this.#handle.stat({ bigint: true }));
  }

  /** Goes on where a checkpoint was; false if this is not the file that it spoke of, or it was rewritten. */
  async resume(record: FileRecord): Promise<boolean> {
    const head = await this.#bytes(0, record.head.length);
    const mark = await this.#bytes(record.position - record.mark.length, record.mark.length);
    if (printOf(head).hash !== record.head.hash || printOf(mark).hash !== record.mark.hash) return false;
    this.#head = record.head;
    this.#position = record.position;
    this.#mark = mark;
    this.#lineMark = mark;
    this.#recordMark = mark;
    this.#splitter.startAt(record.position, head, record.encoding);
    return true;
  }

  /** Leaves out what is there already, but for a last line that is not complete yet. */
  async skipToEnd(): Promise<void> {
    const head = await this.#bytes(0, Math.min(ENCODING_HEAD_BYTES, this.#size));
    const { unit, lastNewline } = this.#splitter.encodingOf(head);
    const start = Math.max(0, this.#size - (this.#size % unit) - CHUNK_BYTES);
    const bytes = await this.#bytes(start, this.#size - start);
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
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#position - known);
    if (bytesRead < known || !buffer.subarray(0, known).equals(this.#mark)) {
      this.#restart(counts);
      counts.truncations++;
      return 'truncated';
    }
    const bytes = bytesRead - known;
    const full = bytesRead === buffer.length;
    this.#changed = full;
    if (bytes === 0) return 'nothing';
    const { unfinished, unfinishedLine } = this.#splitter;
    this.#splitter.push(buffer.subarray(known, bytesRead), counts);
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

  /** Completes the fingerprint of a file that was shorter than it when it was last read. */
  async identify(): Promise<void> {
    const length = Math.min(HEAD_BYTES, this.#position);
    if (this.#head.length < length) this.#head = printOf(await this.#bytes(0, length));
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
      position: this.#position - this.#splitter.unfinished,
      head: this.#head,
      mark: printOf(this.#recordMark),
      finished,
      encoding: this.#splitter.markedEncoding,
    };
  }

  async close(): Promise<void> {
    this.#splitter.reset();
    await this.#handle.close();
  }

  #restart(counts: FileCounts): void {
    // The lines of an open record are in no file any more.
    this.finishRecord(counts);
    this.#position = 0;
    this.#mark = EMPTY;
    this.#lineMark = EMPTY;
    this.#recordMark = EMPTY;
    this.#head = NOTHING;
    this.#splitter.reset();
    this.#changed = true;
  }

  /** Fewer bytes than asked for if the file ends before. */
  async #bytes(start: number, length: number): Promise<Buffer> {
    if (length === 0) return EMPTY;
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  }
}
