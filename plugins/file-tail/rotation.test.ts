import path from 'node:path';
import { MemoryState, openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import plugin from './index.ts';
import {
  allOnce,
  CollectorProcess,
  type Counted,
  collectAll,
  countedOf,
  NUMBERED,
  temporaryFolder,
  writers,
} from './test/support.ts';
import type { Mode } from './test/writer.ts';

const LONG = process.env.CHAOS === 'long';
const LINES = LONG ? 50_000 : 5000;
/** A busy machine takes many times as long as a quiet one. */
const TIMEOUT_MS = LONG ? 600_000 : 120_000;
/** What they rotate away stays in the folder, so that nothing has to be seen in time. */
const KEEPING: Mode[] = [
  'append',
  'rename',
  'rename-and-hold',
  'rename-twice',
  'rename-and-compress',
  'symlink',
  'copytruncate',
];
const DESTROYING: Mode[] = ['unlink', 'truncate-and-refill'];

describe('at thousands of lines a second and rotations that wait for nobody, no line is lost and none counted twice', () => {
  it('in each mode of rotation', { timeout: TIMEOUT_MS }, async () => {
    const modes = [...KEEPING, ...DESTROYING];
    await using folder = await temporaryFolder();
    const config = { files: [`${folder.path}/*/app.log`], patterns: NUMBERED };
    await using collector = await openForTest(plugin, config);
    using writing = writers(folder.path, modes, LINES);
    const rotations = await writing.done;
    const { counted, errors, value } = await collectAll(collector, modes);
    expect(errors).toEqual([]);
    expect(counted).toEqual(allOnce(LINES, modes));
    for (const [index, mode] of modes.entries()) {
      const file = path.join(folder.path, mode, 'app.log');
      expect([mode, value('file_tail_lines_total', { path: file })]).toEqual([mode, LINES]);
      if (mode !== 'append') expect(rotations[index]?.generations).toBeGreaterThan(1);
    }
  });

  it('when the rotated names match the glob too', { timeout: TIMEOUT_MS }, async () => {
    await using folder = await temporaryFolder();
    const config = { files: [`${folder.path}/*/app.log*`], patterns: NUMBERED };
    await using collector = await openForTest(plugin, config);
    using writing = writers(folder.path, KEEPING, LINES);
    await writing.done;
    expect((await collectAll(collector, KEEPING)).counted).toEqual(allOnce(LINES, KEEPING));
  });

  it('when the collector is closed and opened again and again', { timeout: TIMEOUT_MS }, async () => {
    await using folder = await temporaryFolder();
    const state = new MemoryState();
    const config = { files: [`${folder.path}/*/app.log`], patterns: NUMBERED };
    await (await openForTest(plugin, config, { state })).close();
    using writing = writers(folder.path, KEEPING, LINES);
    while (!writing.areDone) {
      await using collector = await openForTest(plugin, config, { state });
      await collector.collect();
    }
    await using collector = await openForTest(plugin, config, { state });
    expect((await collectAll(collector, KEEPING)).counted).toEqual(allOnce(LINES, KEEPING));
  });

  it('when the collector is killed again and again; and no counter goes backwards', {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using folder = await temporaryFolder();
    const config = { files: [`${folder.path}/*/app.log`], patterns: NUMBERED };
    const exposed: Counted[] = [];
    const open = () =>
      new CollectorProcess(path.join(folder.path, 'state'), config, KEEPING, (now) => exposed.push(now));
    const all = allOnce(LINES, KEEPING);
    let collector = open();
    await collector.until(() => true);
    using writing = writers(folder.path, KEEPING, LINES);
    while (!writing.areDone) {
      const before = JSON.stringify(exposed.at(-1));
      await collector.until((now) => JSON.stringify(now) !== before || writing.areDone);
      await collector.kill();
      collector = open();
    }
    await collector.untilStill();
    await collector.kill();
    for (const mode of KEEPING) {
      const lines = exposed.map((counted) => counted[mode]?.[0] ?? 0);
      expect(lines).toEqual([...lines].sort((a, b) => a - b));
    }
    expect(exposed.at(-1)).toEqual(all);
  });

  it('but where a file is truncated in the middle of writing: less than half is lost, and that is suspected', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const modes: Mode[] = ['truncate-hot'];
    await using folder = await temporaryFolder();
    const config = { files: [`${folder.path}/*/app.log`], patterns: NUMBERED };
    await using collector = await openForTest(plugin, config);
    using writing = writers(folder.path, modes, LINES);
    const [rotations] = await writing.done;
    const { value } = await collectAll(collector, modes);
    const [counted] = countedOf(value, modes)['truncate-hot'] ?? [];
    const label = { path: path.join(folder.path, 'truncate-hot', 'app.log') };
    expect(value('file_tail_truncations_total', label)).toBe(rotations?.generations);
    expect(value('file_tail_suspected_lost_total', label)).toBeGreaterThan(0);
    expect(counted).toBeGreaterThanOrEqual(LINES / 2);
  });
});
