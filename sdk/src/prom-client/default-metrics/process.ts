import { readdirSync, readFileSync } from 'node:fs';
import type { Gauge } from '../gauge.ts';
import type { LabelValues } from '../types.ts';
import type { MetricMaker } from './maker.ts';

/** The processor time that the process used since the metric was made. */
export function processCpuTotal(make: MetricMaker): void {
  const { labels } = make;
  let last = process.cpuUsage();
  const user = make.counter('process_cpu_user_seconds_total', 'Total user CPU time spent in seconds.', {
    collect() {
      const now = process.cpuUsage();
      const userSeconds = (now.user - last.user) / 1e6;
      const systemSeconds = (now.system - last.system) / 1e6;
      last = now;
      user.inc(labels, userSeconds);
      system.inc(labels, systemSeconds);
      total.inc(labels, userSeconds + systemSeconds);
    },
  });
  const system = make.counter('process_cpu_system_seconds_total', 'Total system CPU time spent in seconds.');
  const total = make.counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.');
}

export function processStartTime(make: MetricMaker): void {
  const start = Math.round(Date.now() / 1000 - process.uptime());
  const gauge = make.gauge(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
    { aggregator: 'omit', collect: () => gauge.set(make.labels, start) },
  );
}

/** Linux says more of a process's memory than Node.js does. */
export function osMemoryHeap(make: MetricMaker): void {
  const residentHelp = 'Resident memory size in bytes.';
  if (process.platform !== 'linux') {
    const resident = make.gauge('process_resident_memory_bytes', residentHelp, {
      collect: () => setOrRemove(resident, make.labels, () => process.memoryUsage.rss()),
    });
    return;
  }
  const resident = make.gauge('process_resident_memory_bytes', residentHelp, {
    collect() {
      const status = readIfPossible('/proc/self/status');
      for (const [gauge, key] of keys) {
        setOrRemove(gauge, make.labels, () => {
          const kibibytes = new RegExp(`^${key}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
          return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
        });
      }
    },
  });
  const keys: [Gauge, string][] = [
    [resident, 'VmRSS'],
    [make.gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.'), 'VmSize'],
    [make.gauge('process_heap_bytes', 'Process heap size in bytes.'), 'VmData'],
  ];
}

export function processOpenFileDescriptors(make: MetricMaker): void {
  if (process.platform !== 'linux') return;
  const gauge = make.gauge('process_open_fds', 'Number of open file descriptors.', {
    // One of them is the folder that is being read.
    collect: () => setOrRemove(gauge, make.labels, () => readdirSync('/proc/self/fd').length - 1),
  });
}

export function processMaxFileDescriptors(make: MetricMaker): void {
  const limit = /^Max open files +(\d+)/m.exec(readIfPossible('/proc/self/limits'))?.[1];
  if (limit === undefined) return;
  const gauge = make.gauge('process_max_fds', 'Maximum number of open file descriptors.', {
    collect: () => gauge.set(make.labels, Number(limit)),
  });
}

/**
 * A process that has no file descriptor left can read nothing of this: the metric is absent then, and the
 * rest of the exposition, which is wanted most at that time, is there.
 */
function setOrRemove(gauge: Gauge, labels: LabelValues<string>, read: () => number | undefined): void {
  let value: number | undefined;
  try {
    value = read();
  } catch {
    value = undefined;
  }
  if (value === undefined) gauge.remove(labels);
  else gauge.set(labels, value);
}

/** A file's text; empty where there is no such file, or none can be opened. */
function readIfPossible(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
