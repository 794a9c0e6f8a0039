import type { BigIntStats } from 'node:fs';
import type { InformerError } from '@dynamic-informer/sdk';
import type { Activity } from './gate.ts';
import type { Mount } from './mounts.ts';

/** A path that the globs match, and what was behind it when its file system last answered. */
export class Watched {
  readonly path: string;
  /** It is a symbolic link. */
  link: boolean;
  /** What the link says. */
  target: string | undefined;
  /** It has been there since the resource was opened; false once it was looked at. */
  existing: boolean;
  /** The file system that it leads to. */
  mount: Mount | undefined;
  /** Finds that out. */
  placing: Activity | undefined;
  placedAt = Number.NEGATIVE_INFINITY;
  /** The regular file that it leads to. */
  stats: BigIntStats | undefined;
  /** That file under any name. */
  id = '';
  /** Why what it leads to is not followed. */
  skipped: string | undefined;
  /** Why it can not be looked at; `stats` are from before then. */
  problem: InformerError | undefined;
  /** The last look found something else than the one before. */
  fresh = false;
  changedAt = Number.NEGATIVE_INFINITY;
  /** When it is to be looked at again. */
  lookAt = Number.NEGATIVE_INFINITY;

  constructor(path: string, link: boolean, existing: boolean) {
    this.path = path;
    this.link = link;
    this.existing = existing;
  }
}
