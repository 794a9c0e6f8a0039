import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { type Gauge, gauge, info } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import type { InstrumentCollector } from './collector.ts';
import { EventLoopLag, EventLoopTime, lagMetrics, utilizationMetrics } from './event-loop.ts';
import { GcDurations } from './gc.ts';

const bytes = <const L extends string = never>(name: string, help: string, labels?: readonly L[]): Gauge<L> =>
  gauge(name, help, labels, { unit: 'bytes' });

const version = info('nodejs_version_info', 'The version of Node.js.', [
  'version',
  'major',
  'minor',
  'patch',
]);
const uptime = gauge('nodejs_uptime_seconds', 'How long Node.js has been running in this process.', [], {
  unit: 'seconds',
});

const heapTotal = bytes('nodejs_heap_size_total_bytes', "Size of V8's heap.");
const heapUsed = bytes('nodejs_heap_size_used_bytes', "Used part of V8's heap.");
const heapLimit = bytes('nodejs_heap_size_limit_bytes', "Size that V8's heap may not grow beyond.");
const external = bytes('nodejs_external_memory_bytes', "Memory of objects that live outside V8's heap.");
const arrayBuffers = bytes(
  'nodejs_array_buffers_memory_bytes',
  'Memory of ArrayBuffers, SharedArrayBuffers and Buffers; a part of the external memory.',
);

const spaceTotal = bytes('nodejs_heap_space_size_total_bytes', "Size of a space of V8's heap.", ['space']);
const spaceUsed = bytes('nodejs_heap_space_size_used_bytes', "Used part of a space of V8's heap.", ['space']);
const spaceAvailable = bytes(
  'nodejs_heap_space_size_available_bytes',
  "Available part of a space of V8's heap.",
  ['space'],
);

const resources = gauge(
  'nodejs_active_resources',
  'Resources that keep the event loop alive, by type: timers, sockets, requests.',
  ['type'],
);
const handles = gauge('nodejs_active_handles', 'Open handles of libuv, by class: sockets, servers, pipes.', [
  'type',
]);
const requests = gauge(
  'nodejs_active_requests',
  'Requests of libuv under way, by class: reads and writes of files, look-ups of names, connects.',
  ['type'],
);

const metrics = [
  ...[version, uptime, heapTotal, heapUsed, heapLimit, external, arrayBuffers],
  ...[spaceTotal, spaceUsed, spaceAvailable, resources, handles, requests],
];

/** What `nodeCollector` takes. */
export interface NodeCollectorOptions {
  /**
   * Seconds between two samples of the event loop's lag, default 0.05; 0 leaves the lag out. Each sample wakes the
   * process up: an idle one uses 0.1 % of a core at 0.05, 0.4 % at 0.01.
   */
  lagIntervalSeconds?: number;
}

/**
 * The metrics `nodejs_*` of this thread, in seconds and bytes; named as prom-client names them where
 * `promtool check metrics` accepts that.
 *
 * | metric | type | source |
 * |---|---|---|
 * | `nodejs_version_info{version,major,minor,patch}`, `nodejs_uptime_seconds` | info, gauge | `process` |
 * | `nodejs_gc_duration_seconds{kind}` | histogram | a PerformanceObserver |
 * | `nodejs_eventloop_lag_seconds` | histogram | `monitorEventLoopDelay`; the interval between samples is taken off |
 * | `nodejs_eventloop_time_seconds_total{state}` | counter | `performance.eventLoopUtilization`; states `active` and `idle` |
 * | `nodejs_eventloop_utilization_ratio` | gauge | the same, since the last collect: for one scraper only |
 * | `nodejs_heap_size_{total,used,limit}_bytes` | gauge | `process.memoryUsage()`, `v8.getHeapStatistics()` |
 * | `nodejs_external_memory_bytes`, `nodejs_array_buffers_memory_bytes` | gauge | `process.memoryUsage()` |
 * | `nodejs_heap_space_size_{total,used,available}_bytes{space}` | gauge | `v8.getHeapSpaceStatistics()` |
 * | `nodejs_active_{resources,handles,requests}{type}` | gauge | `process.getActiveResourcesInfo()` and its two older siblings; types without one are absent |
 *
 * Histograms and counters only grow, so several scrapers do not disturb each other. It observes from its creation
 * until `close()`, and never keeps the process alive.
 *
 * @example
 * ```ts
 * import { Registry } from '@dynamic-informer/sdk';
 * import { nodeCollector } from '@dynamic-informer/sdk/instrument';
 *
 * const registry = new Registry();
 * const node = nodeCollector({ lagIntervalSeconds: 0.02 });
 * registry.register(node);
 * // At the end: node.close();
 * ```
 */
export function nodeCollector({ lagIntervalSeconds = 0.05 }: NodeCollectorOptions = {}): InstrumentCollector {
  const gc = new GcDurations();
  const loopTime = new EventLoopTime();
  const lag = lagIntervalSeconds > 0 ? new EventLoopLag(lagIntervalSeconds) : undefined;
  return {
    describe: () => [...metrics, ...utilizationMetrics, ...(lag ? lagMetrics : []), ...gc.describe()],
    *collect() {
      yield* sampleRuntime();
      yield* sampleMemory();
      yield* loopTime.samples();
      if (lag) yield lag.sample();
      yield* gc.samples();
    },
    close() {
      lag?.close();
      gc.close();
    },
  };
}

function* sampleRuntime(): Iterable<Sample> {
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
  yield version.sample({ version: process.version, major, minor, patch });
  yield uptime.sample(process.uptime());

  for (const [type, count] of counted(process.getActiveResourcesInfo())) {
    yield resources.sample(count, { type });
  }
  for (const [type, count] of counted(namesOf('_getActiveHandles'))) yield handles.sample(count, { type });
  for (const [type, count] of counted(namesOf('_getActiveRequests'))) yield requests.sample(count, { type });
}

function* sampleMemory(): Iterable<Sample> {
  const memory = process.memoryUsage();
  yield heapTotal.sample(memory.heapTotal);
  yield heapUsed.sample(memory.heapUsed);
  yield heapLimit.sample(getHeapStatistics().heap_size_limit);
  yield external.sample(memory.external);
  yield arrayBuffers.sample(memory.arrayBuffers);
  for (const each of getHeapSpaceStatistics()) {
    const space = each.space_name.replace(/_space$/, '');
    yield spaceTotal.sample(each.space_size, { space });
    yield spaceUsed.sample(each.space_used_size, { space });
    yield spaceAvailable.sample(each.space_available_size, { space });
  }
}

/** Class names of what an undocumented function of `process` lists; other runtimes and later versions may lack it. */
function namesOf(list: '_getActiveHandles' | '_getActiveRequests'): string[] {
  const get = (process as unknown as Partial<Record<typeof list, () => object[]>>)[list];
  return (get?.call(process) ?? []).map((each) => each.constructor?.name || 'Object');
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
