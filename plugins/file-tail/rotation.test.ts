import path from 'node:path';
import { MemoryState, openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import plugin from './index.ts';
import {
  CollectorProcess,
  type Exposed,
  followToEnd,
  NUMBERED,
  sumUpTo,
  temporaryFolder,
  Writer,
} from './test/support.ts';
import type { Mode } from './test/writer.ts';

const LINES = 6000;

describe('at thousands of lines a second, no line is lost and none counted twice', () => {
  const modes: Mode[] = [
    'append',
    'rename',
    'rename-and-hold',
    'unlink',
    'symlink',
    'copytruncate',
    'truncate-and-refill',
  ];
  for (const mode of modes) {
    it(`through ${mode}`, async () => {
      await using folder = await temporaryFolder();
      const file = path.join(folder.path, 'app.log');
      await using collector = await openForTest(plugin, { files: [file], patterns: NUMBERED });
      using writer = new Writer(file, mode, LINES);
      const { value, errors } = await followToEnd(collector, writer);
      expect(errors).toEqual([]);
      expect([value('lines_total'), value('numbers_total')]).toEqual([LINES, sumUpTo(LINES)]);
      expect(value('file_tail_lines_total', { path: file })).toBe(LINES);
      const generations = writer.result?.generations ?? 0;
      if (mode !== 'append') expect(generations).toBeGreaterThan(1);
      const truncates = mode === 'copytruncate' || mode === 'truncate-and-refill';
      const rotates = mode !== 'append' && !truncates;
      expect(value('file_tail_rotations_total', { path: file })).toBe(rotates ? generations : 0);
      expect(value('file_tail_truncations_total', { path: file })).toBe(truncates ? generations : 0);
    });
  }

  it('when the rotated names match the glob too', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    await using collector = await openForTest(plugin, { files: [`${file}*`], patterns: NUMBERED });
    using writer = new Writer(file, 'rename-and-hold', LINES);
    const { value } = await followToEnd(collector, writer);
    expect([value('lines_total'), value('numbers_total')]).toEqual([LINES, sumUpTo(LINES)]);
  });

  it('when the collector is closed and opened again in the middle', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    const state = new MemoryState();
    const config = { files: [file], patterns: NUMBERED };
    using writer = new Writer(file, 'rename-and-hold', LINES);
    for (let opened = 1; opened <= 20 && writer.result === undefined; opened++) {
      await using collector = await openForTest(plugin, config, { state });
      const { value } = await collector.collect();
      writer.counted(value('lines_total') ?? 0);
    }
    await using collector = await openForTest(plugin, config, { state });
    const { value } = await followToEnd(collector, writer);
    expect([value('lines_total'), value('numbers_total')]).toEqual([LINES, sumUpTo(LINES)]);
  });

  it('when the collector is killed again and again; and no counter goes backwards', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    const config = { files: [`${file}*`], patterns: NUMBERED };
    const state = path.join(folder.path, 'state');
    using writer = new Writer(file, 'rename-and-hold', LINES, 700);
    const exposed: Exposed[] = [];
    const open = () =>
      new CollectorProcess(state, config, (now) => {
        exposed.push(now);
        writer.counted(now.count);
      });
    for (let killed = 1; killed <= 6; killed++) {
      const collector = open();
      await collector.until(({ count }) => count >= killed * 800);
      await collector.kill();
    }
    const last = open();
    await last.until(({ count }) => writer.result !== undefined && count >= LINES);
    await last.kill();
    const counts = exposed.map(({ count }) => count);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(exposed.at(-1)).toEqual({ count: LINES, sum: sumUpTo(LINES) });
  });
});
