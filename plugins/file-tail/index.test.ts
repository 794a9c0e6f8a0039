import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '@dynamic-informer/sdk';
import { MemoryState, openForTest, testPlugin } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHECKPOINT_VERSION } from './follow/checkpoint.ts';
import plugin from './index.ts';
import { temporaryFolder } from './test/support.ts';

const WORDS = [
  { match: '^(?<word>\\w+)', metrics: [{ name: 'words_total', type: 'counter', labels: { word: 'word' } }] },
];
const TOTAL = [{ match: '^', metrics: [{ name: 'all_total', type: 'counter' }] }];

describe('the contract', () => {
  const folder = path.join(import.meta.dirname, 'testcases');
  const config = () => ({ files: [path.join(folder, 'combined-log/access.txt')], patterns: WORDS });
  for (const check of testPlugin(plugin, { folder: import.meta.dirname, target: 'none', config })) {
    it(check.name, { timeout: check.timeout }, check.run);
  }

  it('the sample is a configuration that validates', async () => {
    const sample = parse(await readFile(path.join(import.meta.dirname, 'sample.yaml'), 'utf8')) as {
      resources: Record<string, { config: unknown }>;
    };
    for (const resource of Object.values(sample.resources)) {
      await using collector = await openForTest(plugin, resource.config);
      expect(collector.stateful).toBe(true);
    }
  });
});

describe('what is followed', () => {
  it('a file that appears later, and a folder too', async () => {
    await using folder = await temporaryFolder();
    await using collector = await openForTest(plugin, {
      files: [`${folder.path}/**/*.log`],
      patterns: TOTAL,
    });
    const before = await collector.collect();
    expect(before.errors).toEqual([]);
    expect(before.value('file_tail_files')).toBe(0);
    expect(before.value('all_total')).toBe(0);
    mkdirSync(`${folder.path}/new`);
    writeFileSync(`${folder.path}/new/a.log`, 'one\ntwo\n');
    const after = await collector.collect();
    expect(after.value('file_tail_files')).toBe(1);
    expect(after.value('all_total')).toBe(2);
    expect(collector.logs.map(({ message }) => message)).toEqual([
      `No file matches ${folder.path}/**/*.log. Files are followed as soon as they appear.`,
    ]);
  });

  it('regular files that are not excluded, each once under whatever names', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => path.join(folder.path, name);
    for (const name of ['a.log', 'b.log', 'debug-1.log', 'c.log.gz']) writeFileSync(at(name), 'x\n');
    mkdirSync(at('folder.log'));
    execFileSync('mkfifo', [at('pipe.log')]);
    symlinkSync('a.log', at('link.log'));
    await using collector = await openForTest(
      plugin,
      { files: ['*.log*'], exclude: ['debug-*', './b.log'], patterns: TOTAL },
      { directory: folder.path },
    );
    const { value, outcome } = await collector.collect();
    expect(outcome).toBe('ok');
    expect(value('all_total')).toBe(1);
    expect(value('file_tail_files')).toBe(1);
    expect(value('file_tail_skipped_files')).toBe(3);
    await collector.collect();
    expect(collector.logs.map(({ message }) => message.replace(`${folder.path}/`, ''))).toEqual([
      'c.log.gz: is compressed, and is not followed. Exclude it, or name the files that are meant.',
      'folder.log: is a folder, not a regular file, and is not followed. Exclude it, or name the files that are meant.',
      'pipe.log: is a named pipe, not a regular file, and is not followed. Exclude it, or name the files that are meant.',
    ]);
  });

  it('the others when one can not be read, and that one as soon as it can', async () => {
    await using folder = await temporaryFolder();
    const [good, bad] = [path.join(folder.path, 'good.log'), path.join(folder.path, 'bad.log')];
    writeFileSync(good, 'x\n');
    symlinkSync('bad.log', bad);
    await using collector = await openForTest(plugin, { files: [good, bad], patterns: TOTAL });
    const partial = await collector.collect();
    expect(partial.outcome).toBe('partial');
    expect(partial.errors).toEqual([
      {
        code: 'TARGET_FAILED',
        class: 'target',
        message: `${bad}: can not be read: its symbolic links lead back to themselves (ELOOP).`,
        fix: 'Point the link at a file.',
      },
    ]);
    expect(partial.value('all_total')).toBe(1);
    expect(partial.value('file_tail_unreadable_files')).toBe(1);
    unlinkSync(bad);
    writeFileSync(bad, 'x\n');
    const whole = await collector.collect();
    expect(whole.outcome).toBe('ok');
    expect(whole.value('all_total')).toBe(2);
  });

  it('from the end when told so, but whole what appears later', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => path.join(folder.path, name);
    writeFileSync(at('old.log'), 'history\nhalf a li');
    const config = { files: [at('*.log')], read_from: 'end', patterns: WORDS };
    await using collector = await openForTest(plugin, config);
    appendFileSync(at('old.log'), 'ne\nnext\n');
    writeFileSync(at('new.log'), 'next\n');
    const { value } = await collector.collect();
    expect(value('words_total', { word: 'history' })).toBeUndefined();
    expect(value('words_total', { word: 'half' })).toBe(1);
    expect(value('words_total', { word: 'next' })).toBe(2);
  });

  it('a rotated file until it is quiet; its last line counts without a newline', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, 'one\ntwo');
    let skipped = 0;
    const clock = { ...systemClock, monotonic: () => performance.now() + skipped };
    await using collector = await openForTest(plugin, { files: [file], patterns: TOTAL }, { clock });
    expect((await collector.collect()).value('all_total')).toBe(1);
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'three\n');
    const rotated = await collector.collect();
    expect(rotated.value('all_total')).toBe(2);
    expect(rotated.value('file_tail_open_files')).toBe(2);
    skipped = 5000;
    const closed = await collector.collect();
    expect(closed.value('all_total')).toBe(3);
    expect(closed.value('file_tail_open_files')).toBe(1);
  });

  it('a file that was rewritten at the same size', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, 'one\n');
    await using collector = await openForTest(plugin, { files: [file], patterns: WORDS });
    await collector.collect();
    truncateSync(file);
    appendFileSync(file, 'two\n');
    const { value } = await collector.collect();
    expect(value('words_total', { word: 'two' })).toBe(1);
    expect(value('file_tail_truncations_total', { path: file })).toBe(1);
  });
});

describe('what lines come to', () => {
  it('label values beyond the limit count as other, and are said once', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, 'a\nb\nc\nd\na\n');
    const config = { files: [file], patterns: WORDS, max_label_values: 2 };
    const state = new MemoryState();
    {
      await using collector = await openForTest(plugin, config, { state });
      const { value } = await collector.collect();
      expect(value('words_total', { word: 'a' })).toBe(2);
      expect(value('words_total', { word: 'other' })).toBe(2);
      expect(value('file_tail_other_label_values_total')).toBe(2);
      expect(collector.logs).toHaveLength(1);
    }
    appendFileSync(file, 'b\ne\n');
    await using collector = await openForTest(plugin, config, { state });
    const { value } = await collector.collect();
    expect(value('words_total', { word: 'b' })).toBe(2);
    expect(value('words_total', { word: 'other' })).toBe(3);
  });

  it('files beyond max_file_series are one in the metrics, also after a restart, and go without a trace', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => path.join(folder.path, name);
    const state = new MemoryState();
    const config = { files: [at('*.log')], patterns: TOTAL, max_file_series: 2 };
    for (const name of ['a.log', 'b.log', 'c.log', 'd.log']) writeFileSync(at(name), 'x\n');
    {
      await using collector = await openForTest(plugin, config, { state });
      const { value } = await collector.collect();
      expect(value('file_tail_lines_total', { path: at('a.log') })).toBe(1);
      expect(value('file_tail_lines_total', { path: 'other' })).toBe(2);
      expect(value('file_tail_lag_bytes', { path: 'other' })).toBe(0);
      expect(collector.logs.map(({ level, message }) => `${level}: ${message}`)).toEqual([
        'warn: More than 2 files: the further ones count under path="other". ' +
          'Raise max_file_series (and the max_series of the resource), or follow fewer files in one resource.',
      ]);
    }
    for (const name of ['a.log', 'b.log', 'c.log', 'd.log']) appendFileSync(at(name), 'x\n');
    let skipped = 0;
    const clock = { ...systemClock, monotonic: () => performance.now() + skipped };
    await using collector = await openForTest(plugin, config, { state, clock });
    const { value } = await collector.collect();
    expect(value('file_tail_lines_total', { path: at('b.log') })).toBe(2);
    expect(value('file_tail_lines_total', { path: 'other' })).toBe(4);
    for (const name of ['a.log', 'b.log', 'c.log', 'd.log']) unlinkSync(at(name));
    await collector.collect();
    skipped = 5000;
    const after = await collector.collect();
    expect(after.value('file_tail_open_files')).toBe(0);
    expect(after.exposition.match(/^file_tail_lines_total.*$/gm)).toEqual([
      'file_tail_lines_total{path="other"} 4',
    ]);
  });

  it('what is not a number is counted and left out', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, 'took 1.5\ntook -\ntook x\ntook -3\ntook Infinity\ntook\n');
    const match = '^took(?: (?<n>\\S+))?';
    const metrics = [
      { name: 'took_total', type: 'counter', value: 'n' },
      { name: 'took_last', type: 'gauge', value: 'n' },
    ];
    await using collector = await openForTest(plugin, { files: [file], patterns: [{ match, metrics }] });
    const { value } = await collector.collect();
    expect(value('took_total')).toBe(1.5);
    expect(value('took_last')).toBe(-3);
    expect(value('file_tail_parse_errors_total')).toBe(5);
  });

  it('a half line waits for its newline, also across a restart; long lines are cut', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    const state = new MemoryState();
    const config = { files: [file], patterns: WORDS, max_line_length: 64 };
    writeFileSync(file, `${'x'.repeat(200_000)}\nhal`);
    {
      await using collector = await openForTest(plugin, config, { state });
      const { value } = await collector.collect();
      expect(value('words_total', { word: 'x'.repeat(64) })).toBe(1);
      expect(value('file_tail_oversized_lines_total', { path: file })).toBe(1);
      expect(value('file_tail_lines_total')).toBe(1);
      expect(value('file_tail_lag_bytes')).toBe(0);
    }
    appendFileSync(file, 'f\n');
    await using collector = await openForTest(plugin, config, { state });
    const { value } = await collector.collect();
    expect(value('words_total', { word: 'half' })).toBe(1);
    expect(value('file_tail_lines_total')).toBe(2);
  });
});

describe('what is kept', () => {
  it('lines that came while nobody followed count once, in a file that was rotated away too', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    const state = new MemoryState();
    const config = { files: [file], patterns: TOTAL };
    writeFileSync(file, 'one\n');
    {
      await using collector = await openForTest(plugin, config, { state });
      await collector.collect();
    }
    appendFileSync(file, 'two\n');
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'three\n');
    await using collector = await openForTest(plugin, config, { state });
    expect((await collector.collect()).value('all_total')).toBe(3);
  });

  it('nothing that can not be kept is exposed', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    class FullState extends MemoryState {
      full = false;
      override async write(version: number, bytes: Uint8Array): Promise<void> {
        if (this.full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return super.write(version, bytes);
      }
    }
    const state = new FullState();
    writeFileSync(file, 'one\n');
    await using collector = await openForTest(plugin, { files: [file], patterns: TOTAL }, { state });
    expect((await collector.collect()).value('all_total')).toBe(1);
    state.full = true;
    appendFileSync(file, 'two\n');
    const full = await collector.collect();
    expect(full.value('all_total')).toBe(1);
    expect(full.outcome).toBe('partial');
    expect(full.errors[0]?.message).toMatch(/^The state can not be written, .*no space left/);
    state.full = false;
    const after = await collector.collect();
    expect(after.value('all_total')).toBe(2);
    expect(after.errors).toEqual([]);
  });

  it('a paused collector changes nothing, its successor goes on, and its close does not take that back', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    const state = new MemoryState();
    const config = { files: [file], patterns: TOTAL };
    writeFileSync(file, 'one\n');
    const old = await openForTest(plugin, config, { state });
    await old.collect();
    await old.pause();
    appendFileSync(file, 'two\n');
    expect((await old.collect()).value('all_total')).toBe(1);
    {
      await using successor = await openForTest(plugin, config, { state });
      expect((await successor.collect()).value('all_total')).toBe(2);
      await old.close();
    }
    await using third = await openForTest(plugin, config, { state });
    expect((await third.collect()).value('all_total')).toBe(2);
  });

  it('a collector that resumes goes on where it was', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, 'one\n');
    await using collector = await openForTest(plugin, { files: [file], patterns: TOTAL });
    await collector.collect();
    await collector.pause();
    appendFileSync(file, 'two\n');
    await collector.resume();
    expect((await collector.collect()).value('all_total')).toBe(2);
  });

  it('a file that was rewritten while nobody followed is read from its beginning', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    const state = new MemoryState();
    const config = { files: [file], patterns: WORDS };
    writeFileSync(file, 'old\n');
    {
      await using collector = await openForTest(plugin, config, { state });
      await collector.collect();
    }
    truncateSync(file);
    appendFileSync(file, 'new\nnew\n');
    await using collector = await openForTest(plugin, config, { state });
    const { value } = await collector.collect();
    expect(value('words_total', { word: 'new' })).toBe(2);
    expect(value('words_total', { word: 'old' })).toBe(1);
  });

  it('bytes that are no state start it anew, and it says so', async () => {
    await using folder = await temporaryFolder();
    const state = new MemoryState();
    await state.write(CHECKPOINT_VERSION, Buffer.from('{"files": 3}'));
    await using collector = await openForTest(plugin, { files: [`${folder.path}/*.log`] }, { state });
    expect((await collector.collect()).outcome).toBe('ok');
    expect(collector.logs[0]).toMatchObject({
      level: 'warn',
      message: 'The state can not be read: it has another form. Counters and offsets start anew.',
    });
  });
});
