import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { type InformerError, systemClock } from '@dynamic-informer/sdk';
import { isAbsence, unreadable } from './discover.ts';
import { Activity, PATIENCE_MS, throughGate, unanswered } from './gate.ts';
import type { Mount } from './mounts.ts';
import type { Resolver } from './resolver.ts';

/** A folder is listed again when its time of change says so, and at times in spite of it: not all file systems keep that. */
const LIST_EVERY_MS = 30_000;
/** A change so soon after the listing may have the same time as what was listed. */
const COARSEST_TIME_MS = 2000;

/** What a name stands for; `file` is everything that leads no further. */
export type EntryKind = 'folder' | 'file' | 'link';

/** The names in one folder, as they were when its file system last answered. */
export class Folder {
  readonly path: string;
  readonly activity = new Activity();
  /** It has been there since the resource was opened, and so has what its first listing holds. */
  opening: boolean;
  mount: Mount | undefined;
  entries: ReadonlyMap<string, EntryKind> | undefined;
  /** Why it can not be listed. */
  problem: InformerError | undefined;
  /** The last pass that asked for a listing and got it. */
  listedFor = 0;
  /** It has to be listed; where a glob only may lead, a closed folder is as good as none. */
  readonly #needed: boolean;
  readonly #resolver: Resolver;
  readonly #onChange: () => void;
  #pending: Promise<void> | undefined;
  /** The last pass that asked for a listing. */
  #asked = 0;
  #changedAt: bigint | undefined;
  #settled = false;
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(
    path: string,
    { opening, needed }: { opening: boolean; needed: boolean },
    resolver: Resolver,
    onChange: () => void,
  ) {
    this.path = path;
    this.opening = opening;
    this.#needed = needed;
    this.#resolver = resolver;
    this.#onChange = onChange;
  }

  /** Brings the names up to date; undefined if that is under way, or its file system is not answering. */
  refresh(pass: number): Promise<void> | undefined {
    this.#asked = pass;
    if (this.#pending !== undefined || unanswered(this.mount?.device, PATIENCE_MS)) return undefined;
    this.#pending = this.#refresh(pass).finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** It was asked for a listing that it did not get, and may get now. */
  get lags(): boolean {
    return this.#pending === undefined && this.listedFor < this.#asked;
  }

  async #refresh(pass: number): Promise<void> {
    const { activity } = this;
    try {
      const mount = await this.#resolver.mountOf(this.path, activity);
      this.mount = mount;
      activity.path = this.path;
      await throughGate(mount.device, activity, () => this.#list());
      this.problem = undefined;
    } catch (error) {
      this.#fail(error);
    }
    this.listedFor = pass;
  }

  /** What was listed stays as it was, unless the folder is gone. */
  #fail(error: unknown): void {
    this.#changedAt = undefined;
    if (!isAbsence(error)) {
      const isSaid = this.#needed || this.entries !== undefined;
      this.problem = isSaid ? unreadable(this.path, error) : undefined;
      return;
    }
    this.problem = undefined;
    if (this.entries?.size === 0) return;
    this.entries = new Map();
    this.#onChange();
  }

  async #list(): Promise<void> {
    const { mtimeNs } = await stat(this.path, { bigint: true });
    const now = systemClock.monotonic();
    const same = this.#changedAt === mtimeNs && this.#settled && now - this.#listedAt < LIST_EVERY_MS;
    if (same) return;
    this.activity.begin(this.path);
    const startedAt = Date.now();
    const names = await readdir(this.path, { withFileTypes: true });
    this.#changedAt = mtimeNs;
    this.#settled = startedAt - Number(mtimeNs / 1_000_000n) > COARSEST_TIME_MS;
    this.#listedAt = now;
    this.entries = new Map(names.map((entry) => [entry.name, kindOf(entry)]));
    this.#onChange();
  }
}

function kindOf(entry: Dirent): EntryKind {
  if (entry.isDirectory()) return 'folder';
  const isKnown =
    entry.isFile() ||
    entry.isFIFO() ||
    entry.isSocket() ||
    entry.isCharacterDevice() ||
    entry.isBlockDevice();
  return isKnown ? 'file' : 'link';
}
