import path from 'node:path';
import type { Clock } from '@dynamic-informer/sdk';
import type { PathCounts } from '../file-counts.ts';
import { deviceOf, type FoundFile, idOf } from './discover.ts';
import type { FollowedFile } from './file.ts';
import { birthOf, HEAD_BYTES } from './print.ts';
import { type FileRecord, type Records, unread } from './records.ts';
import type { Since } from './recovery.ts';
import { originalsOf } from './rotated-name.ts';

export interface PlacementOptions {
  /** When the resource was opened, in ms since 1970. */
  readonly openedAt: number;
  readonly files: ReadonlyMap<string, FollowedFile>;
  readonly records: Records;
  /** Records of files on devices that are there no more, of all devices. */
  readonly strays: Records;
  readonly counts: PathCounts;
  readonly ignoreOlderMs: number | undefined;
  readonly clock: Clock;
}

/** What a checkpoint tells. */
export interface Start {
  /** The labels of files that were not found where they were. */
  readonly missing: readonly string[];
  /** For each label when the last of its files was made, in ns since 1970. */
  readonly births: ReadonlyMap<string, bigint>;
  /** When somebody looked last, in ms since 1970. */
  readonly lookedAt: number;
}

const nsOf = (ms: number): bigint => BigInt(Math.round(ms)) * 1_000_000n;

/** Says of a file that a path has come to lead to what it is, and from where on it is new. */
export class Placement {
  readonly #options: PlacementOptions;
  /** What holds nothing that its original does not hold, by identity, with the size that it had when that was found. */
  readonly #copies = new Map<string, bigint>();
  /** Files too old to be opened, by identity. */
  readonly #ignored = new Set<string>();
  /** What truncations took away last, by path. */
  readonly #lost = new Map<string, FileRecord>();
  /** The file that each path led to last. */
  readonly #last = new Map<string, FollowedFile>();
  /** Paths that have come to lead to another file, or to one at all, each with the file before. */
  readonly #succeeded = new Map<string, FollowedFile | undefined>();
  /** Paths whose files were filled, having been empty, and what copies that were made meanwhile are newer than. */
  readonly #filled = new Map<string, Since>();
  /** Copies can be told only from what was known before. */
  knowsBefore = false;
  /** What is there already is left out. */
  skipExisting = false;

  constructor(options: PlacementOptions) {
    this.#options = options;
  }

  get ignored(): ReadonlySet<string> {
    return this.#ignored;
  }

  noteFilled({ label }: FollowedFile): void {
    if (!this.#filled.has(label)) this.#filled.set(label, this.#sinceLastCopy(label));
  }

  /**
   * Where files may have come and gone since the last call, and what such ones are newer than.
   * @param start when the resource was just opened: what a checkpoint tells
   */
  takeUnseen(start?: Start): Map<string, Since> {
    const { records, openedAt } = this.#options;
    const since = new Map(this.#filled);
    const births = start?.births ?? (this.#succeeded.size > 0 ? records.lastBirths() : undefined);
    for (const label of new Set([...this.#succeeded.keys(), ...(start?.missing ?? [])])) {
      const before = this.#succeeded.get(label);
      const birth = before?.birth ?? births?.get(label);
      if (start) since.set(label, { birth: birth ?? 0n, lookedAtMs: start.lookedAt });
      // Nothing was there when the resource was opened.
      else if (birth === undefined) since.set(label, { birth: nsOf(openedAt), lookedAtMs: openedAt });
      else if (birth > 0n) since.set(label, { birth, mtime: before?.mtime, lookedAtMs: undefined });
    }
    this.#filled.clear();
    this.#succeeded.clear();
    return since;
  }

  /** Copies that were there before the resource was opened are not new, whatever they hold. */
  #sinceLastCopy(label: string): Since {
    const { records, files, openedAt } = this.#options;
    let birth = nsOf(openedAt);
    for (const file of [...records.values(), ...files.values()]) {
      const isCopy = file.label === label && file.path !== label;
      if (isCopy && BigInt(file.birth) > birth) birth = BigInt(file.birth);
    }
    return { birth, lookedAtMs: undefined };
  }

  /** Forgets all files but these. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#ignored) if (!ids.has(id)) this.#ignored.delete(id);
  }

  /** What a truncation of the file at a path took away: a copy of it may turn up. */
  noteLost(record: FileRecord): void {
    this.#lost.set(record.path, record);
  }

  noteFollowed(file: FollowedFile): void {
    this.#copies.delete(file.id);
    if (!file.retired) this.#last.set(file.path, file);
  }

  noteClosed(file: FollowedFile): void {
    for (const at of [file.path, file.label]) if (this.#last.get(at) === file) this.#last.delete(at);
  }

  /** There is no use in opening it. */
  leavesOut(found: FoundFile): boolean {
    const id = idOf(found.stats);
    const copied = this.#copies.get(id);
    if (copied !== undefined && (copied >= HEAD_BYTES || copied === found.stats.size)) return true;
    const isIgnored = this.#isTooOld(id, found);
    if (isIgnored) this.#ignored.add(id);
    else this.#ignored.delete(id);
    return isIgnored;
  }

  /** Moves an opened file to where it is new; false if nothing in it is. */
  async place(file: FollowedFile): Promise<boolean> {
    const { records, counts } = this.#options;
    const record = records.of(file) ?? this.#onAnotherDevice(file);
    if (record && (await this.#resume(file, record))) return true;
    if (await this.#isCopy(file)) {
      this.#copies.set(file.id, BigInt(file.size));
      return false;
    }
    const numbered = records.get(file.id);
    const before = records.setAside(file.id);
    if (before && !before.finished) this.noteLost(before);
    if (record && !record.finished && record === numbered) counts.of(file.label).truncations++;
    else if (counts.has(file.path)) {
      counts.of(file.label).rotations++;
      this.#noteSuccession(file.path);
    } else if (this.skipExisting) {
      await file.skipTo();
      return true;
    } else if (this.knowsBefore) this.#noteSuccession(file.path);
    await file.expect();
    return true;
  }

  #noteSuccession(at: string): void {
    if (!this.#succeeded.has(at)) this.#succeeded.set(at, this.#last.get(at));
  }

  async #resume(file: FollowedFile, record: FileRecord): Promise<boolean> {
    if (record.head.length === 0 && record.position > 0) {
      // It was too old to be opened, and has changed since.
      if (file.size < record.position) return false;
      await file.skipTo(record.position);
    } else if (!(await file.resume(record))) return false;
    file.label = record.label;
    this.#options.records.delete(record.id);
    this.#options.strays.delete(record.id);
    // What was empty may have been filled, copied and emptied meanwhile.
    if (record.head.length === 0 && record.position === 0) this.#noteSuccession(file.path);
    return true;
  }

  /** Numbers of devices change when a system starts or mounts anew, and files move to other disks. */
  #onAnotherDevice(file: FollowedFile): FileRecord | undefined {
    const device = deviceOf(file.id);
    const { records, strays } = this.#options;
    for (const record of [...records.values(), ...strays.values()]) {
      if (record.path !== file.path || record.finished || record.head.length === 0) continue;
      if (deviceOf(record.id) !== device && !record.id.startsWith('was:')) return record;
    }
    return undefined;
  }

  /** It has a rotated name beside a followed file and begins as that one does, or did before a truncation. */
  async #isCopy(file: FollowedFile): Promise<boolean> {
    if (!this.knowsBefore) return false;
    const folder = path.dirname(file.path);
    const originals = originalsOf(path.basename(file.path)).map((name) => path.join(folder, name));
    if (!originals.some((original) => this.#options.counts.has(original))) return false;
    const isOriginal = ({ path: at }: { readonly path: string }) => originals.includes(at);
    const followed = [...this.#options.files.values()].filter((one) => isOriginal(one) && !one.retired);
    const known = [...this.#options.records.values()].filter((one) => isOriginal(one) && !one.finished);
    const first = await file.first(HEAD_BYTES);
    for (const original of followed) {
      // An empty one may be about to become a copy.
      if (first.length === 0 || (await original.first(first.length)).equals(first)) return true;
      known.push(original.record());
    }
    known.push(...originals.flatMap((original) => this.#lost.get(original) ?? []));
    for (const record of known) if (await file.continues(record)) return true;
    return false;
  }

  #isTooOld(id: string, { path: at, stats }: FoundFile): boolean {
    const { ignoreOlderMs, clock, records } = this.#options;
    if (ignoreOlderMs === undefined) return false;
    if (Number(stats.mtimeNs / 1_000_000n) >= clock.now() - ignoreOlderMs) return false;
    const size = Number(stats.size);
    const mtime = String(stats.mtimeNs);
    const record = records.of({ id, birth: birthOf(stats) });
    if (record) return record.size === size && record.mtime === mtime && record.position === size;
    const file = unread({ path: at, label: at, id, birth: String(birthOf(stats)), size, mtime });
    records.add({ ...file, position: size });
    return true;
  }
}
