import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Places } from './places.ts';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'di-places-')));
  await mkdir(join(folder, 'releases/1'), { recursive: true });
  await writeFile(join(folder, 'releases/1/f'), '');
  await symlink('releases/1', join(folder, 'current'));
  await symlink('../current/f', join(folder, 'releases/link'));
  await symlink(`${folder}/current/../link`, join(folder, 'absolute'));
  await symlink('circle', join(folder, 'circle'));
});
afterAll(() => rm(folder, { recursive: true }));

const NAMES = ['releases', '1', 'f', 'link', 'current', 'absolute', 'circle', 'none', 'deeper'];

/** The folders inside the test's, relative to it, with the names in them that matter. */
function inside(places: Places): Record<string, string[]> {
  const folders = [...places.folders].filter((place) => place.startsWith(folder));
  return Object.fromEntries(
    folders.map((place) => [
      place.slice(folder.length + 1) || '.',
      NAMES.filter((name) => places.matters(place, name, false)).sort(),
    ]),
  );
}

async function placesOf(path: string): Promise<Record<string, string[]>> {
  const places = new Places();
  await places.add(join(folder, path));
  return inside(places);
}

describe('the places that decide what a path leads to', () => {
  it('are the names on the way', async () => {
    expect(await placesOf('releases/1/f')).toEqual({
      '.': ['releases'],
      releases: ['1'],
      'releases/1': ['f'],
    });
  });

  it('go through links as the kernel does: ".." is the parent of what a link leads to', async () => {
    expect(await placesOf('absolute')).toEqual({
      '.': ['absolute', 'current', 'releases'],
      releases: ['1', 'link'],
      'releases/1': ['f'],
    });
  });

  it('end where nothing is yet', async () => {
    expect(await placesOf('current/none/deeper')).toEqual({
      '.': ['current', 'releases'],
      releases: ['1'],
      'releases/1': ['none'],
    });
  });

  it('are finite for a circle', async () => {
    expect(await placesOf('circle')).toEqual({ '.': ['circle'] });
  });

  it('of several paths add up', async () => {
    const places = new Places();
    await places.add(join(folder, 'releases/1/f'));
    await places.add(join(folder, 'releases/2'));
    await places.addFolder(join(folder, 'current'), { names: ['none'] });
    expect(inside(places)).toEqual({
      '.': ['current', 'releases'],
      releases: ['1'],
      'releases/1': ['f', 'none'],
    });
    expect(places.matters('/', String(folder.split('/')[1]), false)).toBe(true);
    expect(places.matters('/', 'none', false)).toBe(false);
  });

  it('of a folder of plugins are all that comes and goes, of one with patterns the names that match', async () => {
    const places = new Places();
    await places.addFolder(join(folder, 'releases'), { entries: true });
    await places.addFolder(folder, { patterns: ['*.yaml'] });
    const matters = (name: string, cameOrWent: boolean) =>
      [join(folder, 'releases'), folder].map((place) => places.matters(place, name, cameOrWent));
    expect(matters('new', true)).toEqual([true, false]);
    expect(matters('new', false)).toEqual([false, false]);
    expect(matters('.hidden', true)).toEqual([false, false]);
    expect(matters('a.yaml', false)).toEqual([false, true]);
    expect(matters('.a.yaml', true)).toEqual([false, false]);
  });
});
