import { describe, expect, it } from 'vitest';
import { gauge } from '../metric/descriptor.ts';
import { Registry } from './registry.ts';

const OPENMETRICS = 'application/openmetrics-text';
const textOf = (registry: Registry, accept?: string): string => {
  const exposition = registry.expose(accept);
  const text = exposition.toBuffer().toString('utf8');
  exposition.done();
  return text;
};
const linesOf = (registry: Registry, accept?: string): string[] =>
  textOf(registry, accept)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

describe('instruments', () => {
  it('are exposed with their values, the series in the order of their labels', () => {
    const registry = new Registry();
    const requests = registry.counter('requests_total', 'Requests.', ['method', 'code']);
    requests.with({ method: 'PUT', code: '200' }).inc(2);
    requests.with({ method: 'GET', code: '500' }).inc();
    requests.with({ method: 'GET', code: '200' }).inc(1.5);
    registry.gauge('temperature_celsius', 'How warm it is.').with().set(-3.25);
    expect(textOf(registry)).toBe(`# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200",method="GET"} 1.5
requests_total{code="200",method="PUT"} 2
requests_total{code="500",method="GET"} 1
# HELP temperature_celsius How warm it is.
# TYPE temperature_celsius gauge
temperature_celsius -3.25
`);
  });

  it('of each type look as Prometheus knows it, in text and in OpenMetrics', () => {
    const registry = new Registry();
    registry.untyped('mystery', 'Who knows.').with().set(7);
    registry.info('build_info', 'The build.', ['version']).with({ version: '1.2' });
    registry.stateset('door', 'The door.', ['open', 'closed']).with().set('open');
    const seconds = registry.histogram('request_seconds', 'Duration.', [], {
      buckets: [0.1, 1],
      unit: 'seconds',
    });
    for (const value of [0.05, 0.1, 0.5, 3]) seconds.with().observe(value);
    registry.counter('jobs_total', 'Jobs "done".').with().inc();
    expect(textOf(registry)).toBe(`# HELP build_info The build.
# TYPE build_info gauge
build_info{version="1.2"} 1
# HELP door The door.
# TYPE door gauge
door{door="open"} 1
door{door="closed"} 0
# HELP jobs_total Jobs "done".
# TYPE jobs_total counter
jobs_total 1
# HELP mystery Who knows.
# TYPE mystery untyped
mystery 7
# HELP request_seconds Duration.
# TYPE request_seconds histogram
request_seconds_bucket{le="0.1"} 2
request_seconds_bucket{le="1"} 3
request_seconds_bucket{le="+Inf"} 4
request_seconds_sum 3.65
request_seconds_count 4
`);
    expect(textOf(registry, OPENMETRICS)).toBe(`# HELP build The build.
# TYPE build info
build_info{version="1.2"} 1.0
# HELP door The door.
# TYPE door stateset
door{door="open"} 1.0
door{door="closed"} 0.0
# HELP jobs Jobs \\"done\\".
# TYPE jobs counter
jobs_total 1.0
# HELP mystery Who knows.
# TYPE mystery unknown
mystery 7.0
# HELP request_seconds Duration.
# TYPE request_seconds histogram
# UNIT request_seconds seconds
request_seconds_bucket{le="0.1"} 2
request_seconds_bucket{le="1.0"} 3
request_seconds_bucket{le="+Inf"} 4
request_seconds_sum 3.65
request_seconds_count 4
# EOF
`);
  });

  it('have quantiles of a window, NaN while nothing was seen', () => {
    const registry = new Registry();
    const family = registry.summary('request_seconds', 'Duration.', ['path'], { quantiles: [0.5, 0.9] });
    family.with({ path: '/empty' });
    for (let i = 1; i <= 10; i++) family.with({ path: '/' }).observe(i);
    expect(textOf(registry)).toBe(`# HELP request_seconds Duration.
# TYPE request_seconds summary
request_seconds{path="/",quantile="0.5"} 5
request_seconds{path="/",quantile="0.9"} 9
request_seconds_sum{path="/"} 55
request_seconds_count{path="/"} 10
request_seconds{path="/empty",quantile="0.5"} NaN
request_seconds{path="/empty",quantile="0.9"} NaN
request_seconds_sum{path="/empty"} 0
request_seconds_count{path="/empty"} 0
`);
  });

  it('can be native histograms, which say in text how many and how much', () => {
    const registry = new Registry();
    const family = registry.histogram('size_bytes', 'Sizes.', [], { native: { factor: 1.1 } });
    for (const size of [1, 10, 100]) family.with().observe(size);
    expect(linesOf(registry)).toEqual([
      'size_bytes_bucket{le="+Inf"} 3',
      'size_bytes_sum 111',
      'size_bytes_count 3',
    ]);
    const { native } = family.with().read();
    expect(native).toMatchObject({ schema: 3, count: 3, sum: 111, positive: { deltas: [1, 0, 0] } });
    const other = new Registry();
    other.histogram('size_bytes', 'Sizes.', [], { native: { factor: 1.1 } });
    other.restore(JSON.parse(JSON.stringify(registry.dump())));
    expect(other.dump()).toEqual(registry.dump());
  });

  it('give the same child each time, and refuse labels that are not theirs', () => {
    const family = new Registry().gauge('x', 'X.', ['a']);
    expect(family.with({ a: '1' })).toBe(family.with({ a: '1' }));
    expect(() => family.with({ b: '1' } as never)).toThrow('Metric "x": label "a" is missing.');
    expect(() => family.with({ a: '2', b: '2' } as never)).toThrow('Metric "x" has no label "b".');
    expect(() => family.with({ a: 1 } as never)).toThrow('Metric "x": label "a" is a number.');
  });

  it('keep series apart whatever their labels hold', () => {
    const registry = new Registry();
    const family = registry.gauge('x', 'X.', ['a', 'b']);
    family.with({ a: '1,b="2', b: '' }).set(1);
    family.with({ a: '1', b: ',b="2' }).set(2);
    family.with({ a: '\ud800', b: '' }).set(3);
    family.with({ a: '\ufffd', b: '' }).inc();
    expect(linesOf(registry)).toEqual([
      'x{a="1",b=",b=\\"2"} 2',
      'x{a="1,b=\\"2",b=""} 1',
      'x{a="\ufffd",b=""} 4',
    ]);
  });

  it('go to zero, and away, alone or all that share a label', () => {
    const registry = new Registry();
    const family = registry.counter('x_total', 'X.', ['a', 'b']);
    for (const a of ['1', '2']) for (const b of ['1', '2']) family.with({ a, b }).inc(5);
    const held = family.with({ a: '1', b: '1' });
    expect(family.delete({ a: '1', b: '1' })).toBe(true);
    expect(family.delete({ a: '1', b: '1' })).toBe(false);
    held.inc();
    expect(linesOf(registry)).toEqual([
      'x_total{a="1",b="2"} 5',
      'x_total{a="2",b="1"} 5',
      'x_total{a="2",b="2"} 5',
    ]);
    expect(family.deletePartial({ a: '2' })).toBe(2);
    family.zero();
    expect(linesOf(registry)).toEqual(['x_total{a="1",b="2"} 0']);
    family.clear();
    expect(textOf(registry)).toBe('');
    family.with({ a: '1', b: '1' }).inc();
    expect(linesOf(registry)).toEqual(['x_total{a="1",b="1"} 1']);
  });

  it('are whole after thousands have gone', () => {
    const registry = new Registry();
    const family = registry.gauge('x', 'X.', ['i']);
    for (let i = 0; i < 5000; i++) family.with({ i: String(i) }).set(i);
    const kept = family.with({ i: '4999' });
    for (let i = 0; i < 4990; i++) family.delete({ i: String(i) });
    kept.inc();
    family.with({ i: 'new' }).set(-1);
    expect(linesOf(registry)).toEqual([
      ...[4990, 4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998].map((i) => `x{i="${i}"} ${i}`),
      'x{i="4999"} 5000',
      'x{i="new"} -1',
    ]);
  });

  it('can be had with some labels given already', () => {
    const registry = new Registry();
    const all = registry.counter('x_total', 'X.', ['method', 'code']);
    const gets = all.curry({ method: 'GET' });
    gets.with({ code: '200' }).inc();
    gets.curry({ code: '404' }).with().inc(2);
    expect(linesOf(registry)).toEqual([
      'x_total{code="200",method="GET"} 1',
      'x_total{code="404",method="GET"} 2',
    ]);
    expect(gets.delete({ code: '200' })).toBe(true);
    expect(gets.deletePartial()).toBe(1);
  });

  it('show exemplars in OpenMetrics, a histogram in the bucket of each', () => {
    const registry = new Registry();
    registry.counter('x_total', 'X.').with().inc(2, { trace_id: 'abc' });
    const seconds = registry.histogram('s_seconds', 'S.', [], { buckets: [1, 2] });
    seconds.with().observe(1.5, { trace_id: 'def' });
    const time = '\\d+\\.\\d+e\\+09';
    expect(linesOf(registry, OPENMETRICS)).toEqual([
      's_seconds_bucket{le="1.0"} 0',
      expect.stringMatching(new RegExp(`^s_seconds_bucket{le="2.0"} 1 # {trace_id="def"} 1.5 ${time}$`)),
      's_seconds_bucket{le="+Inf"} 1',
      's_seconds_sum 1.5',
      's_seconds_count 1',
      expect.stringMatching(new RegExp(`^x_total 2.0 # {trace_id="abc"} 2.0 ${time}$`)),
    ]);
    expect(linesOf(registry)).toContain('x_total 2');
    expect(() =>
      registry
        .counter('y_total', 'Y.')
        .with()
        .inc(1, { trace_id: 'x'.repeat(121) }),
    ).toThrow("An exemplar's labels have 129 characters together.");
  });

  it('tell when they began, where that is asked for', () => {
    const registry = new Registry();
    registry.counter('x_total', 'X.').with().inc();
    registry.gauge('g', 'G.').with();
    const lines = registry.expose(OPENMETRICS, { created: true }).toBuffer().toString().split('\n');
    expect(lines).toContain('x_total 1.0');
    expect(lines.filter((line) => line.includes('_created'))).toEqual([
      expect.stringMatching(/^x_created \d\.\d+e\+09$/),
    ]);
    expect(textOf(registry, OPENMETRICS)).not.toContain('_created');
  });

  it('that expire go when nobody wrote to them', async () => {
    const registry = new Registry();
    const family = registry.gauge('x', 'X.', ['i'], { expireSeconds: 0.02 });
    family.with({ i: 'stays' }).set(1);
    family.with({ i: 'goes' }).set(1);
    expect(linesOf(registry)).toHaveLength(2);
    await expect
      .poll(
        () => {
          family.with({ i: 'stays' }).set(1);
          return linesOf(registry);
        },
        { interval: 5 },
      )
      .toEqual(['x{i="stays"} 1']);
  });
});

describe('a registry', () => {
  it('takes collectors and functions, and keeps the rest when one of them fails', () => {
    const registry = new Registry();
    const depth = gauge('depth', 'Depth.', ['queue']);
    registry.register({
      describe: () => [depth],
      collect: () => [depth.sample(1, { queue: 'a' }), depth.sample(2, { queue: 'a' })],
    });
    registry.register({
      describe: () => [],
      collect() {
        throw new Error('no connection');
      },
    });
    registry.gaugeFunction('up', 'Up.', () => 1);
    registry.counterFunction('x_total', 'X.', () => Number.NaN);
    const { errors, parts } = registry.expose();
    expect(Buffer.concat(parts).toString()).toBe(
      '# HELP depth Depth.\n# TYPE depth gauge\ndepth{queue="a"} 1\n# HELP up Up.\n# TYPE up gauge\nup 1\n',
    );
    expect(errors.map(({ message }) => message)).toEqual([
      'no connection',
      'The series depth{queue="a"} was returned twice; the first one is kept.',
      'Metric "x_total" is NaN.',
    ]);
  });

  it('is a collector of another, with a prefix and labels if it is wrapped', () => {
    const registry = new Registry();
    const wrapped = registry.wrap({ prefix: 'shop_', labels: { zone: 'eu' } });
    wrapped.counter('orders_total', 'Orders.', ['kind']).with({ kind: 'b2b' }).inc();
    wrapped
      .wrap({ prefix: 'db_', labels: { zone: 'us', role: 'main' } })
      .gauge('up', 'Up.')
      .with()
      .set(1);
    wrapped.gaugeFunction('load', 'Load.', () => 0.5);
    const other = new Registry();
    other.gauge('other', 'Other.').with().set(3);
    registry.register(other);
    expect(linesOf(registry)).toEqual([
      'other 3',
      'shop_db_up{role="main",zone="eu"} 1',
      'shop_load{zone="eu"} 0.5',
      'shop_orders_total{kind="b2b",zone="eu"} 1',
    ]);
    expect(registry.unregister(other)).toBe(true);
    expect(registry.unregister(other)).toBe(false);
    expect(linesOf(registry)).toHaveLength(3);
  });

  it('refuses a name twice', () => {
    const registry = new Registry();
    registry.counter('x_total', 'X.');
    expect(() => registry.gauge('x_total', 'X.')).toThrow(
      'The registry already has a metric named "x_total".',
    );
  });

  it('gives its values to a registry of the same metrics', () => {
    const fill = () => {
      const registry = new Registry();
      return {
        registry,
        counter: registry.counter('x_total', 'X.', ['a']),
        seconds: registry.histogram('s_seconds', 'S.', [], { buckets: [1] }),
        door: registry.stateset('door', 'Door.', ['open', 'closed']),
      };
    };
    const before = fill();
    before.counter.with({ a: '1' }).inc(3);
    before.seconds.with().observe(0.5);
    before.door.with().set('closed');
    const after = fill();
    after.counter.with({ a: '1' }).inc();
    after.registry.restore(JSON.parse(JSON.stringify(before.registry.dump())));
    expect(linesOf(after.registry)).toEqual(linesOf(before.registry));
  });

  it('leaves bytes alone that somebody may still be writing', () => {
    const registry = new Registry();
    const family = registry.gauge('x', 'X.', ['i']);
    for (let i = 0; i < 1500; i++) family.with({ i: String(i) }).set(i);
    const slow = registry.expose();
    const before = slow.toBuffer().toString();
    for (let round = 1; round < 4; round++) {
      for (let i = 0; i < 1500; i += 7) family.with({ i: String(i) }).set(round * 1000 + i);
      registry.expose().done();
    }
    expect(slow.toBuffer().toString()).toBe(before);
    slow.done();
    expect(registry.expose().toBuffer().toString()).toContain('x{i="7"} 3007\n');
  });

  it('keeps values with their series when some go while it is rendered in slices', async () => {
    const registry = new Registry();
    const first = registry.gauge('a', 'A.', ['i']);
    const second = registry.gauge('b', 'B.', ['i']);
    for (let i = 0; i < 30_000; i++) first.with({ i: String(i) }).set(i);
    for (let i = 0; i < 9; i++) second.with({ i: String(i) }).set(i);
    await registry.exposeInSlices();
    for (let i = 0; i < 30_000; i++) first.with({ i: String(i) }).set(i / 7);
    second.with({ i: '9' }).set(9);
    const rendering = registry.exposeInSlices();
    await new Promise<void>((resolve) => setImmediate(resolve));
    second.delete({ i: '3' });
    second.with({ i: '10' }).set(10);
    const lines = (await rendering).toBuffer().toString().split('\n');
    const shown = lines.filter((line) => line.startsWith('b{'));
    expect(shown.length).toBeGreaterThan(8);
    for (const line of shown) {
      const [, label, value] = /"(\d+)"} (\d+)/.exec(line) ?? [];
      expect(value).toBe(label);
    }
  });

  it('shows each family as it was at one moment, whoever else asks while it is rendered in slices', async () => {
    const registry = new Registry();
    const family = registry.gauge('a', 'A.', ['i']);
    const set = (value: number) => {
      for (let i = 0; i < 30_000; i++) family.with({ i: String(i) }).set(value);
    };
    set(0);
    await registry.exposeInSlices();
    set(1);
    const all = [registry.exposeInSlices(), registry.exposeInSlices()];
    for (const value of [2, 3]) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      set(value);
      registry.expose(OPENMETRICS);
      all.push(registry.exposeInSlices());
    }
    for (const exposition of await Promise.all(all)) {
      const lines = exposition
        .toBuffer()
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('a{'));
      expect(new Set(lines.map((line) => line.split(' ')[1])).size).toBe(1);
    }
  });

  it('says the same in slices as at once', async () => {
    const registry = new Registry();
    const family = registry.gauge('x', 'X.', ['i']);
    for (let i = 0; i < 3000; i++) family.with({ i: String(i) }).set(i / 7);
    await registry.exposeInSlices();
    family.with({ i: '5' }).set(1);
    const sliced = (await registry.exposeInSlices()).toBuffer();
    expect(sliced.equals(registry.expose().toBuffer())).toBe(true);
  });
});
