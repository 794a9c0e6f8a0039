import { expect, it } from 'vitest';
import { type Client, OURS, REAL } from './contestants.ts';
import { type ParsedExposition, parseExposition } from './parsed.ts';

const OPTIONS = {
  prefix: 'app_',
  labels: { app: 'shop', zone: 1 },
  gcDurationBuckets: [0.5, 1],
  eventLoopMonitoringPrecision: 20,
};

async function exposed(client: Client, options: object): Promise<ParsedExposition> {
  const register = new client.Registry();
  client.collectDefaultMetrics({ register, ...options });
  // The event loop's lag of one exposition is shown by the next.
  await register.metrics();
  await new Promise((resolve) => setImmediate(resolve));
  return parseExposition(await register.metrics());
}

/** What depends on the moment: whether garbage was collected, which requests and handles there are. */
const isFleeting = (key: string): boolean => /_gc_|_active_\w+\{.*type=/.test(key);

it.each([
  ['as they are', {}],
  ['with a prefix, labels and buckets of its own', OPTIONS],
])('are the series of prom-client, %s', async (_, options) => {
  const shape = (families: ParsedExposition) =>
    Object.entries(families)
      .map(([name, { type, help, lines }]) => ({
        name,
        type,
        help,
        series: Object.keys(lines).filter((key) => !isFleeting(key)),
      }))
      .filter(({ series }) => series.length > 0);
  const [mine, theirs] = [await exposed(OURS, options), await exposed(REAL, options)];
  expect(shape(mine).map((family) => ({ ...family, series: family.series.sort() }))).toEqual(
    shape(theirs)
      .map((family) => ({ ...family, series: family.series.sort() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
});

it.each([
  ['process_start_time_seconds{}', 1],
  ['process_max_fds{}', 0],
  ['process_open_fds{}', 10],
  ['process_resident_memory_bytes{}', 100e6],
  ['process_virtual_memory_bytes{}', 1e9],
  ['nodejs_heap_size_total_bytes{}', 100e6],
  ['nodejs_heap_space_size_used_bytes{space="old"}', 100e6],
  ['nodejs_active_handles_total{}', 20],
  ['nodejs_active_resources_total{}', 20],
])('%s is what prom-client says', async (key, tolerance) => {
  const [mine, theirs] = [await exposed(OURS, {}), await exposed(REAL, {})];
  const name = key.replace(/\{.*/, '');
  const expected = theirs[name]?.lines[key]?.value ?? Number.NaN;
  expect(Math.abs((mine[name]?.lines[key]?.value ?? Number.NaN) - expected)).toBeLessThanOrEqual(tolerance);
});

it('the processor time counts from one exposition to the next', async () => {
  const register = new OURS.Registry();
  OURS.collectDefaultMetrics({ register });
  const before = process.cpuUsage();
  const read = async () =>
    parseExposition(await register.metrics()).process_cpu_seconds_total?.lines['process_cpu_seconds_total{}']
      ?.value ?? -1;
  const first = await read();
  const spent = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  while (spent() < 0.05);
  const second = await read();
  expect(second).toBeGreaterThanOrEqual(first);
  expect(second).toBeGreaterThanOrEqual(0.05);
  expect(second).toBeLessThanOrEqual(spent() + 0.05);
});

it('are named in metricsList as in prom-client, and refused twice in one registry', () => {
  expect(OURS.collectDefaultMetrics.metricsList).toEqual(REAL.collectDefaultMetrics.metricsList);
  const register = new OURS.Registry();
  OURS.collectDefaultMetrics({ register });
  expect(() => OURS.collectDefaultMetrics({ register })).toThrow(
    'A metric with the name process_cpu_user_seconds_total has already been registered.',
  );
  expect(() => OURS.collectDefaultMetrics('all' as never)).toThrow(
    'config must be null, undefined, or an object',
  );
});

it('count garbage collections by kind', async () => {
  const register = new OURS.Registry();
  OURS.collectDefaultMetrics({ register, gcDurationBuckets: [1e9] });
  const counted = async () => {
    const family = parseExposition(await register.metrics()).nodejs_gc_duration_seconds;
    return family?.lines['nodejs_gc_duration_seconds_count{kind="minor"}']?.value ?? 0;
  };
  const held: unknown[] = [];
  while ((await counted()) === 0) {
    // Enough of garbage for the young generation to be collected, and a turn for its observer.
    for (let i = 0; i < 1e5; i++) held[i % 100] = { i };
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await counted()).toBeGreaterThan(0);
});
