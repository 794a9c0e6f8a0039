import { once } from 'node:events';
import { createServer } from 'node:net';
import { constants, PerformanceObserver, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { exposed } from '../../../test/support/exposed.ts';
import { promtoolCheckMetrics } from '../../../test/support/prometheus.ts';
import { runProgram } from '../../../test/support/run-program.ts';
import { waitFor } from '../../../test/support/wait.ts';
import type { InstrumentCollector } from './collector.ts';
import { type NodeCollectorOptions, nodeCollector } from './node.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const opened: InstrumentCollector[] = [];
const started = (options?: NodeCollectorOptions): InstrumentCollector => {
  const collector = nodeCollector(options);
  opened.push(collector);
  return collector;
};
afterEach(() => {
  for (const collector of opened.splice(0)) collector.close();
});

const majors = (collector: InstrumentCollector) =>
  exposed(collector).series['nodejs_gc_duration_seconds_count{kind="major"}'] ?? 0;
const lags = (collector: InstrumentCollector) =>
  exposed(collector).series.nodejs_eventloop_lag_seconds_count ?? 0;

/** Nothing else runs meanwhile. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

it('exposes the runtime under names that promtool accepts', async () => {
  const collector = started();
  collectGarbage();
  await waitFor(() => majors(collector) > 0, { what: 'the garbage collection to be counted' });
  const { text, series } = exposed(collector);
  const [major, minor, patch] = process.versions.node.split('.');
  const labels = `major="${major}",minor="${minor}",patch="${patch}",version="${process.version}"`;
  expect(series).toMatchObject({
    [`nodejs_version_info{${labels}}`]: 1,
    nodejs_uptime_seconds: expect.any(Number),
    nodejs_heap_size_limit_bytes: expect.any(Number),
    'nodejs_heap_space_size_used_bytes{space="old"}': expect.any(Number),
    'nodejs_eventloop_time_seconds_total{state="active"}': expect.any(Number),
  });
  expect(series.nodejs_heap_size_used_bytes).toBeLessThanOrEqual(series.nodejs_heap_size_total_bytes ?? 0);
  expect(await promtoolCheckMetrics(text)).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('counts each garbage collection once, by kind', async () => {
  const collector = started();
  let seen = 0;
  const observer = new PerformanceObserver((list) => {
    const kinds = list
      .getEntries()
      .map((entry) => (entry as unknown as { detail: { kind: number } }).detail.kind);
    seen += kinds.filter((kind) => kind === constants.NODE_PERFORMANCE_GC_MAJOR).length;
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let i = 0; i < 3; i++) collectGarbage();
  await waitFor(() => seen >= 3 && majors(collector) === seen, {
    what: 'the collector to have counted what another observer saw',
  });
  observer.disconnect();
  const { series } = exposed(collector);
  expect(series['nodejs_gc_duration_seconds_bucket{kind="major",le="+Inf"}']).toBeGreaterThanOrEqual(3);
  expect(series['nodejs_gc_duration_seconds_sum{kind="major"}']).toBeGreaterThan(0);
  expect(series['nodejs_gc_duration_seconds_sum{kind="major"}']).toBeLessThan(60);
});

it('puts a stall of the event loop into the bucket where it belongs', async () => {
  const collector = started({ lagIntervalSeconds: 0.01 });
  await waitFor(() => lags(collector) > 0, { what: 'a first sample of the lag' });
  const before = exposed(collector).series;
  block(600);
  // The monitor's timer was due during the stall; it runs in this turn.
  await waitFor(() => lags(collector) > (before.nodejs_eventloop_lag_seconds_count ?? 0), {
    what: 'a sample of the lag',
  });
  const after = exposed(collector).series;
  const longer = (series: Readonly<Record<string, number>>) =>
    (series.nodejs_eventloop_lag_seconds_count ?? 0) -
    (series['nodejs_eventloop_lag_seconds_bucket{le="0.5"}'] ?? 0);
  expect(longer(after)).toBeGreaterThan(longer(before));
  const sum = 'nodejs_eventloop_lag_seconds_sum';
  expect((after[sum] ?? 0) - (before[sum] ?? 0)).toBeGreaterThan(0.55);
});

it('does not take the time between two samples for lag', async () => {
  const collector = started({ lagIntervalSeconds: 0.3 });
  await waitFor(() => exposed(collector).series['nodejs_eventloop_lag_seconds_bucket{le="0.25"}'], {
    what: 'a sample of less than the interval',
  });
});

it('only grows, however often it is read', async () => {
  const collector = started({ lagIntervalSeconds: 0.01 });
  const counters = () =>
    Object.entries(exposed(collector).series).filter(([name]) =>
      /_(total|count|sum|bucket)(\{|$)/.test(name),
    );
  let last = new Map(counters());
  for (let i = 0; i < 5; i++) {
    const samples = lags(collector);
    collectGarbage();
    await waitFor(() => lags(collector) > samples, { what: 'another sample of the lag' });
    const now = new Map(counters());
    for (const [name, value] of last) expect(now.get(name), name).toBeGreaterThanOrEqual(value);
    last = now;
  }
});

it('counts where the event loop spends its time', async () => {
  const collector = started();
  const before = exposed(collector).series;
  block(300);
  await delay(1);
  const after = exposed(collector).series;
  const active = 'nodejs_eventloop_time_seconds_total{state="active"}';
  expect((after[active] ?? 0) - (before[active] ?? 0)).toBeGreaterThan(0.25);
  expect(after.nodejs_eventloop_utilization_ratio).toBeGreaterThan(0);
  expect(after.nodejs_eventloop_utilization_ratio).toBeLessThanOrEqual(1);
});

it('shows what is open, by type', async () => {
  const collector = started();
  const before = exposed(collector).series;
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const during = exposed(collector).series;
  const grown = (name: string) => (during[name] ?? 0) - (before[name] ?? 0);
  expect(grown('nodejs_active_handles{type="Server"}')).toBe(1);
  expect(grown('nodejs_active_resources{type="TCPServerWrap"}')).toBe(1);
  server.close();
  await once(server, 'close');
});

it('counts Buffers as memory outside the heap', () => {
  const collector = started();
  const before = exposed(collector).series;
  const buffer = Buffer.alloc(64 * 1024 * 1024);
  const after = exposed(collector).series;
  for (const name of ['nodejs_array_buffers_memory_bytes', 'nodejs_external_memory_bytes']) {
    expect((after[name] ?? 0) - (before[name] ?? 0), name).toBeGreaterThan(buffer.length / 2);
  }
});

it('leaves the lag out where it is not wanted', () => {
  const { text } = exposed(started({ lagIntervalSeconds: 0 }));
  expect(text).not.toContain('nodejs_eventloop_lag');
  expect(text).toContain('nodejs_eventloop_time_seconds_total');
});

it('observes nothing after close, which may come twice', async () => {
  const observing = started({ lagIntervalSeconds: 0.01 });
  const closed = started({ lagIntervalSeconds: 0.01 });
  closed.close();
  closed.close();
  const [gcs, samples] = [majors(closed), lags(closed)];
  const seen = lags(observing);
  collectGarbage();
  await waitFor(() => lags(observing) > seen, { what: 'a sample of the lag elsewhere' });
  await waitFor(() => majors(observing) > 0, { what: 'the garbage collection to be counted elsewhere' });
  expect(majors(closed)).toBe(gcs);
  expect(lags(closed)).toBe(samples);
});

it('does not keep a process alive that does not close it', async () => {
  const module = fileURLToPath(new URL('./index.ts', import.meta.url));
  const script = `
    import { nodeCollector, processCollector } from ${JSON.stringify(module)};
    const collectors = [nodeCollector({ lagIntervalSeconds: 0.01 }), processCollector()];
    console.log(collectors.flatMap((each) => [...each.collect()]).length > 30);
  `;
  const ended = await runProgram(process.execPath, ['--input-type=module', '--eval', script]);
  expect(ended).toMatchObject({ code: 0, stdout: 'true\n' });
});
