import type { StatsFs } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openForTest, testPlugin } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import { program } from '../../test/support/packages.ts';
import { freePort } from '../../test/support/ports.ts';
import { startProcess } from '../../test/support/process.ts';
import { temporaryFolder } from '../../test/support/temp.ts';
import { hostConfig } from './config.ts';
import { cpu } from './cpu.ts';
import { SizeReader } from './filesystem.ts';
import host from './index.ts';
import { parseMounts } from './mounts.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const FIXTURE = {
  procfs: join(fixtures, 'proc'),
  sysfs: join(fixtures, 'sys'),
  rootfs: join(fixtures, 'root'),
};

describe('the plugin', () => {
  const options = {
    folder: import.meta.dirname,
    target: 'none',
    config: () => ({}),
    // node_exporter's, which are those of the kernel.
    foreignNames: /^node_memory_/,
  } as const;
  for (const check of testPlugin(host, options)) {
    it(check.name, { timeout: check.timeout }, check.run);
  }

  it('keeps what it can read when one file is missing, and says which', async () => {
    await using folder = await temporaryFolder('host');
    await using collector = await openForTest(host, {
      ...FIXTURE,
      procfs: folder.path,
      collect: ['load', 'uname', 'filesystem'],
      exclude: ['filesystem'],
    });
    const empty = await collector.collect();
    expect(empty.outcome).toBe('target');
    expect(empty.errors[0]?.message).toBe(`${join(folder.path, 'loadavg')} can not be read: ENOENT.`);
    await writeFile(join(folder.path, 'loadavg'), '0.25 0.50 1.00 1/100 1234\n');
    const partial = await collector.collect();
    expect(partial.outcome).toBe('partial');
    expect(partial.value('node_load15')).toBe(1);
    expect(partial.errors).toHaveLength(1);
  });
});

describe('beside node_exporter', () => {
  it('says of the same files the same, in names, labels, types and values', async () => {
    await using exporter = await startNodeExporter([
      `--path.procfs=${FIXTURE.procfs}`,
      `--path.sysfs=${FIXTURE.sysfs}`,
      `--path.rootfs=${FIXTURE.rootfs}`,
      '--no-collector.netdev.netlink',
    ]);
    await using collector = await openForTest(host, FIXTURE);
    const { errors, exposition } = await collector.collect();
    expect(errors).toEqual([]);
    const theirs = parse(await exporter.scrape());
    const ours = parse(exposition);
    expect(ours.series.size).toBeGreaterThan(100);
    // The fixture's mounts lie on this machine's disk, which others write to at the same time.
    const moves = /^node_filesystem_(avail|free|files_free)/;
    for (const [series, value] of ours.series) {
      // node_exporter asks the system for it, not the files.
      if (series.startsWith('node_uname_info')) continue;
      const expected = theirs.series.get(series);
      if (moves.test(series)) expect(within(value, expected, 0.02), series).toBe(true);
      else expect([series, value]).toEqual([series, expected]);
    }
    for (const [name, type] of ours.types) expect([name, type]).toEqual([name, theirs.types.get(name)]);
  });

  it('says of this machine the same: each of its counters lies between two readings of ours', async () => {
    await using exporter = await startNodeExporter([]);
    await using collector = await openForTest(host, { exclude: ['filesystem'] });
    const before = parse((await collector.collect()).exposition);
    const theirs = parse(await exporter.scrape());
    const after = parse((await collector.collect()).exposition);
    const shared = [...before.series.keys()].filter((series) => theirs.series.has(series));
    expect(shared.length).toBeGreaterThan(60);
    for (const series of shared) {
      const name = series.slice(0, series.indexOf('{'));
      if (before.types.get(name) !== 'counter') continue;
      const value = theirs.series.get(series) ?? Number.NaN;
      expect(value, series).toBeGreaterThanOrEqual(before.series.get(series) ?? 0);
      expect(value, series).toBeLessThanOrEqual(after.series.get(series) ?? 0);
    }
    for (const name of ['node_boot_time_seconds', 'node_memory_MemTotal_bytes', 'node_filefd_maximum']) {
      expect(before.series.get(`${name}{}`)).toBe(theirs.series.get(`${name}{}`));
    }
    const uname = [...before.series.keys()].find((series) => series.startsWith('node_uname_info'));
    expect(theirs.series.has(uname ?? '')).toBe(true);
  });
});

describe('cpu', () => {
  it('does not fall when the kernel sets idle back a little, and starts anew when a CPU was replaced', async () => {
    const text = await readFile(join(FIXTURE.procfs, 'stat'), 'utf8');
    let idle = 1000;
    const proc = async () => text.replace(/^(cpu0 \d+ \d+ \d+) \d+/m, (_, head: string) => `${head} ${idle}`);
    const read = cpu.open(defaults());
    const reading = { ...noReading(), proc };
    const idleSeconds = async () =>
      (await read(reading)).find(({ labels }) => labels.cpu === '0' && labels.mode === 'idle')?.value;
    expect(await idleSeconds()).toBe(10);
    idle = 990;
    expect(await idleSeconds()).toBe(10);
    idle = 2;
    expect(await idleSeconds()).toBe(0.02);
  });
});

describe('file systems', () => {
  it('never asks one twice at a time, and no more than two that hang', async () => {
    const reader = new SizeReader();
    const hangs = Promise.withResolvers<StatsFs>();
    const asked: string[] = [];
    const ask = (path: string) => {
      asked.push(path);
      return hangs.promise;
    };
    await expect(reader.read('/nas1', 1, ask)).rejects.toThrow('did not answer within 1 ms');
    await expect(reader.read('/nas1', 1, ask)).rejects.toThrow('has not answered since an earlier collect');
    await expect(reader.read('/nas2', 1, ask)).rejects.toThrow('did not answer within 1 ms');
    await expect(reader.read('/nas3', 1, ask)).rejects.toThrow('was not asked, for 2 others hang');
    expect(asked).toEqual(['/nas1', '/nas2']);
    hangs.resolve({ blocks: 1 } as StatsFs);
    await hangs.promise;
    expect(await reader.read('/nas1', 1_000, ask)).toEqual({ blocks: 1 });
  });

  it('takes the last of several mounts at one place, and reads octal escapes', () => {
    const text = '/dev/a /mnt ext4 rw 0 0\n/dev/b /mnt xfs ro,noatime 0 0\nx /a\\040b\\134c tmpfs rw 0 0\n';
    expect(parseMounts(text)).toEqual([
      { device: '/dev/b', mountpoint: '/mnt', fstype: 'xfs', readonly: true },
      { device: 'x', mountpoint: '/a b\\c', fstype: 'tmpfs', readonly: false },
    ]);
  });
});

const defaults = () => ({ ...hostConfig.properties }) as never;
const noReading = () => ({
  signal: AbortSignal.any([]),
  sys: async () => '',
  remaining: () => 1_000,
  error: () => {},
});

const within = (value: number, other: number | undefined, share: number) =>
  other !== undefined && Math.abs(value - other) <= Math.abs(other) * share;

/** `name{labels}` with sorted labels, by value; and the types. */
function parse(exposition: string) {
  const series = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of exposition.split('\n')) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type?.[1] && type[2]) types.set(type[1], type[2]);
    const sample = /^([a-zA-Z0-9_:]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!sample?.[1]) continue;
    const labels = [...(sample[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([pair]) => pair);
    // node_exporter multiplies milliseconds by 0.001, which leaves noise in the last digits.
    series.set(`${sample[1]}{${labels.sort().join(',')}}`, Number(Number(sample[3]).toPrecision(14)));
  }
  return { series, types };
}

async function startNodeExporter(args: string[]) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/metrics`;
  const started = await startProcess({
    command: program('prometheus-node-exporter'),
    args: [`--web.listen-address=127.0.0.1:${port}`, '--collector.netdev.device-exclude=^$', ...args],
    ready: async () => (await fetch(url)).ok,
  });
  return {
    scrape: async () => (await fetch(url)).text(),
    [Symbol.asyncDispose]: () => started.stop(),
  };
}
