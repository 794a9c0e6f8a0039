import { readdirSync, readFileSync, statSync } from 'node:fs';
import { type Counter, counter, type Gauge, gauge } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import type { InstrumentCollector } from './collector.ts';

const SECONDS = { unit: 'seconds' };
const BYTES = { unit: 'bytes' };

const cpu = counter(
  'process_cpu_seconds_total',
  'Total user and system CPU time spent in seconds.',
  [],
  SECONDS,
);
const openFds = gauge('process_open_fds', 'Number of open file descriptors.');
const maxFds = gauge('process_max_fds', 'Maximum number of open file descriptors.');
const virtual = gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.', [], BYTES);
const maxVirtual = gauge(
  'process_virtual_memory_max_bytes',
  'Maximum amount of virtual memory available in bytes.',
  [],
  BYTES,
);
const resident = gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [], BYTES);
const started = gauge(
  'process_start_time_seconds',
  'Start time of the process since unix epoch in seconds.',
  [],
  SECONDS,
);
const received = counter(
  'process_network_receive_bytes_total',
  'Number of bytes that the network namespace of the process received over the network.',
  [],
  BYTES,
);
const transmitted = counter(
  'process_network_transmit_bytes_total',
  'Number of bytes that the network namespace of the process sent over the network.',
  [],
  BYTES,
);

const EVERYWHERE = [cpu, resident, started];
const ON_LINUX = [openFds, maxFds, virtual, maxVirtual, received, transmitted];

/** What client_golang gives for a limit that is not set: the largest unsigned number of 64 bits. */
const UNLIMITED = 2 ** 64;

/**
 * The metrics `process_*` of this process, with client_golang's names, in seconds and bytes.
 *
 * | metric | type | source |
 * |---|---|---|
 * | `process_cpu_seconds_total` | counter | `process.cpuUsage()`, all threads |
 * | `process_resident_memory_bytes` | gauge | `process.memoryUsage.rss()` |
 * | `process_start_time_seconds` | gauge | the clock less `process.uptime()`, once |
 * | `process_open_fds` | gauge | `/proc/self/fd` |
 * | `process_max_fds`, `process_virtual_memory_max_bytes` | gauge | the soft limits in `/proc/self/limits`; 2^64 is "unlimited" |
 * | `process_virtual_memory_bytes` | gauge | `/proc/self/stat` |
 * | `process_network_receive_bytes_total`, `process_network_transmit_bytes_total` | counter | `/proc/self/net/netstat`: of the network namespace, which is the process's own in a container |
 *
 * Where there is no `/proc`, or a file of it can't be read, the metrics that need it are left out; nothing is thrown.
 * A collect reads four small files, synchronously.
 *
 * @example
 * ```ts
 * import { Registry } from '@dynamic-informer/sdk';
 * import { processCollector } from '@dynamic-informer/sdk/instrument';
 *
 * const registry = new Registry();
 * registry.register(processCollector());
 * ```
 */
export function processCollector(): InstrumentCollector {
  // Taken once: computed at each collect it would waver with the clock.
  const startedAt = Date.now() / 1000 - process.uptime();
  return {
    describe: () => (process.platform === 'linux' ? [...EVERYWHERE, ...ON_LINUX] : EVERYWHERE),
    *collect() {
      const { user, system } = process.cpuUsage();
      yield cpu.sample((user + system) / 1e6);
      yield resident.sample(process.memoryUsage.rss());
      yield started.sample(startedAt);
      if (process.platform === 'linux') yield* collectProc();
    },
    close: () => undefined,
  };
}

function* collectProc(): Iterable<Sample> {
  yield* sampleOf(openFds, openFileDescriptors());

  const limits = read('/proc/self/limits');
  yield* sampleOf(maxFds, softLimit(limits, 'Max open files'));
  yield* sampleOf(maxVirtual, softLimit(limits, 'Max address space'));

  yield* sampleOf(virtual, virtualMemory(read('/proc/self/stat')));

  const { InOctets, OutOctets } = ipCounters(read('/proc/self/net/netstat'));
  yield* sampleOf(received, InOctets);
  yield* sampleOf(transmitted, OutOctets);
}

function* sampleOf(descriptor: Counter<never> | Gauge<never>, value: number | undefined): Iterable<Sample> {
  if (value !== undefined && !Number.isNaN(value)) yield descriptor.sample(value);
}

/** Linux 6.2 and later say the number as the folder's size; before, the names are counted. */
function openFileDescriptors(): number | undefined {
  try {
    const { size } = statSync('/proc/self/fd');
    // The listing holds a descriptor of its own.
    return size > 0 ? size : readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}

function softLimit(limits: string, name: string): number | undefined {
  const text = new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(limits)?.[1];
  if (text === undefined) return undefined;
  return text === 'unlimited' ? UNLIMITED : Number(text);
}

/** The field `vsize`, the 23rd of proc_pid_stat(5). The second, a name in parentheses, may hold blanks and parentheses. */
function virtualMemory(stat: string): number | undefined {
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const vsize = afterName[20];
  return vsize === undefined ? undefined : Number(vsize);
}

/** The pairs of lines of proc_pid_net(5)'s netstat: one with names, one with values. */
function ipCounters(netstat: string): Readonly<Record<string, number>> {
  const [names = [], values = []] = netstat
    .split('\n')
    .filter((line) => line.startsWith('IpExt:'))
    .map((line) => line.split(' '));
  return Object.fromEntries(names.slice(1).map((name, i) => [name, Number(values[i + 1])]));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
