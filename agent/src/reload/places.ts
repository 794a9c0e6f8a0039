import { lstat, readlink } from 'node:fs/promises';
import { isAbsolute, join, parse, sep } from 'node:path';

/** Like the kernel's own bound: more links than this are a circle. */
const MAX_LINKS = 40;

/** By folder or file, all without links in their paths: the names in it that matter, or `all` of what happens to it. */
export type Places = Map<string, Set<string> | 'all'>;

/**
 * Adds every folder in which a name decides where a path leads: those on the way, those that links lead through,
 * and what is at the end. On a path that is not there yet, it gets as far as there is something.
 */
export async function addPlaces(places: Places, path: string): Promise<void> {
  let { root: here } = parse(path);
  const rest = namesOf(path.slice(here.length));
  let links = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '..') {
      here = join(here, name);
      continue;
    }
    const names = places.get(here);
    if (names === undefined) places.set(here, new Set([name]));
    else if (names !== 'all') names.add(name);
    const next = join(here, name);
    const target = await linkTarget(next);
    if (target === undefined) return;
    if (target === '') {
      here = next;
      continue;
    }
    if (++links > MAX_LINKS) return;
    if (isAbsolute(target)) here = parse(target).root;
    rest.unshift(...namesOf(isAbsolute(target) ? target.slice(here.length) : target));
  }
  places.set(here, 'all');
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
