import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { MemoryState, openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT_VERSION } from './follow/checkpoint.ts';
import plugin from './index.ts';
import { temporaryFolder } from './test/support.ts';

const PATTERNS = [
  { match: '^(?<word>\\w+)', metrics: [{ name: 'words_total', type: 'counter', labels: { word: 'word' } }] },
  { match: '^', metrics: [{ name: 'all_total', type: 'counter' }] },
];
const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } };
const PACKERS = {
  gz: (bytes: Buffer) => gzipSync(bytes),
  zst: (bytes: Buffer) => zstdCompressSync(bytes),
  br: (bytes: Buffer) => brotliCompressSync(bytes, FAST),
};
const long = (word: string, lines: number) =>
  Array.from({ length: lines }, (_, i) => `${word} ${i} ${'x'.repeat(90)}\n`).join('');

/** A log in a folder of its own, and what a collector with this configuration counts in it, opened anew each time. */
async function logFolder(config: object = {}) {
  const folder = await temporaryFolder();
  const file = path.join(folder.path, 'app.log');
  const state = new MemoryState();
  const open = () => openForTest(plugin, { files: [file], patterns: PATTERNS, ...config }, { state });
  return {
    file,
    state,
    open,
    collect: async () => {
      await using collector = await open();
      const { value, outcome } = await collector.collect();
      const messages = collector.logs.map(({ message }) => message.replaceAll(`${folder.path}/`, ''));
      return { value, outcome, messages };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function pack(file: string, extension: keyof typeof PACKERS): void {
  writeFileSync(`${file}.${extension}`, PACKERS[extension](readFileSync(file)));
  unlinkSync(file);
}

describe('which file is which', () => {
  it('another file with the number and the beginning of one that went while nobody followed is new', async () => {
    await using log = await logFolder();
    writeFileSync(log.file, 'one\n');
    await log.collect();
    unlinkSync(log.file);
    writeFileSync(log.file, 'one\ntwo\n');
    const { value } = await log.collect();
    expect(value('words_total', { word: 'one' })).toBe(2);
    expect(value('words_total', { word: 'two' })).toBe(1);
    expect(value('file_tail_suspected_lost_total', { path: log.file })).toBe(1);
  });

  it('a rewrite of the same size that changes only the beginning is noticed, a touched file is the same', async () => {
    await using log = await logFolder();
    writeFileSync(log.file, long('old', 2));
    await using collector = await log.open();
    await collector.collect();
    utimesSync(log.file, new Date(), new Date(1e12));
    expect((await collector.collect()).value('all_total')).toBe(2);
    writeFileSync(log.file, long('new', 2));
    const { value } = await collector.collect();
    expect(value('words_total', { word: 'new' })).toBe(2);
    expect(value('file_tail_truncations_total', { path: log.file })).toBe(1);
    expect(value('file_tail_suspected_lost_total', { path: log.file })).toBe(0);
  });

  it('a file that was emptied and filled beyond the offset is new, though its lines are as long and end alike', async () => {
    const lines = (word: string, count: number) =>
      Array.from({ length: count }, (_, i) => `${word} ${10 + i} ${'x'.repeat(200)}\n`).join('');
    await using log = await logFolder();
    writeFileSync(log.file, lines('old', 20));
    await using collector = await log.open();
    await collector.collect();
    writeFileSync(log.file, lines('new', 30));
    const { value } = await collector.collect();
    expect([value('words_total', { word: 'old' }), value('words_total', { word: 'new' })]).toEqual([20, 30]);
  });

  it('a file whose device has another number after a restart of the system goes on where it was', async () => {
    await using log = await logFolder();
    writeFileSync(log.file, 'one\n');
    await log.collect();
    const kept = Buffer.from((await log.state.read(CHECKPOINT_VERSION)) ?? '').toString();
    const moved = kept.replace(/"id":"\d+:/g, '"id":"9999:');
    expect(moved).not.toBe(kept);
    await log.state.write(CHECKPOINT_VERSION, Buffer.from(moved));
    appendFileSync(log.file, 'two\n');
    expect((await log.collect()).value('all_total')).toBe(2);
  });

  it('a file that was rewritten and one that was made anew while nobody followed are read from their beginning', async () => {
    await using log = await logFolder();
    writeFileSync(log.file, long('old', 30));
    await log.collect();
    truncateSync(log.file);
    appendFileSync(log.file, long('new', 60));
    const { value } = await log.collect();
    expect(value('words_total', { word: 'new' })).toBe(60);
    expect(value('file_tail_suspected_lost_total', { path: log.file })).toBe(1);
  });

  it('a file that was filled, copied and emptied since it was read empty counts by its copy', async () => {
    for (const isRestart of [false, true]) {
      await using log = await logFolder();
      writeFileSync(log.file, '');
      writeFileSync(`${log.file}.9`, 'history\n');
      utimesSync(`${log.file}.9`, new Date(1e12), new Date(1e12));
      await using collector = await log.open();
      await collector.collect();
      await collector.pause();
      appendFileSync(log.file, long('old', 30));
      copyFileSync(log.file, `${log.file}.1`);
      truncateSync(log.file);
      appendFileSync(log.file, 'new\n');
      if (isRestart) await collector.close();
      else await collector.resume();
      await using later = isRestart ? await log.open() : collector;
      await later.collect();
      const { value } = await later.collect();
      expect([value('words_total', { word: 'old' }), value('words_total', { word: 'new' })]).toEqual([30, 1]);
      expect(value('all_total')).toBe(31);
    }
  });

  it('a copy that the globs match holds nothing new, also when it is made before a truncation', async () => {
    await using log = await logFolder({ files: ['*'] });
    const files = [`${log.file}*`];
    await using collector = await openForTest(plugin, { files, patterns: PATTERNS }, { state: log.state });
    writeFileSync(log.file, long('old', 30));
    await collector.collect();
    copyFileSync(log.file, `${log.file}.1`);
    expect((await collector.collect()).value('all_total')).toBe(30);
    appendFileSync(log.file, long('more', 3));
    copyFileSync(log.file, `${log.file}.2`);
    truncateSync(log.file);
    appendFileSync(log.file, 'new\n');
    const { value } = await collector.collect();
    expect(value('words_total', { word: 'old' })).toBe(30);
    expect(value('words_total', { word: 'more' })).toBe(3);
    expect(value('words_total', { word: 'new' })).toBe(1);
  });
});

describe('what happened while nobody followed', () => {
  it('what was copied before a truncation is read on in the copy', async () => {
    await using log = await logFolder();
    writeFileSync(log.file, long('old', 30));
    await log.collect();
    appendFileSync(log.file, long('late', 5));
    copyFileSync(log.file, `${log.file}.1`);
    truncateSync(log.file);
    appendFileSync(log.file, 'new\n');
    const { value } = await log.collect();
    expect([value('words_total', { word: 'old' }), value('words_total', { word: 'late' })]).toEqual([30, 5]);
    expect(value('words_total', { word: 'new' })).toBe(1);
    expect(value('file_tail_suspected_lost_total', { path: log.file })).toBe(0);
    expect((await log.collect()).value('all_total')).toBe(36);
  });

  for (const extension of ['gz', 'zst', 'br'] as const) {
    it(`.${extension}: what was compressed is read on, and whole what came and was compressed`, async () => {
      for (const lines of [2, 3000]) {
        await using log = await logFolder();
        writeFileSync(log.file, long('old', lines));
        await log.collect();
        appendFileSync(log.file, long('late', lines));
        renameSync(log.file, `${log.file}.2`);
        pack(`${log.file}.2`, extension);
        writeFileSync(`${log.file}.1`, long('between', lines));
        pack(`${log.file}.1`, extension);
        writeFileSync(log.file, 'new\n');
        const { value } = await log.collect();
        for (const word of ['old', 'late', 'between']) {
          expect([word, value('words_total', { word })]).toEqual([word, lines]);
        }
        expect(value('file_tail_lines_total', { path: log.file })).toBe(3 * lines + 1);
        const { value: again, messages } = await log.collect();
        expect(again('all_total')).toBe(3 * lines + 1);
        expect(messages).toEqual([]);
      }
    });
  }

  it('compressed files that were there before are left out, and so are those in formats that can not be read', async () => {
    await using log = await logFolder({ files: ['app.log*'] });
    const config = { files: [`${log.file}*`], patterns: PATTERNS };
    writeFileSync(log.file, 'one\n');
    writeFileSync(`${log.file}.9`, 'history\n');
    pack(`${log.file}.9`, 'gz');
    writeFileSync(`${log.file}.8.bz2`, 'BZh');
    for (const _ of [1, 2]) {
      await using collector = await openForTest(plugin, config, { state: log.state });
      const { value } = await collector.collect();
      expect(value('all_total')).toBe(1);
      expect(value('file_tail_skipped_files')).toBe(2);
      expect(collector.logs.map(({ message }) => path.basename(message))).toEqual([
        'app.log.8.bz2: is compressed in a way that can not be read here, and is not followed. Exclude it, or name the files that are meant.',
        'app.log.9.gz: is compressed, and is not followed. Exclude it, or name the files that are meant.',
      ]);
    }
  });

  it('a damaged archive and one that unpacks to far more than a log could are named, and the others go on', async () => {
    await using log = await logFolder();
    writeFileSync(log.file, 'one\n');
    await log.collect();
    const whole = gzipSync(long('damaged', 3000));
    writeFileSync(`${log.file}.1.gz`, whole.subarray(0, whole.length / 2));
    writeFileSync(`${log.file}.2.br`, brotliCompressSync(Buffer.alloc(30_000_000), FAST));
    writeFileSync(`${log.file}.3.gz`, gzipSync('good\n'));
    renameSync(log.file, `${log.file}.4`);
    writeFileSync(log.file, 'two\n');
    await using collector = await log.open();
    let collected = await collector.collect();
    const lost = () => collected.value('file_tail_suspected_lost_total', { path: log.file }) ?? 0;
    while (lost() < 2) collected = await collector.collect();
    const { value, outcome } = collected;
    expect(outcome).toBe('ok');
    for (const word of ['one', 'two', 'good']) expect(value('words_total', { word })).toBe(1);
    expect(value('words_total', { word: 'damaged' })).toBeGreaterThan(0);
    expect(value('words_total', { word: 'damaged' })).toBeLessThan(3000);
    expect(lost()).toBe(2);
    expect(collector.logs.map(({ message }) => path.basename(message)).toSorted()).toEqual([
      'app.log.1.gz: can not be unpacked: unexpected end of file.',
      'app.log.2.br: can not be unpacked: it unpacks to more than 2000 times its size.',
    ]);
    await collector.close();
    expect((await log.collect()).messages).toEqual([]);
  });
});

describe('ignore_older', () => {
  const DAY = 86_400_000;

  it('leaves an old file alone until it changes, then takes what is new; also across a restart', async () => {
    await using log = await logFolder({ ignore_older: '24h' });
    writeFileSync(log.file, 'old\nold\n');
    utimesSync(log.file, new Date(), new Date(Date.now() - 2 * DAY));
    for (const _ of [1, 2]) {
      const { value } = await log.collect();
      expect(value('all_total')).toBe(0);
      expect(value('file_tail_open_files')).toBe(0);
      expect(value('file_tail_skipped_files')).toBe(1);
    }
    await using collector = await log.open();
    appendFileSync(log.file, 'new\n');
    expect((await collector.collect()).value('words_total', { word: 'new' })).toBe(1);
    expect((await collector.collect()).value('all_total')).toBe(1);
  });

  it('does not leave out what is left of a file that was followed before', async () => {
    await using log = await logFolder({ ignore_older: '24h' });
    const collect = async () => {
      const { value } = await log.collect();
      return [value('all_total'), value('file_tail_open_files')];
    };
    writeFileSync(log.file, 'one\n');
    expect(await collect()).toEqual([1, 1]);
    appendFileSync(log.file, 'two\n');
    utimesSync(log.file, new Date(), new Date(Date.now() - 2 * DAY));
    expect(await collect()).toEqual([2, 1]);
    expect(await collect()).toEqual([2, 0]);
    renameSync(log.file, `${log.file}.1`);
    appendFileSync(`${log.file}.1`, 'three\n');
    writeFileSync(log.file, 'four\n');
    expect(await collect()).toEqual([4, 2]);
  });
});
