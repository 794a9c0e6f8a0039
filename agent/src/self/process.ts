import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { counter, gauge, info, type Sample } from '@dynamic-informer/sdk';

const cpu = counter('process_cpu_seconds_total', 'User and system CPU time of the agent, in seconds.');
const resident = gauge('process_resident_memory_bytes', 'Resident memory size in bytes.');
const started = gauge(
  'process_start_time_seconds',
  'Start time of the process since the Unix epoch, in seconds.',
);
const openFiles = gauge('process_open_fds', 'Number of open file descriptors.');
const maxFiles = gauge('process_max_fds', 'Maximum number of open file descriptors.');
const heapTotal = gauge('nodejs_heap_size_total_bytes', "Size of V8's heap.");
const heapUsed = gauge('nodejs_heap_size_used_bytes', "Used part of V8's heap.");
const external = gauge('nodejs_external_memory_bytes', "Memory of objects that live outside V8's heap.");
const utilization = gauge(
  'nodejs_eventloop_utilization_ratio',
  'Share of the time since the last scrape in which the event loop was busy.',
);
const version = info('nodejs_version_info', 'The version of Node.js.', ['version']);

export const processMetrics = [
  cpu,
  resident,
  started,
  openFiles,
  maxFiles,
  heapTotal,
  heapUsed,
  external,
  utilization,
  version,
];

/** The soft limit of open files; it does not change while a process runs, unless somebody sets it. */
const fileLimit = Number(/^Max open files\s+(\d+)/m.exec(readOr('/proc/self/limits', ''))?.[1] ?? Number.NaN);

let lastUtilization = performance.eventLoopUtilization();

/** Values of this process, with the names that client libraries use. */
export function* sampleProcess(): Iterable<Sample> {
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  const now = performance.eventLoopUtilization();
  yield cpu.sample((user + system) / 1e6);
  yield resident.sample(memory.rss);
  yield started.sample(performance.timeOrigin / 1000);
  yield heapTotal.sample(memory.heapTotal);
  yield heapUsed.sample(memory.heapUsed);
  yield external.sample(memory.external);
  yield utilization.sample(performance.eventLoopUtilization(now, lastUtilization).utilization);
  yield version.sample({ version: process.version });
  if (!Number.isNaN(fileLimit)) {
    yield maxFiles.sample(fileLimit);
    yield openFiles.sample(readdirSync('/proc/self/fd').length);
  }
  lastUtilization = now;
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
