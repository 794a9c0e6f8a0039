import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import type { Gauge } from '../gauge.ts';
import { stopwatch } from '../numbers.ts';
import type { MetricMaker } from './maker.ts';

/** Delays of the event loop between two expositions. */
export function eventLoopLag(make: MetricMaker): void {
  const { labels } = make;
  const delays = monitorEventLoopDelay({ resolution: make.eventLoopPrecision });
  delays.enable();
  const gauge = (name: string, help: string, aggregator: 'min' | 'max' | 'average', collect?: () => void) =>
    make.gauge(name, help, collect ? { aggregator, collect } : { aggregator });

  const lag = gauge('nodejs_eventloop_lag_seconds', 'Lag of event loop in seconds.', 'average', () => {
    // What this finds out is shown by the next exposition.
    const elapsed = stopwatch();
    setImmediate(() => lag.set(labels, elapsed()));
    for (const [each, nanoseconds] of statistics) each.set(labels, nanoseconds() / 1e9);
    delays.reset();
  });
  const recorded = (percentile: number): [Gauge, () => number] => [
    gauge(
      `nodejs_eventloop_lag_p${percentile}_seconds`,
      `The ${percentile}th percentile of the recorded event loop delays.`,
      'average',
    ),
    () => delays.percentile(percentile),
  ];
  const statistics: [Gauge, () => number][] = [
    [
      gauge('nodejs_eventloop_lag_min_seconds', 'The minimum recorded event loop delay.', 'min'),
      () => delays.min,
    ],
    [
      gauge('nodejs_eventloop_lag_max_seconds', 'The maximum recorded event loop delay.', 'max'),
      () => delays.max,
    ],
    [
      gauge('nodejs_eventloop_lag_mean_seconds', 'The mean of the recorded event loop delays.', 'average'),
      () => delays.mean,
    ],
    [
      gauge(
        'nodejs_eventloop_lag_stddev_seconds',
        'The standard deviation of the recorded event loop delays.',
        'average',
      ),
      () => delays.stddev,
    ],
    recorded(50),
    recorded(90),
    recorded(99),
  ];
}

export function processResources(make: MetricMaker): void {
  countedByType(
    make,
    'nodejs_active_resources',
    'Number of active resources that are currently keeping the event loop alive, grouped by async resource type.',
    'Total number of active resources.',
    () => process.getActiveResourcesInfo(),
  );
}

/** Node.js has no public name for these lists. */
interface ActiveLists {
  _getActiveHandles?(): object[];
  _getActiveRequests?(): object[];
}

export function processHandles(make: MetricMaker): void {
  const { _getActiveHandles: list } = process as unknown as ActiveLists;
  if (list === undefined) return;
  countedByType(
    make,
    'nodejs_active_handles',
    'Number of active libuv handles grouped by handle type. Every handle type is C++ class name.',
    'Total number of active handles.',
    () => list.call(process).map(classOf),
  );
}

export function processRequests(make: MetricMaker): void {
  const { _getActiveRequests: list } = process as unknown as ActiveLists;
  if (list === undefined) return;
  countedByType(
    make,
    'nodejs_active_requests',
    'Number of active libuv requests grouped by request type. Every request type is C++ class name.',
    'Total number of active requests.',
    () => list.call(process).map(classOf),
  );
}

export function heapSizeAndUsed(make: MetricMaker): void {
  const { labels } = make;
  const total = make.gauge('nodejs_heap_size_total_bytes', 'Process heap size from Node.js in bytes.', {
    collect() {
      const { heapTotal, heapUsed, external } = process.memoryUsage();
      total.set(labels, heapTotal);
      used.set(labels, heapUsed);
      outside.set(labels, external);
    },
  });
  const used = make.gauge('nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.');
  const outside = make.gauge('nodejs_external_memory_bytes', 'Node.js external memory size in bytes.');
}

export function heapSpacesSizeAndUsed(make: MetricMaker): void {
  const gauge = (kind: string, collect?: () => void) =>
    make.gauge(
      `nodejs_heap_space_size_${kind}_bytes`,
      `Process heap space size ${kind} from Node.js in bytes.`,
      { labelNames: ['space'], ...(collect && { collect }) },
    );
  const total = gauge('total', () => {
    for (const statistics of getHeapSpaceStatistics()) {
      const labels = { space: statistics.space_name.replace(/_space.*$/, ''), ...make.labels };
      total.set(labels, statistics.space_size);
      used.set(labels, statistics.space_used_size);
      available.set(labels, statistics.space_available_size);
    }
  });
  const used = gauge('used');
  const available = gauge('available');
}

export function version(make: MetricMaker): void {
  const [major = 0, minor = 0, patch = 0] = process.version.slice(1).split('.').map(Number);
  const gauge = make.gauge('nodejs_version_info', 'Node.js version info.', {
    labelNames: ['version', 'major', 'minor', 'patch'],
    aggregator: 'first',
    // At each exposition, so that it is there after a reset too.
    collect: () => gauge.set({ version: process.version, major, minor, patch, ...make.labels }, 1),
  });
}

const DEFAULT_GC_BUCKETS = [0.001, 0.01, 0.1, 1, 2, 5];

const GC_KINDS: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

interface GcEntry extends PerformanceEntry {
  readonly detail: { readonly kind: number };
}

export function gc(make: MetricMaker): void {
  const histogram = make.histogram(
    'nodejs_gc_duration_seconds',
    'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
    make.gcDurationBuckets ?? DEFAULT_GC_BUCKETS,
    { labelNames: ['kind'] },
  );
  const observer = new PerformanceObserver((list) => {
    // The types of Node.js leave out what an entry of this type has.
    for (const { duration, detail } of list.getEntries() as GcEntry[]) {
      const kind = GC_KINDS.get(detail.kind);
      if (kind !== undefined) histogram.observe({ kind, ...make.labels }, duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
}

/** A gauge with the number of each type, and one with the number of all. */
function countedByType(
  make: MetricMaker,
  name: string,
  help: string,
  totalHelp: string,
  list: () => readonly string[],
): void {
  const byType = make.gauge(name, help, {
    labelNames: ['type'],
    collect() {
      byType.reset();
      for (const type of list()) byType.inc({ type, ...make.labels });
    },
  });
  const total = make.gauge(`${name}_total`, totalHelp, {
    collect: () => total.set(make.labels, list().length),
  });
}

const classOf = (value: object): string => value.constructor?.name ?? 'Object';
