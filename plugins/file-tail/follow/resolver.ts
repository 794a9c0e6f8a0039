import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '@dynamic-informer/sdk';
import { type Activity, throughGate } from './gate.ts';
import { type Mount, Mounts } from './mounts.ts';

const KEPT_MS = 10_000;
const MAX_LINKS = 40;

/**
 * Finds out which file system a path leads to before anything there is asked for: what hangs behind a symbolic link must
 * not hold up the file system that the link is on.
 */
export class Resolver {
  readonly #mounts = new Mounts();
  #known = new Map<string, string>();
  #since = Number.NEGATIVE_INFINITY;

  /** Forgets what may have changed meanwhile. */
  refresh(): void {
    this.#mounts.refresh();
    const now = systemClock.monotonic();
    if (now - this.#since < KEPT_MS) return;
    this.#since = now;
    this.#known = new Map();
  }

  /** The file system that holds what a path leads to, or would hold it; asks one file system after the other. */
  async mountOf(file: string, activity: Activity): Promise<Mount> {
    const links = { left: MAX_LINKS };
    for (let part = file; ; part = path.dirname(part)) {
      try {
        return this.#mounts.at(await this.#real(part, activity, links));
      } catch {
        // What can not be looked at is not beyond the folder that it is in.
        if (part === path.dirname(part)) return this.#mounts.at(part);
      }
    }
  }

  /** The file system of a name in a folder that is no link, and whose own file system is known. */
  mountIn(folder: string, inFolder: Mount, name: string): Mount {
    const real = path.join(this.#known.get(folder) ?? folder, name);
    return this.#mounts.isPoint(real) ? this.#mounts.at(real) : inFolder;
  }

  /** The file system of a path whose links are not known. */
  at(file: string): Mount {
    return this.#mounts.at(this.#known.get(path.dirname(file)) ?? path.dirname(file));
  }

  /** The file system of a device as `stat` gives it; undefined if there is none, or if parts of it have numbers of their own. */
  mounted(dev: string): Mount | undefined {
    return this.#mounts.ofDevice(dev);
  }

  /** It is still there; looks now. */
  isMounted(mount: Mount): boolean {
    this.#mounts.refresh(0);
    return this.#mounts.has(mount.device);
  }

  async #real(file: string, activity: Activity, links: { left: number }): Promise<string> {
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const parent = path.dirname(file);
    if (parent === file) return file;
    const here = await this.#real(parent, activity, links);
    const real = await this.#behind(path.join(here, path.basename(file)), activity, links);
    this.#known.set(file, real);
    return real;
  }

  /** Where a path leads whose folders are no links; a place where something is mounted is none either. */
  async #behind(at: string, activity: Activity, links: { left: number }): Promise<string> {
    if (this.#mounts.isPoint(at)) return at;
    activity.path = at;
    const folder = path.dirname(at);
    const target = await throughGate(this.#mounts.at(folder).device, activity, async () =>
      (await lstat(at)).isSymbolicLink() ? readlink(at) : undefined,
    );
    if (target === undefined) return at;
    if (links.left-- === 0) throw new Error('too many symbolic links');
    return this.#real(path.resolve(folder, target), activity, links);
  }
}
