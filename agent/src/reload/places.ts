import { lstat, readlink } from 'node:fs/promises';
import { isAbsolute, join, matchesGlob, parse, sep } from 'node:path';

/** Like the kernel's own bound: more links than this are a circle. */
const MAX_LINKS = 40;

/** The names in a folder that matter. */
export interface Names {
  readonly names?: Iterable<string>;
  /** Globs without a slash. */
  readonly patterns?: Iterable<string>;
  /** Everything that comes or goes in it but what is hidden; not what is written into what is there. */
  readonly entries?: boolean;
}

interface Wanted {
  readonly names: Set<string>;
  readonly patterns: Set<string>;
  entries: boolean;
}

/** The folders in which something may happen that matters, without links in their paths, and the names in them that do. */
export class Places {
  readonly #wanted = new Map<string, Wanted>();
  /** Where links lead, each looked at once. */
  readonly #links = new Map<string, Promise<string | undefined>>();

  get folders(): Iterable<string> {
    return this.#wanted.keys();
  }

  /**
   * Adds every folder in which a name decides where a path leads: those on the way, and those that links lead
   * through. On a path that is not there yet, it gets as far as there is something.
   * @returns the path without links; `undefined` if it leads nowhere
   */
  async add(path: string): Promise<string | undefined> {
    let { root: here } = parse(path);
    const rest = namesOf(path.slice(here.length));
    let links = 0;
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      if (name === '..') {
        here = join(here, name);
        continue;
      }
      this.#at(here).names.add(name);
      const next = join(here, name);
      const target = await this.#target(next);
      if (target === undefined) return undefined;
      if (target === '') {
        here = next;
        continue;
      }
      if (++links > MAX_LINKS) return undefined;
      if (isAbsolute(target)) here = parse(target).root;
      rest.unshift(...namesOf(isAbsolute(target) ? target.slice(here.length) : target));
    }
    return here;
  }

  /** Adds a folder, and what decides where its path leads. */
  async addFolder(path: string, { names = [], patterns = [], entries = false }: Names): Promise<void> {
    const folder = await this.add(path);
    if (folder === undefined) return;
    const wanted = this.#at(folder);
    for (const name of names) wanted.names.add(name);
    for (const pattern of patterns) wanted.patterns.add(pattern);
    wanted.entries ||= entries;
  }

  /** Whether it matters what happened to a name in a folder: that it came or went, or just what was written. */
  matters(folder: string, name: string, cameOrWent: boolean): boolean {
    const wanted = this.#wanted.get(folder);
    if (!wanted) return false;
    if (wanted.names.has(name) || (wanted.entries && cameOrWent && !name.startsWith('.'))) return true;
    for (const pattern of wanted.patterns) if (matchesGlob(name, pattern)) return true;
    return false;
  }

  #at(folder: string): Wanted {
    let wanted = this.#wanted.get(folder);
    if (!wanted) {
      wanted = { names: new Set(), patterns: new Set(), entries: false };
      this.#wanted.set(folder, wanted);
    }
    return wanted;
  }

  #target(path: string): Promise<string | undefined> {
    let target = this.#links.get(path);
    if (!target) {
      target = linkTarget(path);
      this.#links.set(path, target);
    }
    return target;
  }
}

const namesOf = (path: string): string[] => path.split(sep).filter((name) => name !== '' && name !== '.');

/** Where a link leads, '' for what is no link, `undefined` if there is nothing. */
async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : '';
  } catch {
    return undefined;
  }
}
