import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryState, openForTest, testPlugin } from '@dynamic-informer/sdk/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../test/support/temp.ts';
import processes from './index.ts';
import { parseStat } from './procfs.ts';

describe('the plugin', () => {
  const config = () => ({ processes: [{ name: 'self', match: 'node' }] });
  const exercise = () => {
    const until = process.cpuUsage().user + 50_000;
    // Asking for the time used is the system's work, not the process's own.
    while (process.cpuUsage().user < until) for (let i = 0; i < 1_000_000; i++) Math.sqrt(i);
  };
  const options = { folder: import.meta.dirname, target: 'none', config, exercise } as const;
  for (const check of testPlugin(processes, options)) {
    it(check.name, { timeout: check.timeout }, check.run);
  }
});

describe('a real process', () => {
  it('has the memory, files, threads and start that it says itself', async () => {
    await using folder = await temporaryFolder('process');
    await writeFile(join(folder.path, 'own.pid'), `${process.pid}\n`);
    const config = { processes: [{ name: 'own', pid_file: 'own.pid' }] };
    await using collector = await openForTest(processes, config, { directory: folder.path });
    const result = await collector.collect();
    expect(result.errors).toEqual([]);
    const value = (name: string, labels = {}) =>
      result.value(`namedprocess_namegroup_${name}`, labels) ?? NaN;
    expect(value('num_procs')).toBe(1);
    const rss = process.memoryUsage.rss();
    expect(Math.abs(value('memory_bytes', { memtype: 'resident' }) - rss)).toBeLessThan(rss / 4);
    const open = readdirSync('/proc/self/fd').length;
    expect(Math.abs(value('open_filedesc') - open)).toBeLessThan(5);
    expect(value('num_threads')).toBe(readdirSync('/proc/self/task').length);
    const started = Date.now() / 1000 - process.uptime();
    expect(Math.abs(value('oldest_start_time_seconds') - started)).toBeLessThan(3);
  });

  it('keeps its CPU time in the total when it ends, and a later one adds to it', async () => {
    const mark = `mark-${process.pid}-${Date.now()}`;
    const config = { processes: [{ name: 'burners', match: mark }] };
    await using collector = await openForTest(processes, config);
    const read = async () => {
      const result = await collector.collect();
      const cpu = result.value('namedprocess_namegroup_cpu_seconds_total', { mode: 'user' }) ?? NaN;
      return { procs: result.value('namedprocess_namegroup_num_procs'), cpu };
    };
    expect(await read()).toEqual({ procs: 0, cpu: 0 });
    const first = await burn(mark);
    const one = await read();
    expect(one.procs).toBe(1);
    expect(one.cpu).toBeGreaterThanOrEqual(0.2);
    await end(first);
    const none = await read();
    expect(none).toEqual({ procs: 0, cpu: one.cpu });
    await end(
      await burn(mark).then(async (second) => {
        const two = await read();
        expect(two.procs).toBe(1);
        expect(two.cpu).toBeGreaterThanOrEqual(one.cpu + 0.2);
        return second;
      }),
    );
  });

  it('keeps its CPU time through a change of configuration, and a crash begins at zero', async () => {
    const mark = `mark-${process.pid}-${Date.now()}-kept`;
    const config = { processes: [{ name: 'burners', match: mark }] };
    const state = new MemoryState();
    const cpuOf = async (collector: Awaited<ReturnType<typeof openForTest>>) =>
      (await collector.collect()).value('namedprocess_namegroup_cpu_seconds_total', { mode: 'user' }) ?? NaN;
    const first = await openForTest(processes, config, { state });
    expect(await cpuOf(first)).toBe(0);
    const child = await burn(mark);
    const used = await cpuOf(first);
    expect(used).toBeGreaterThanOrEqual(0.2);

    await first.pause();
    const other = { processes: [...config.processes, { name: 'others', match: 'no such process' }] };
    const second = await openForTest(processes, other, { state });
    const burners = async (collector: typeof second) =>
      (await collector.collect()).value('namedprocess_namegroup_cpu_seconds_total', {
        groupname: 'burners',
        mode: 'user',
      });
    expect(await burners(second)).toBe(used);
    const [paused] = await Promise.all([cpuOf(first), burn(mark).then(end)]);
    expect(paused).toBe(used);
    expect(await cpuOf(first)).toBe(used);
    await first.close();
    // Nothing was handed over by the one that crashes now, and nothing older comes back.
    const third = await openForTest(processes, other, { state });
    expect(await burners(third)).toBe(0);
    await third.close();
    // A pattern that finds other processes is another group, whatever its name.
    const renamed = { processes: [{ name: 'burners', match: `${mark}$` }] };
    await using fourth = await openForTest(processes, renamed, { state });
    expect(await cpuOf(fourth)).toBe(0);
    await end(child);
  });

  it('starts its total anew from bytes that are no state, and says so', async () => {
    const config = { processes: [{ name: 'self', match: 'node' }] };
    const kept = (user: unknown) =>
      JSON.stringify([
        [JSON.stringify(['self', 'node', null, 'process']), { user, system: 1, lookedAt: 1, last: [] }],
      ]);
    for (const [text, reason] of [
      ['[["self",', 'Unexpected end of JSON input'],
      [kept('many'), 'it has another form'],
    ]) {
      const state = new MemoryState();
      await state.write(1, Buffer.from(text ?? ''));
      await using collector = await openForTest(processes, config, { state });
      const { errors, value } = await collector.collect();
      expect(errors).toEqual([]);
      expect(value('namedprocess_namegroup_cpu_seconds_total', { mode: 'user' })).toBe(0);
      expect(collector.logs).toMatchObject([
        {
          level: 'warn',
          message: `The state can not be read: ${reason}. What follows in it starts anew.`,
        },
      ]);
    }
  });

  it('that ran before it is watched starts at zero', async () => {
    const mark = `mark-${process.pid}-${Date.now()}-before`;
    const child = await burn(mark);
    await using collector = await openForTest(processes, { processes: [{ name: 'burner', match: mark }] });
    const result = await collector.collect();
    expect(result.value('namedprocess_namegroup_num_procs')).toBe(1);
    expect(result.value('namedprocess_namegroup_cpu_seconds_total', { mode: 'user' })).toBe(0);
    await end(child);
  });
});

describe('stat', () => {
  it('may have blanks and parentheses in the name', () => {
    const text = '42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 5 6 20 0 7 0 12345 999 10 0';
    expect(parseStat(text)).toEqual({
      pid: 42,
      name: 'a) b (c',
      state: 'S',
      parent: 1,
      userSeconds: 1.5,
      systemSeconds: 0.5,
      threads: 7,
      startTicks: 12345,
    });
  });
});

/** A process that has used a quarter of a second of CPU time and then waits for its end. */
async function burn(mark: string): Promise<ChildProcess> {
  const script =
    'while (process.cpuUsage().user < 250_000) for (let i = 0; i < 1_000_000; i++) Math.sqrt(i);' +
    'process.stdin.resume(); process.stdout.write("burnt");';
  const child = spawn(process.execPath, ['-e', script, mark], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
