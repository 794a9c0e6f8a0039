import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPlaces, type Places } from './places.ts';

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

/** The places inside the folder, relative to it. */
async function placesOf(path: string): Promise<Record<string, string[] | 'all'>> {
  const places: Places = new Map();
  await addPlaces(places, join(folder, path));
  const inside = [...places].filter(([place]) => place.startsWith(folder));
  return Object.fromEntries(
    inside.map(([place, names]) => [
      place.slice(folder.length + 1) || '.',
      names === 'all' ? names : [...names].sort(),
    ]),
  );
}

describe('the places that decide what a path leads to', () => {
  it('are the names on the way, and what is at its end', async () => {
    expect(await placesOf('releases/1/f')).toEqual({
      '.': ['releases'],
      releases: ['1'],
      'releases/1': ['f'],
      'releases/1/f': 'all',
    });
  });

  it('go through links as the kernel does: ".." is the parent of what a link leads to', async () => {
    expect(await placesOf('absolute')).toEqual({
      '.': ['absolute', 'current', 'releases'],
      releases: ['1', 'link'],
      'releases/1': ['f'],
      'releases/1/f': 'all',
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

  it('of several paths add up, and all of a folder outweighs some names', async () => {
    const places: Places = new Map();
    await addPlaces(places, join(folder, 'releases/1'));
    await addPlaces(places, join(folder, 'releases/1/f'));
    expect(places.get(join(folder, 'releases/1'))).toBe('all');
    expect(places.get('/')).toEqual(new Set([folder.split('/')[1]]));
  });
});
