import type { EncodingName } from '../lines/encoding.ts';
import { bornApart, NO_PRINT, type Print } from './print.ts';

/** What a checkpoint keeps of a file. */
export interface FileRecord {
  /** Where it was last seen. */
  readonly path: string;
  /** The `path` of its series: where it was first seen. */
  readonly label: string;
  readonly id: string;
  /** When it was made, in ns since 1970; "0" if that is not known. */
  readonly birth: string;
  /** Behind the last line or record that was counted; in a compressed file, of its content. */
  readonly position: number;
  /** The file's first bytes. */
  readonly head: Print;
  /** The bytes before `position`. */
  readonly mark: Print;
  /** How it looked last: its size in bytes and its time of change in ns since 1970. */
  readonly size: number;
  readonly mtime: string;
  /** It was read to its end and closed, or is given up. */
  readonly finished: boolean;
  /** What its byte order mark said, if that was not UTF-8. */
  readonly encoding?: EncodingName | undefined;
}

/** How many finished files are remembered, should they come back under another name or compressed. */
const MAX_FINISHED = 1000;

/** A file of which nothing has been counted. */
export const unread = (
  file: Pick<FileRecord, 'path' | 'label' | 'id' | 'birth' | 'size' | 'mtime'>,
): FileRecord => ({ ...file, position: 0, head: NO_PRINT, mark: NO_PRINT, finished: false });

/** Files that are not open, and how far they were read. */
export class Records {
  readonly #byId = new Map<string, FileRecord>();
  #finished = 0;

  get(id: string): FileRecord | undefined {
    return this.#byId.get(id);
  }

  /** What is known of the file with this number, unless it is certainly another. */
  of({ id, birth }: { readonly id: string; readonly birth: bigint }): FileRecord | undefined {
    const record = this.#byId.get(id);
    return record && !bornApart(BigInt(record.birth), birth) ? record : undefined;
  }

  values(): IterableIterator<FileRecord> {
    return this.#byId.values();
  }

  /** For each label when the last of its files was made, in ns since 1970; 0 if that is not known. */
  lastBirths(): Map<string, bigint> {
    const births = new Map<string, bigint>();
    for (const { label, birth } of this.#byId.values()) {
      if (BigInt(birth) >= (births.get(label) ?? 0n)) births.set(label, BigInt(birth));
    }
    return births;
  }

  /** Keeps what is known of a file whose number another one has now: its content may be found again. */
  setAside(id: string): FileRecord | undefined {
    const record = this.#byId.get(id);
    if (record === undefined) return undefined;
    const aside = { ...record, id: `was:${id}:${record.birth}` };
    this.delete(id);
    this.add(aside);
    return aside;
  }

  add(record: FileRecord): void {
    const before = this.#byId.get(record.id);
    if (before && bornApart(BigInt(before.birth), BigInt(record.birth))) this.setAside(record.id);
    this.delete(record.id);
    this.#byId.set(record.id, record);
    if (!record.finished || ++this.#finished <= MAX_FINISHED) return;
    for (const old of this.#byId.values()) {
      if (!old.finished) continue;
      this.delete(old.id);
      return;
    }
  }

  delete(id: string): void {
    if (this.#byId.get(id)?.finished) this.#finished--;
    this.#byId.delete(id);
  }
}
