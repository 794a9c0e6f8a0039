import { appendFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@dynamic-informer/sdk';
import { MemoryState, openForTest } from '@dynamic-informer/sdk/testing';
import { expect, it } from 'vitest';
import plugin from './index.ts';
import { temporaryFolder } from './test/support.ts';

const FILES = process.env.CHAOS === 'long' ? 10_000 : 2000;
const TOTAL = [{ match: '^', metrics: [{ name: 'all_total', type: 'counter' }] }];
/** What a resource may have if nothing is configured. */
const MAX_SERIES = 10_000;

it(`${FILES} files are followed within the limits of a resource, and leave nothing behind`, {
  timeout: 120_000,
}, async () => {
  await using folder = await temporaryFolder();
  const at = (index: number) => path.join(folder.path, `app-${String(index).padStart(5, '0')}.log`);
  const all = Array.from({ length: FILES }, (_, index) => at(index));
  for (const file of all) writeFileSync(file, 'x\n');
  let skipped = 0;
  const clock = { ...systemClock, monotonic: () => performance.now() + skipped };
  const state = new MemoryState();
  const config = { files: [path.join(folder.path, '*.log')], patterns: TOTAL };
  await using collector = await openForTest(plugin, config, { state, clock, openTimeoutMs: 60_000 });
  const collect = () => collector.collect({ timeoutMs: 60_000 });

  const first = await collect();
  expect([first.outcome, first.value('all_total'), first.value('file_tail_files')]).toEqual([
    'ok',
    FILES,
    FILES,
  ]);
  expect(first.value('file_tail_lines_total', { path: at(0) })).toBe(1);
  expect(first.value('file_tail_lines_total', { path: 'other' })).toBe(FILES - 500);
  expect(first.exposition.split('\n').filter((line) => !line.startsWith('#')).length).toBeLessThan(
    MAX_SERIES,
  );

  appendFileSync(at(7), 'x\n');
  renameSync(at(8), `${at(8)}.1`);
  appendFileSync(`${at(8)}.1`, 'x\n');
  writeFileSync(at(8), 'x\n');
  appendFileSync(at(FILES - 1), 'x\n');
  const changed = await collect();
  expect(changed.value('all_total')).toBe(FILES + 4);
  expect(changed.value('file_tail_rotations_total', { path: at(8) })).toBe(1);
  expect(changed.value('file_tail_lines_total', { path: 'other' })).toBe(FILES - 499);

  for (const file of all.slice(10)) unlinkSync(file);
  await collect();
  skipped = 5000;
  const after = await collect();
  expect([after.value('file_tail_files'), after.value('file_tail_open_files')]).toEqual([10, 10]);
  expect(after.value('all_total')).toBe(FILES + 4);
  expect(after.exposition.match(/^file_tail_lines_total/gm)).toHaveLength(11);
});
