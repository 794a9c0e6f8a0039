import { cpus, freemem, hostname, loadavg, machine, release, totalmem, type, uptime, version } from 'node:os';
import { counter, gauge } from '@dynamic-informer/sdk';
import type { PartName } from './config.ts';
import { FILESYSTEM_METRICS, readMount, SizeReader } from './filesystem.ts';
import { LOADS } from './load.ts';
import type { Part } from './part.ts';
import { bootTime } from './system.ts';
import { unameInfo } from './uname.ts';

const cpuSeconds = counter('node_cpu_seconds_total', 'Seconds that a CPU spent in each mode.', [
  'cpu',
  'mode',
]);
const memoryTotal = gauge('node_memory_total_bytes', 'Memory of the machine; on macOS.');
const memoryFree = gauge('node_memory_free_bytes', 'Memory that nothing uses; on macOS.');

const MODES = { user: 'user', nice: 'nice', sys: 'system', idle: 'idle' } as const;

/** What Node.js itself knows of a Mac; node_exporter's names there. */
export const DARWIN_PARTS: Partial<Record<PartName, Part>> = {
  cpu: {
    metrics: [cpuSeconds],
    open: () => async () =>
      cpus().flatMap(({ times }, i) =>
        Object.entries(MODES).map(([key, mode]) =>
          cpuSeconds.sample(times[key as keyof typeof MODES] / 1000, { cpu: String(i), mode }),
        ),
      ),
  },
  memory: {
    metrics: [memoryTotal, memoryFree],
    open: () => async () => [memoryTotal.sample(totalmem()), memoryFree.sample(freemem())],
  },
  load: {
    metrics: LOADS,
    open: () => async () => loadavg().map((value, i) => (LOADS[i] ?? LOADS[0]).sample(value)),
  },
  filesystem: {
    metrics: FILESYSTEM_METRICS,
    open() {
      const reader = new SizeReader();
      const root = { device: '/', mountpoint: '/', fstype: 'apfs', readonly: false };
      return async (reading) => readMount(root, '/', reader, reading);
    },
  },
  system: {
    metrics: [bootTime],
    open() {
      // Worked out once: the difference of two clocks that are read one after the other wobbles.
      const booted = Math.round(Date.now() / 1000 - uptime());
      return async () => [bootTime.sample(booted)];
    },
  },
  uname: {
    metrics: [unameInfo],
    open: () => async () => [
      unameInfo.sample({
        sysname: type(),
        release: release(),
        version: version(),
        machine: machine(),
        nodename: hostname(),
        domainname: '',
      }),
    ],
  },
};
