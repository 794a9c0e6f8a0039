import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MemoryState, openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import { missingForMounts, mountTiny } from '../../test/support/fuse.ts';
import { missingForNobody } from '../../test/support/nobody.ts';
import { waitFor } from '../../test/support/wait.ts';
import plugin from './index.ts';
import { FileState } from './test/file-state.ts';
import { temporaryFolder } from './test/support.ts';

const NOBODY = 65_534;
const TOTAL = [{ match: '^', metrics: [{ name: 'all_total', type: 'counter' }] }];
const notRun = (missing: string | undefined) => (missing ? ` (not run: needs ${missing})` : '');

describe('what is no regular file', () => {
  it('is said and left alone, also when a file has just become it, and followed when it is one again', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => path.join(folder.path, name);
    execFileSync('mkfifo', [at('pipe.log')]);
    symlinkSync('/dev/zero', at('device.log'));
    const server = createServer().listen(at('socket.log'));
    await using _ = { [Symbol.asyncDispose]: async () => void server.close() };
    mkdirSync(at('folder.log'));
    for (const name of ['a.log', 'b.log']) writeFileSync(at(name), 'x\n');
    await using collector = await openForTest(plugin, { files: [at('*.log')], patterns: TOTAL });
    const first = await collector.collect();
    expect([first.outcome, first.value('all_total'), first.value('file_tail_skipped_files')]).toEqual([
      'ok',
      2,
      4,
    ]);
    unlinkSync(at('a.log'));
    execFileSync('mkfifo', [at('a.log')]);
    const changed = await collector.collect();
    expect([changed.outcome, changed.value('file_tail_skipped_files')]).toEqual(['ok', 5]);
    unlinkSync(at('a.log'));
    writeFileSync(at('a.log'), 'x\n');
    const back = await collector.collect();
    expect([back.value('all_total'), back.value('file_tail_skipped_files')]).toEqual([3, 4]);
    expect(statSync(at('pipe.log')).isFIFO()).toBe(true);
    const kinds = collector.logs.map(({ message }) => message.replace(`${folder.path}/`, '').split(',')[0]);
    expect(kinds.sort()).toEqual([
      'a.log: is a named pipe',
      'device.log: is a device',
      'folder.log: is a folder',
      'pipe.log: is a named pipe',
      'socket.log: is a socket',
    ]);
  });
});

const missingNobody = process.geteuid?.() === 0 ? missingForNobody() : undefined;

describe.skipIf(missingNobody)(`permissions${notRun(missingNobody)}`, () => {
  it('that are taken away hold up no other file; given back, each line counts once', async () => {
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(NOBODY);
    const folder = mkdtempSync(path.join(tmpdir(), 'file-tail-nobody-'));
    try {
      const at = (name: string) => path.join(folder, name);
      mkdirSync(at('closed'));
      for (const name of ['closed/a.log', 'file.log', 'good.log']) writeFileSync(at(name), 'one\nhalf ');
      const state = new MemoryState();
      const config = { files: [at('closed/*.log'), at('*.log')], patterns: TOTAL };
      {
        await using collector = await openForTest(plugin, config, { state });
        expect((await collector.collect()).value('all_total')).toBe(3);
        chmodSync(at('closed'), 0);
        appendFileSync(at('good.log'), 'two\n');
        const taken = await collector.collect();
        expect([taken.outcome, taken.value('all_total'), taken.value('file_tail_files')]).toEqual([
          'partial',
          4,
          3,
        ]);
        expect(taken.errors.map(({ message }) => message.replace(folder, ''))).toEqual([
          '/closed: can not be read: permission denied (EACCES).',
          '/closed/a.log: can not be read: permission denied (EACCES).',
        ]);
        expect(taken.errors[0]?.fix).toBe(
          "Give the agent's user the right to read it and to enter its folders, or exclude it.",
        );
      }
      chmodSync(at('file.log'), 0);
      await using collector = await openForTest(plugin, config, { state });
      const closed = await collector.collect();
      expect([closed.outcome, closed.value('all_total'), closed.value('file_tail_files')]).toEqual([
        'partial',
        4,
        1,
      ]);
      chmodSync(at('closed'), 0o700);
      chmodSync(at('file.log'), 0o600);
      for (const name of ['closed/a.log', 'file.log']) appendFileSync(at(name), 'two\nthree\n');
      const given = await collector.collect();
      expect([given.outcome, given.value('all_total'), given.value('file_tail_files')]).toEqual(['ok', 8, 3]);
    } finally {
      if (isRoot) process.seteuid?.(0);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const missingMounts = missingForMounts();

describe.skipIf(missingMounts)(`a full disk under the state${notRun(missingMounts)}`, () => {
  it('leaves the values as they were kept, and says so; with room again they are exact, also after a restart', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => path.join(folder.path, name);
    using _ = mountTiny(at('state'), 64 * 1024);
    writeFileSync(at('a.log'), 'x\n');
    const config = { files: [at('a.log')], patterns: TOTAL };
    const state = new FileState(at('state/file'));
    {
      await using collector = await openForTest(plugin, config, { state });
      const before = await collector.collect();
      expect([before.value('all_total'), before.value('file_tail_checkpoint_age_seconds')]).toEqual([1, 0]);
      expect(() => writeFileSync(at('state/filler'), Buffer.alloc(128 * 1024))).toThrow('ENOSPC');
      appendFileSync(at('a.log'), 'x\nx\n');
      const full = await collector.collect();
      expect([full.outcome, full.value('all_total')]).toEqual(['partial', 1]);
      expect(full.value('file_tail_checkpoint_age_seconds')).toBeGreaterThan(0);
      expect(full.errors).toEqual([
        expect.objectContaining({
          message: expect.stringMatching(/^The state can not be written, so the values stay .*ENOSPC/),
          fix: 'Make room under state_dir and let the agent write there.',
        }),
      ]);
    }
    {
      await using collector = await openForTest(plugin, config, { state });
      expect((await collector.collect()).value('all_total')).toBe(1);
      unlinkSync(at('state/filler'));
      const room = await collector.collect();
      expect([room.outcome, room.value('all_total')]).toEqual(['ok', 3]);
      expect(room.value('file_tail_checkpoint_age_seconds')).toBe(0);
    }
    await using collector = await openForTest(plugin, config, { state });
    expect((await collector.collect()).value('all_total')).toBe(3);
  });
});

const missingLimits = existsSync('/usr/bin/prlimit') ? undefined : 'prlimit';

describe.skipIf(missingLimits)(`more files than may be open${notRun(missingLimits)}`, () => {
  it('are said; the others are followed, their state is kept, and all are when there is room', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => path.join(folder.path, name);
    for (let i = 100; i < 300; i++) writeFileSync(at(`${i}.log`), 'line 1 of a log with ünïcode\n');
    const config = { files: [at('*.log')], patterns: [] };
    const script = path.join(import.meta.dirname, 'test', 'limited.ts');
    const child = fork(script, [at('state'), JSON.stringify(config)], {
      execPath: 'prlimit',
      execArgv: ['--nofile=100', process.execPath],
    });
    await using _ = { [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') };
    const collect = async (afterMs = 0) => {
      child.send(afterMs);
      const [answer] = await once(child, 'message');
      return answer as { files: number; kept: boolean; errors: string[] };
    };
    const { files, kept, errors } = await collect();
    expect(kept).toBe(true);
    expect(files).toBeGreaterThan(20);
    expect(files).toBeLessThan(100);
    expect(errors).toEqual([
      `${at(`${100 + files}.log`)} and ${199 - files} more: can not be read: ` +
        'the process has as many open files as it may have (EMFILE).',
    ]);
    for (let i = 100; i < 250; i++) unlinkSync(at(`${i}.log`));
    await waitFor(
      async () => {
        // What is gone is let go of when it has been quiet for 5 s.
        const now = await collect(5000);
        return now.errors.length === 0 && now.files === 50;
      },
      { what: 'the other files', timeout: 60_000 },
    );
  });
});

describe('a file with a long backlog', () => {
  it('does not keep the others waiting', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => path.join(folder.path, name);
    const config = { files: [at('*.log')], patterns: [] };
    await using collector = await openForTest(plugin, config);
    // Takes long to read, but no room on the disk.
    writeFileSync(at('big.log'), '');
    truncateSync(at('big.log'), 64 * 1024 ** 3);
    for (let i = 0; i < 20; i++) writeFileSync(at(`small-${i}.log`), 'x\n');
    for (;;) {
      const { value } = await collector.collect({ timeoutMs: 500 });
      const linesOf = (i: number) => value('file_tail_lines_total', { path: at(`small-${i}.log`) });
      if (!Array.from({ length: 20 }, (_, i) => linesOf(i)).every((lines) => lines === 1)) continue;
      expect(value('file_tail_lag_bytes', { path: at('big.log') })).toBeGreaterThan(1024 ** 3);
      break;
    }
  });
});
