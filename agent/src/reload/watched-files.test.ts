import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DesiredResource } from '../resources/desired.ts';
import { CodeFiles } from './code-files.ts';
import { Places } from './places.ts';
import { WatchedFiles } from './watched-files.ts';

/** Reads as ever, and remembers what. */
class RecordedFiles extends CodeFiles {
  readonly read: string[] = [];
  override at(path: string) {
    this.read.push(path);
    return super.at(path);
  }
}

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'watched-'));
  try {
    await test(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const resource = (name: string, directory: string) =>
  ({ name, directory, fingerprint: `of ${name}` }) as DesiredResource;

it('a thousand resources that name the same files have each read once a look', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'a.txt'), '1');
    await writeFile(join(folder, 'b.txt'), '1');
    const recorded = new RecordedFiles();
    const files = new WatchedFiles(recorded);
    const resources = Array.from({ length: 1000 }, (_, n) => resource(`r${n}`, folder));
    for (const each of resources) files.learn(each, ['*.txt']);
    const look = files.look();
    const found = await Promise.all(resources.map((each) => look.withFiles(each)));
    look.take();
    const both = [join(folder, 'a.txt'), join(folder, 'b.txt')];
    expect(Object.keys(found[999]?.files ?? {})).toEqual(both);
    expect(recorded.read).toEqual(both);
    await files.lookAgain();
    expect(recorded.read).toEqual([...both, ...both]);
  }));

it('a resource has another fingerprint when a file changes, comes or goes, and the same when it is as before', () =>
  withFolder(async (folder) => {
    await mkdir(join(folder, 'd'));
    const files = new WatchedFiles();
    const one = resource('one', folder);
    const fingerprint = async () => (await files.look().withFiles(one)).fingerprint;
    expect(await fingerprint()).toBe('of one');
    files.learn(one, ['d/*.txt', 'named.txt']);
    const seen: string[] = [await fingerprint()];
    for (const [name, text] of [
      ['d/a.txt', '1'],
      ['d/a.txt', '2'],
      ['named.txt', ''],
    ] as const) {
      await writeFile(join(folder, name), text);
      seen.push(await fingerprint());
    }
    expect(new Set(seen).size).toBe(4);
    await writeFile(join(folder, 'd/a.txt'), '1');
    await rm(join(folder, 'named.txt'));
    expect(await fingerprint()).toBe(seen[1]);
  }));

it('costs nothing where no configuration names a file', () =>
  withFolder(async (folder) => {
    const files = new WatchedFiles();
    files.learn(resource('one', folder), []);
    const look = files.look();
    const one = resource('one', folder);
    expect(await look.withFiles(one)).toBe(one);
    look.take();
    const places = new Places();
    await files.addPlaces(places);
    expect([...places.folders]).toEqual([]);
    expect([files.digests, await files.lookAgain()]).toEqual([{}, new Map()]);
  }));
