import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { exposed } from '../../../test/support/exposed.ts';
import { promtoolCheckMetrics } from '../../../test/support/prometheus.ts';
import { runProgram } from '../../../test/support/run-program.ts';
import { processCollector } from './process.ts';

const CLIENT_GOLANG = [
  'process_cpu_seconds_total',
  'process_max_fds',
  'process_network_receive_bytes_total',
  'process_network_transmit_bytes_total',
  'process_open_fds',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'process_virtual_memory_bytes',
  'process_virtual_memory_max_bytes',
];

it('exposes what client_golang exposes on Linux, and promtool has nothing to say', async () => {
  const { text, series } = exposed(processCollector());
  expect(Object.keys(series).sort()).toEqual(CLIENT_GOLANG);
  expect(await promtoolCheckMetrics(text)).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('gives what the system says of the process', async () => {
  const { series } = exposed(processCollector());
  const { stdout: limits } = await runProgram('/bin/sh', ['-c', 'ulimit -n; ulimit -v']);
  const [files, kibibytes] = limits.trim().split('\n');
  expect(String(series.process_max_fds)).toBe(files);
  expect(series.process_virtual_memory_max_bytes).toBe(
    kibibytes === 'unlimited' ? 2 ** 64 : Number(kibibytes) * 1024,
  );
  const { stdout: ps } = await runProgram('/bin/ps', ['-o', 'vsz=,rss=,etimes=', '-p', String(process.pid)]);
  const [vsz, rss, elapsed] = ps.trim().split(/\s+/).map(Number) as [number, number, number];
  expect(series.process_virtual_memory_bytes).toBeGreaterThan(vsz * 1024 * 0.9);
  expect(series.process_virtual_memory_bytes).toBeLessThan(vsz * 1024 * 1.1);
  expect(series.process_resident_memory_bytes).toBeGreaterThan(rss * 1024 * 0.5);
  expect(series.process_resident_memory_bytes).toBeLessThan(rss * 1024 * 2);
  expect(Math.abs(Date.now() / 1000 - elapsed - (series.process_start_time_seconds ?? 0))).toBeLessThan(30);
});

it('counts the descriptors that are open at the moment of a collect', () => {
  const collector = processCollector();
  const before = exposed(collector).series.process_open_fds ?? Number.NaN;
  const files = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
  expect(exposed(collector).series.process_open_fds).toBe(before + 20);
  for (const file of files) closeSync(file);
  expect(exposed(collector).series.process_open_fds).toBe(before);
});

it('counts what goes over the network, and CPU time, ever upwards, and starts once', async () => {
  const collector = processCollector();
  const before = exposed(collector).series;
  const server = createServer((socket) => socket.end(Buffer.alloc(500_000))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1').resume();
  await once(socket, 'close');
  server.close();
  const after = exposed(collector).series;
  const grown = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  expect(grown('process_network_receive_bytes_total')).toBeGreaterThan(500_000);
  expect(grown('process_network_transmit_bytes_total')).toBeGreaterThan(500_000);
  expect(grown('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(grown('process_start_time_seconds')).toBe(0);
});
