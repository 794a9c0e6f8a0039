import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '@dynamic-informer/sdk';
import { excluder, type FileScope, type FoundFile, idOf, isAbsence, lookAt, unreadable } from './discover.ts';
import type { FollowedFile } from './file.ts';
import { birthOf, HEAD_BYTES, type Print, printOf } from './print.ts';
import { type FileRecord, type Records, unread } from './records.ts';
import { isArchive, originalsOf } from './rotated-name.ts';

/** What is followed and known, and how to follow more. */
export interface Roster {
  readonly files: ReadonlyMap<string, FollowedFile>;
  readonly records: Records;
  /** undefined if there is no file any more. */
  open(path: string): Promise<FollowedFile | undefined>;
  /** Reads a file to its end that no path of its own leads to. */
  adopt(file: FollowedFile): void;
}

/** What a file that nobody saw at its path is newer than. */
export interface Since {
  /** The last birth that is known there, in ns since 1970; 0 if it is not known. */
  readonly birth: bigint;
  /** The last change of that file, in ns since 1970; undefined if it is not known. */
  readonly mtime?: bigint | undefined;
  /** When somebody looked last, in ms since 1970; undefined if that was just now. */
  readonly lookedAtMs: number | undefined;
}

/** Times of files may be so much older than those that a program sees. */
const CLOCK_TICK_MS = 20;
/** How often a folder is listed again whose files go while they are looked at. */
const TRIES = 5;

const newestFirst = (one: FoundFile, other: FoundFile): number =>
  Number(isArchive(one.path)) - Number(isArchive(other.path)) ||
  Number(other.stats.mtimeNs - one.stats.mtimeNs);

const looksOf = ({ stats }: FoundFile) => ({
  id: idOf(stats),
  birth: String(birthOf(stats)),
  size: Number(stats.size),
  mtime: String(stats.mtimeNs),
});

const startsLike = (first: Buffer | undefined, { length, hash }: Print): boolean =>
  first !== undefined &&
  length > 0 &&
  length <= first.length &&
  printOf(first.subarray(0, length)).hash === hash;

/** Finds content again that its path does not lead to any more: renamed, copied, or compressed. */
export class Recovery {
  readonly #roster: Roster;
  readonly #excluded: (file: string) => boolean;
  readonly #logger: Logger;
  /** What was listed was gone when it was opened. */
  #vanished = false;

  constructor(roster: Roster, scope: FileScope, logger: Logger) {
    this.#roster = roster;
    this.#excluded = excluder(scope);
    this.#logger = logger;
  }

  /** Looks in their folders for files that were renamed; what is found is read to its end. */
  async renamed(missing: readonly FileRecord[]): Promise<void> {
    for (const found of await this.#beside(missing.map((record) => record.path))) {
      const record = this.#recordOf(found);
      if (record === undefined || record.finished || this.#roster.files.has(record.id)) continue;
      if (isArchive(found.path)) this.#roster.records.add({ ...record, path: found.path });
      else await this.#follow(found, record);
    }
  }

  /**
   * Looks for copies of content that is gone, plain or compressed; what is found is read from where the content was left.
   * @returns what was not found
   */
  async copied(lost: readonly FileRecord[]): Promise<FileRecord[]> {
    let gone = lost.filter(({ head }) => head.length > 0);
    await this.#untilStill(async () => {
      const rotated = await this.#rotatedFrom(gone.flatMap(({ path: at, label }) => [at, label]));
      const missing: FileRecord[] = [];
      for (const record of gone) {
        const candidates = [...(rotated.get(record.path) ?? []), ...(rotated.get(record.label) ?? [])];
        const copy = await this.#firstThatHolds(candidates, record);
        if (copy === undefined) missing.push(record);
        // A file that is copied and truncated again before anybody sees it leaves more copies, made later.
        else if (!isArchive(copy.path)) {
          const since = { birth: birthOf(copy.stats), lookedAtMs: undefined };
          await this.#readLater(record.label, candidates, since);
        }
      }
      gone = missing;
    });
    return [...gone, ...lost.filter(({ head }) => head.length === 0)];
  }

  /** Looks for files that were at a path and were rotated away before anybody saw them there. */
  async unseen(paths: ReadonlyMap<string, Since>): Promise<void> {
    await this.#untilStill(async () => {
      for (const [label, candidates] of await this.#rotatedFrom([...paths.keys()])) {
        const since = paths.get(label);
        if (since) await this.#readLater(label, candidates, since);
      }
    });
  }

  /** Follows a compressed file that appeared while nobody looked, unless its content is known. */
  async readWhole(found: FoundFile): Promise<void> {
    if (!this.#isKnown(found)) await this.#readWhole(found, found.path);
  }

  /** Opens the next compressed file of which something is left to read, and says whether there was one: they are unpacked one by one. */
  async unpackNext(): Promise<boolean> {
    for (const record of this.#roster.records.values()) {
      if (record.finished || !isArchive(record.path)) continue;
      if (this.#roster.files.has(record.id)) return true;
      if (await this.#follow({ path: record.path }, record)) return true;
      this.#roster.records.add({ ...record, finished: true });
      this.#logger.warn(
        `${record.path}: does not hold what was read before; its further lines are not counted.`,
      );
    }
    return false;
  }

  /** Does something with what is in folders again if it was renamed, or compressed and removed, meanwhile. */
  async #untilStill(search: () => Promise<void>): Promise<void> {
    for (let left = TRIES; left > 0; left--) {
      this.#vanished = false;
      await search();
      if (!this.#vanished) return;
    }
  }

  async #readLater(label: string, candidates: readonly FoundFile[], since: Since): Promise<void> {
    for (const found of candidates) {
      if (isLater(found, since) && !this.#isKnown(found) && !this.#excluded(found.path)) {
        await this.#readWhole(found, label);
      }
    }
  }

  async #firstThatHolds(
    candidates: readonly FoundFile[],
    record: FileRecord,
  ): Promise<FoundFile | undefined> {
    for (const found of candidates) {
      if (this.#roster.files.has(idOf(found.stats))) continue;
      if (!isArchive(found.path)) {
        if (await this.#follow(found, record)) return found;
      } else if (startsLike(await this.#first(found), record.head)) {
        this.#roster.records.delete(record.id);
        this.#roster.records.add({ ...record, ...looksOf(found), path: found.path });
        return found;
      }
    }
    return undefined;
  }

  async #readWhole(found: FoundFile, label: string): Promise<void> {
    const { files, records } = this.#roster;
    const record = unread({ ...looksOf(found), path: found.path, label });
    const first = await this.#first(found);
    const isKnown = [...files.values(), ...records.values()].some(
      // What is known of a short file is all of it.
      ({ head }) => startsLike(first, head) && (head.length === HEAD_BYTES || head.length === first?.length),
    );
    const isCopied = await this.#isCopied(label, first);
    if (isKnown || isCopied) records.add({ ...record, finished: true });
    else if (isArchive(found.path)) records.add(record);
    else await this.#follow(found, record);
  }

  /** The file that is followed at a path begins so now. */
  async #isCopied(label: string, first: Buffer | undefined): Promise<boolean> {
    if (first === undefined) return false;
    for (const file of this.#roster.files.values()) {
      if (file.retired || file.path !== label) continue;
      if ((await file.first(first.length)).equals(first)) return true;
    }
    return false;
  }

  async #follow({ path: at }: { readonly path: string }, record: FileRecord): Promise<boolean> {
    const file = await this.#open(at);
    if (file === undefined) return false;
    if (this.#roster.files.has(file.id) || !(await file.resume(record).catch(() => false))) {
      await file.close();
      return false;
    }
    this.#roster.records.delete(record.id);
    file.label = record.label;
    this.#roster.adopt(file);
    return true;
  }

  async #open(at: string): Promise<FollowedFile | undefined> {
    try {
      return await this.#roster.open(at);
    } catch (error) {
      if (isAbsence(error)) this.#vanished = true;
      else this.#logger.warn(unreadable(at, error).message);
      return undefined;
    }
  }

  /** The first bytes of the file; if it is compressed, of its content. */
  async #first({ path: at }: FoundFile): Promise<Buffer | undefined> {
    const file = await this.#open(at);
    try {
      return await file?.first(HEAD_BYTES);
    } finally {
      await file?.close();
    }
  }

  #recordOf({ stats }: FoundFile): FileRecord | undefined {
    return this.#roster.records.of({ id: idOf(stats), birth: birthOf(stats) });
  }

  #isKnown(found: FoundFile): boolean {
    return this.#roster.files.has(idOf(found.stats)) || this.#recordOf(found) !== undefined;
  }

  /** The files in the folders of these paths. */
  async #beside(paths: readonly string[]): Promise<FoundFile[]> {
    const found: FoundFile[] = [];
    for (const directory of new Set(paths.map((file) => path.dirname(file)))) {
      const names = await namesIn(directory);
      found.push(...(await lookAt(names.map((name) => path.join(directory, name)))));
    }
    return found;
  }

  /** Files with rotated names beside these paths, by the path that they may have had, the newest first. */
  async #rotatedFrom(paths: readonly string[]): Promise<Map<string, FoundFile[]>> {
    const wanted = new Set(paths);
    const originals = new Map<string, string[]>();
    for (const directory of new Set(paths.map((file) => path.dirname(file)))) {
      const names = new Set(await namesIn(directory));
      for (const name of names) {
        // What packs a file removes it when it is done.
        if (isArchive(name) && names.has(name.replace(/\.\w+$/, ''))) continue;
        const from = originalsOf(name).map((original) => path.join(directory, original));
        const matching = from.filter((original) => wanted.has(original));
        if (matching.length > 0) originals.set(path.join(directory, name), matching);
      }
    }
    const files = await lookAt([...originals.keys()]);
    const rotated = new Map<string, FoundFile[]>();
    for (const found of files.sort(newestFirst)) {
      for (const original of originals.get(found.path) ?? []) {
        rotated.set(original, [...(rotated.get(original) ?? []), found]);
      }
    }
    return rotated;
  }
}

/** A folder that can't be listed hides its files as if they were gone. */
const namesIn = (directory: string): Promise<string[]> => readdir(directory).catch((): string[] => []);

/** Made after the last file that was known, and if nobody looked for a while, changed since then. */
function isLater(found: FoundFile, since: Since): boolean {
  const birth = birthOf(found.stats);
  if (since.lookedAtMs === undefined) {
    // An archive is always young; it mostly has the time of the last change of what was packed.
    const isYoung =
      !isArchive(found.path) || (since.mtime !== undefined && found.stats.mtimeNs > since.mtime);
    return isYoung && birth > since.birth;
  }
  const changed = Number(found.stats.mtimeMs) > since.lookedAtMs - CLOCK_TICK_MS;
  return changed && (isArchive(found.path) || birth === 0n || birth > since.birth);
}
