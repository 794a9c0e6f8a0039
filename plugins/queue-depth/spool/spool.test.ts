import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openForTest } from '@dynamic-informer/sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../test/support/temp.ts';
import plugin from '../index.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder('spool');
});
afterEach(() => folder[Symbol.asyncDispose]());

async function write(name: string, content = 'x'): Promise<string> {
  const path = join(folder.path, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const open = (config: object = {}) =>
  openForTest(plugin, { broker: 'spool', path: '.', ...config }, { directory: folder.path });

async function collectOnce(config?: object) {
  await using collector = await open(config);
  return await collector.collect();
}

async function depths(config: object): Promise<Record<string, number>> {
  const { exposition } = await collectOnce(config);
  const lines = exposition.matchAll(/^queue_depth{.*queue="([^"]*)".*} (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, queue, value]) => [queue, Number(value)]));
}

describe('what counts', () => {
  it('is the files of the folder, called as the folder, wherever it is named', async () => {
    await write('jobs/1');
    await write('jobs/2');
    expect(await depths({ path: 'jobs' })).toEqual({ jobs: 2 });
    const url = pathToFileURL(join(folder.path, 'jobs')).href;
    expect(await depths({ path: undefined, url })).toEqual({ jobs: 2 });
  });

  it('is not what is hidden or still being written, unless that is said', async () => {
    for (const name of ['a', '.b', 'c.tmp', 'd.part', '.git/e', 'done.old']) await write(`in/${name}`);
    const everything = { queues: ['in'], recursive: true };
    expect(await depths(everything)).toEqual({ in: 2 });
    expect(await depths({ ...everything, skip: ['*.old'] })).toEqual({ in: 3 });
    expect(await depths({ ...everything, skip_hidden: false, skip: [] })).toEqual({ in: 6 });
  });

  it('is one queue for each sub folder or glob', async () => {
    for (const name of [
      'in/1.json',
      'in/deep/2.json',
      'in/deep/3.xml',
      'eu/out/4',
      'us/out/5',
      'us/out/x/6',
    ]) {
      await write(name);
    }
    const queues = [
      'in',
      { name: 'all in', match: 'in', recursive: true },
      'in/**/*.json',
      '*/out/*',
      { name: 'xml', match: 'in/deep/*.{xml,csv}' },
    ];
    expect(await depths({ queues })).toEqual({
      in: 1,
      'all in': 3,
      'in/**/*.json': 2,
      '*/out/*': 2,
      xml: 1,
    });
  });

  it('is a symbolic link itself, never what it leads to', async () => {
    await write('elsewhere/1');
    await mkdir(join(folder.path, 'in'));
    await symlink('../elsewhere', join(folder.path, 'in/link'));
    await symlink('nowhere', join(folder.path, 'in/dangling'));
    expect(await depths({ queues: ['in'], recursive: true })).toEqual({ in: 2 });
  });
});

it('says how old the oldest file is and how many bytes wait, and 0 when all is done', async () => {
  const old = await write('in/old', '12345');
  await write('in/new', '123');
  const hourAgo = Date.now() / 1000 - 3600;
  await utimes(old, hourAgo, hourAgo);
  await using collector = await open({ queues: ['in'] });
  const labels = { broker: 'spool', queue: 'in' };
  const look = async () => {
    const { value } = await collector.collect();
    const hours = Math.floor((value('queue_oldest_age_seconds', labels) ?? Number.NaN) / 3600);
    return [value('queue_depth', labels), value('queue_bytes', labels), hours];
  };
  expect(await look()).toEqual([2, 8, 1]);
  await rm(old);
  expect(await look()).toEqual([1, 3, 0]);
  await rm(join(folder.path, 'in/new'));
  expect(await look()).toEqual([0, 0, 0]);
});

it('is undisturbed by files and folders that come and go while it looks', async () => {
  await using collector = await open({ recursive: true });
  await write('stays');
  let going = true;
  const churn = (async () => {
    for (let n = 0; going; n++) {
      const path = await write(`dir${n % 7}/${n}`);
      await rm(n % 3 === 0 ? dirname(path) : path, { recursive: true });
    }
  })();
  for (let round = 0; round < 30; round++) {
    const { outcome, errors, value } = await collector.collect();
    expect([outcome, errors]).toEqual(['ok', []]);
    expect(value('queue_depth')).toBeGreaterThanOrEqual(1);
  }
  going = false;
  await churn;
});

it('says what it can not count, and counts the rest', async () => {
  for (const name of ['in/1', 'in/2', 'out/1']) await write(name);
  const { outcome, errors, value } = await collectOnce({
    queues: ['in', 'out', 'gone', 'out/1'],
    max_entries: 1,
  });
  expect(outcome).toBe('partial');
  expect(errors.map(({ message }) => message).sort()).toEqual([
    `${folder.path}: queue "gone": ${join(folder.path, 'gone')} does not exist`,
    `${folder.path}: queue "in": there are more than 1 folder entries to look at`,
    `${folder.path}: queue "out/1": ${join(folder.path, 'out/1')} is not a folder`,
  ]);
  expect(value('queue_depth', { queue: 'out' })).toBe(1);
});

it('stops at its deadline', async () => {
  await Promise.all(Array.from({ length: 500 }, (_, n) => write(`in/${n}`)));
  const queues = Array.from({ length: 400 }, (_, n) => ({ name: `q${n}`, match: 'in' }));
  await using collector = await open({ queues });
  expect((await collector.collect({ timeoutMs: 20 })).outcome).toBe('timeout');
});

it('refuses a configuration that names no folder, two, or one outside', async () => {
  const messageOf = (config: object) => collectOnce(config).then(String, (error) => (error as Error).message);
  expect(await messageOf({ path: undefined })).toBe('config: names no folder');
  expect(await messageOf({ url: 'file:///tmp' })).toBe('config.url: the folder is given here and in path');
  expect(await messageOf({ path: undefined, url: 'http://x/y' })).toBe(
    'config.url: is not the file:// URL of a folder on this machine',
  );
  expect(await messageOf({ queues: ['../etc'] })).toBe('config.queues.0: leads out of the folder');
});
