import {
  appendFileSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { MemoryState, openForTest, type TestCollector } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import { missingForFuse, mountStoppable } from '../../test/support/fuse.ts';
import { waitFor } from '../../test/support/wait.ts';
import plugin from './index.ts';
import { temporaryFolder } from './test/support.ts';

const WORDS = [
  { match: '^(?<word>\\w+)', metrics: [{ name: 'words_total', type: 'counter', labels: { word: 'word' } }] },
];
const missing = missingForFuse();

/** A folder `good` that always answers, and `bad`, which shows what is in `.behind` and can be stopped. */
async function twoFileSystems() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const at = (name: string) => path.join(folder.path, name);
  for (const name of ['good', '.behind']) mkdirSync(at(name));
  const mount = stack.use(await mountStoppable(at('.behind'), at('bad')));
  const owned = stack.move();
  return { at, mount, stack: owned, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Collects until this word was counted so often. */
const counted = (collector: TestCollector, word: string, times: number) =>
  waitFor(
    async () => {
      const collected = await collector.collect();
      return collected.value('words_total', { word }) === times && collected;
    },
    { what: `${times} × ${word}`, timeout: 60_000 },
  );

/** Waits until one call to a file system is all that has not returned: more than that never get fewer while it hangs. */
const onlyOneHangs = () =>
  waitFor(() => process.getActiveResourcesInfo().filter((name) => name.startsWith('FSReq')).length === 1, {
    what: 'one call under way',
    interval: 1,
  });

describe.skipIf(missing)(`a file system that hangs${missing ? ` (not run: needs ${missing})` : ''}`, () => {
  it('keeps nothing else waiting, is named, and its files go on exactly where they were', {
    timeout: 120_000,
  }, async () => {
    await using folders = await twoFileSystems();
    const { at, mount } = folders;
    const state = new MemoryState();
    writeFileSync(at('.behind/a.log'), 'bad\n');
    writeFileSync(at('good/a.log'), 'good\n');
    symlinkSync(at('bad/a.log'), at('good/link.log'));
    const config = { files: [at('bad/*.log'), at('*/a.log'), at('good/*.log')], patterns: WORDS };
    const collector = await openForTest(plugin, config, { state });
    folders.stack.use(collector);
    await counted(collector, 'bad', 1);

    mount.stop();
    for (const name of ['.behind/a.log', '.behind/new.log']) appendFileSync(at(name), 'bad\nbad\n');
    appendFileSync(at('good/a.log'), 'good\n');
    writeFileSync(at('good/new.log'), 'good\n');
    const hanging = await counted(collector, 'good', 3);
    expect(hanging.value('words_total', { word: 'bad' })).toBe(1);
    const said = await waitFor(
      async () => {
        const collected = await collector.collect();
        return collected.value('file_tail_hanging_files') === 2 && collected;
      },
      { what: 'both paths to count as hanging', timeout: 60_000 },
    );
    expect(said.outcome).toBe('partial');
    expect(said.errors).toEqual([
      {
        code: 'TARGET_FAILED',
        class: 'target',
        message: expect.stringMatching(
          `^${at('bad')}.*: its file system has not answered for more than 1 s\\.$`,
        ),
        fix: 'Look at the mount and at the server behind it. Reading goes on where it was when it answers.',
      },
    ]);
    expect(said.value('file_tail_files')).toBe(3);
    appendFileSync(at('good/new.log'), 'good\n');
    await counted(collector, 'good', 4);

    await collector.pause();
    {
      await using successor = await openForTest(plugin, config, { state });
      expect((await successor.collect()).value('words_total', { word: 'good' })).toBe(4);
    }
    await collector.resume();
    await onlyOneHangs();

    mount.go();
    const back = await counted(collector, 'bad', 5);
    expect(back.value('words_total', { word: 'good' })).toBe(4);
    await waitFor(async () => (await collector.collect()).outcome === 'ok', { what: 'an end of the errors' });
    expect((await collector.collect()).value('words_total', { word: 'bad' })).toBe(5);
    expect((await collector.collect()).value('file_tail_hanging_files')).toBe(0);
  });

  it('is asked once by all resources together, and those that open then follow what answers', {
    timeout: 120_000,
  }, async () => {
    await using folders = await twoFileSystems();
    const { at, mount } = folders;
    for (const name of ['.behind/a.log', '.behind/b.log', 'good/a.log']) writeFileSync(at(name), 'old\n');
    mount.stop();
    const config = {
      files: [at('bad/a.log'), at('bad/b.log'), at('bad/*/c.log'), at('**/a.log'), at('good/a.log')],
      read_from: 'end',
      patterns: WORDS,
    };
    const opened = await Promise.all([1, 2, 3, 4].map(() => openForTest(plugin, config)));
    for (const collector of opened) folders.stack.use(collector);
    for (const name of ['.behind/a.log', 'good/a.log']) appendFileSync(at(name), 'new\n');
    for (const collector of opened) {
      const hanging = await counted(collector, 'new', 1);
      expect(hanging.errors).toHaveLength(1);
      expect(hanging.value('file_tail_hanging_files')).toBeGreaterThan(0);
    }
    await onlyOneHangs();
    mount.go();
    for (const collector of opened) {
      // What was there when it was seen first is left out.
      await waitFor(async () => (await collector.collect()).value('file_tail_files') === 3, {
        what: 'three files',
        timeout: 60_000,
      });
    }
    appendFileSync(at('.behind/b.log'), 'late\n');
    for (const [index, collector] of opened.entries()) {
      const { value } = await counted(collector, 'late', 1);
      expect([index, value('words_total', { word: 'old' })]).toEqual([index, undefined]);
    }
  });

  it('does not hide a rotation in it, nor a link that is turned to it', { timeout: 120_000 }, async () => {
    await using folders = await twoFileSystems();
    const { at, mount } = folders;
    writeFileSync(at('.behind/app.log'), 'one\n');
    writeFileSync(at('good/there.log'), 'one 2\n');
    symlinkSync(at('good/there.log'), at('good/link.log'));
    const config = { files: [at('bad/app.log'), at('good/link.log')], patterns: WORDS };
    const collector = await openForTest(plugin, config);
    folders.stack.use(collector);
    await counted(collector, 'one', 2);
    mount.stop();
    appendFileSync(at('.behind/app.log'), 'two 1\n');
    renameSync(at('.behind/app.log'), at('.behind/app.log.1'));
    writeFileSync(at('.behind/app.log'), 'two 2\n');
    unlinkSync(at('good/link.log'));
    writeFileSync(at('.behind/linked.log'), 'two 3\n');
    symlinkSync(at('bad/linked.log'), at('good/link.log'));
    appendFileSync(at('good/there.log'), 'three\n');
    await counted(collector, 'three', 1);
    mount.go();
    const { value } = await counted(collector, 'two', 3);
    expect([value('words_total', { word: 'one' }), value('words_total', { word: 'three' })]).toEqual([2, 1]);
  });

  it('goes on where it was when it is mounted anew, with another number of its device', {
    timeout: 120_000,
  }, async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => path.join(folder.path, name);
    mkdirSync(at('.behind'));
    writeFileSync(at('.behind/app.log'), 'one\nhalf ');
    const first = await mountStoppable(at('.behind'), at('bad'));
    const device = statSync(at('bad/app.log')).dev;
    await using collector = await openForTest(plugin, { files: [at('bad/*.log')], patterns: WORDS });
    await counted(collector, 'one', 1);
    await first[Symbol.asyncDispose]();
    await using _ = await mountStoppable(at('.behind'), at('bad'));
    expect(statSync(at('bad/app.log')).dev).not.toBe(device);
    appendFileSync(at('.behind/app.log'), 'line\ntwo\n');
    const { value } = await counted(collector, 'two', 1);
    expect([value('words_total', { word: 'one' }), value('words_total', { word: 'half' })]).toEqual([1, 1]);
    expect(value('file_tail_open_files')).toBe(1);
  });
});
