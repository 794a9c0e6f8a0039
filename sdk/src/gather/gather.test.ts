import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeExposition, encodeText } from '../exposition/formats.ts';
import { counter, gauge, histogram, info, summary } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import { Registry } from '../registry/registry.ts';
import { Gatherer, type GatherOptions } from './gather.ts';
import { compileRelabel } from './relabel.ts';

const depth = gauge('queue_depth', 'Waiting.', ['queue']);
const served = counter('served_total', 'Served.');
const seconds = histogram('request_seconds', 'Duration.', ['path'], { buckets: [0.1, 1] });
const build = info('build_info', 'Version.', ['version']);

const sizes = histogram('size_bytes', 'Sizes.', [], { native: { factor: 2 } });
const waits = summary('wait_seconds', 'Waits.');

const gather = (samples: unknown[], options: GatherOptions = {}) => {
  const result = new Gatherer([depth, served, seconds, build, sizes, waits], options).gather(
    samples as Sample[],
  );
  return { ...result, text: encodeText(result.families) };
};

describe('what is exposed', () => {
  it("is families by name and series by label values, with Go's numbers", () => {
    const { text, series } = gather([
      served.sample(12345678),
      depth.sample(1.5, { queue: 'b' }),
      depth.sample(0, { queue: 'a' }),
      build.sample({ version: '1.0' }),
    ]);
    expect(series).toBe(4);
    expect(text).toBe(`# HELP build_info Version.
# TYPE build_info gauge
build_info{version="1.0"} 1
# HELP queue_depth Waiting.
# TYPE queue_depth gauge
queue_depth{queue="a"} 0
queue_depth{queue="b"} 1.5
# HELP served_total Served.
# TYPE served_total counter
served_total 1.2345678e+07
`);
  });

  it('has cumulated histograms', () => {
    expect(
      gather([seconds.sample({ counts: [1, 2, 3], sum: 4.5 }, { path: '/' })]).text,
    ).toBe(`# HELP request_seconds Duration.
# TYPE request_seconds histogram
request_seconds_bucket{path="/",le="0.1"} 1
request_seconds_bucket{path="/",le="1"} 3
request_seconds_bucket{path="/",le="+Inf"} 6
request_seconds_sum{path="/"} 4.5
request_seconds_count{path="/"} 6
`);
  });

  it.each([10, 1000, 1025, 3000, 16_000])('has label values of %d characters whole', (length) => {
    const long = 'x'.repeat(length);
    expect(gather(['a', 'b'].map((queue) => depth.sample(1, { queue: queue + long }))).text).toContain(
      `\nqueue_depth{queue="a${long}"} 1\nqueue_depth{queue="b${long}"} 1\n`,
    );
  });

  it('escapes label values', () => {
    expect(gather([depth.sample(1, { queue: 'a"b\\c\nd' })]).text).toContain(
      'queue_depth{queue="a\\"b\\\\c\\nd"} 1',
    );
  });
});

describe('labels', () => {
  it('get the static ones and the resource, and keep what was there under another name', () => {
    const own = gauge('x', 'X.', ['resource', 'team']);
    const result = new Gatherer([own], { resource: 'orders', labels: { team: 'shop' } }).gather([
      own.sample(1, { resource: 'a', team: 'b' }),
    ]);
    expect(encodeText(result.families)).toContain(
      'x{exported_resource="a",exported_team="b",resource="orders",team="shop"} 1',
    );
  });

  it('are relabelled before the resource is added, so that rules can not forge it', () => {
    const relabel = compileRelabel([{ target_label: 'resource', replacement: 'forged' }]);
    expect(gather([served.sample(1)], { relabel, resource: 'real' }).text).toContain(
      'served_total{exported_resource="forged",resource="real"} 1',
    );
  });

  it('of a histogram are relabelled line by line, as Prometheus would', () => {
    const relabel = compileRelabel([
      { source_labels: ['__name__', 'le'], regex: 'request_seconds_bucket;0.1', action: 'drop' },
      { source_labels: ['__name__'], regex: 'request_(.*)', target_label: '__name__', replacement: 'req_$1' },
    ]);
    const { text, dropped } = gather([seconds.sample({ counts: [1, 2, 3], sum: 4.5 }, { path: '/' })], {
      relabel,
    });
    expect(dropped).toEqual({ relabel: 1 });
    expect(text).toBe(`# HELP req_seconds Duration.
# TYPE req_seconds histogram
req_seconds_bucket{path="/",le="1"} 3
req_seconds_bucket{path="/",le="+Inf"} 6
req_seconds_sum{path="/"} 4.5
req_seconds_count{path="/"} 6
`);
  });
});

describe('names that lines of another metric have', () => {
  const h = histogram('x', 'X.');
  const s = gauge('x_sum', 'Sum.');
  it.each([
    [[h, s], 'Metric "x_sum" has a name that lines of the histogram "x" have.'],
    [[s, h], 'Metric "x" has a name that lines of the gauge "x_sum" have.'],
    [
      [counter('y_total', 'Y.'), gauge('y', 'Y.')],
      'Metric "y" has a name that lines of the counter "y_total" have.',
    ],
  ])('are refused, and the first one stays', (metrics, message) => {
    const gatherer = new Gatherer(metrics);
    expect(gatherer.problems.map(({ error }) => error.message)).toEqual([message]);
    expect(gatherer.descriptors.map(({ name }) => name)).toEqual([metrics[0]?.name]);
  });
});

describe('series that come and go', () => {
  const names = (gatherer: Gatherer, samples: Sample[]) =>
    encodeText(gatherer.gather(samples).families)
      .split('\n')
      .filter((line) => !line.startsWith('#') && line !== '');

  it('are there as long as they are returned, and begin anew when they come again', () => {
    const gatherer = new Gatherer([depth]);
    const [a, b, c] = ['a', 'b', 'c'].map((queue, i) => depth.sample(i, { queue })) as [
      Sample,
      Sample,
      Sample,
    ];
    expect(names(gatherer, [a, b])).toEqual(['queue_depth{queue="a"} 0', 'queue_depth{queue="b"} 1']);
    expect(names(gatherer, [c, b])).toEqual(['queue_depth{queue="b"} 1', 'queue_depth{queue="c"} 2']);
    expect(names(gatherer, [])).toEqual([]);
    expect(names(gatherer, [a])).toEqual(['queue_depth{queue="a"} 0']);
  });

  it('keep their place at the limit; newcomers wait until there is room', () => {
    const gatherer = new Gatherer([depth], { maxSeries: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((queue, i) => depth.sample(i, { queue })) as [
      Sample,
      Sample,
      Sample,
    ];
    expect(names(gatherer, [b, c])).toHaveLength(2);
    expect(gatherer.gather([a, b, c]).dropped).toEqual({ limit: 1 });
    expect(names(gatherer, [a, b, c])).toEqual(['queue_depth{queue="b"} 1', 'queue_depth{queue="c"} 2']);
    expect(names(gatherer, [a, b])).toEqual(['queue_depth{queue="a"} 0', 'queue_depth{queue="b"} 1']);
  });

  it('of instruments keep their place at the limit too', () => {
    const registry = new Registry();
    const jobs = registry.counter('jobs_total', 'Jobs.', ['kind']);
    const gatherer = new Gatherer(registry.describe(), { maxSeries: 2 }, registry);
    jobs.with({ kind: 'x' }).inc();
    jobs.with({ kind: 'y' }).inc();
    expect(names(gatherer, [])).toHaveLength(2);
    jobs.with({ kind: 'a' }).inc();
    expect(gatherer.gather().dropped).toEqual({ limit: 1 });
    expect(names(gatherer, [])).toEqual(['jobs_total{kind="x"} 1', 'jobs_total{kind="y"} 1']);
    jobs.delete({ kind: 'x' });
    expect(names(gatherer, [])).toEqual(['jobs_total{kind="a"} 1', 'jobs_total{kind="y"} 1']);
  });

  it('need not be described where names are learned as they come', () => {
    const gatherer = new Gatherer([], { unchecked: true });
    expect(names(gatherer, [depth.sample(1, { queue: 'a' })])).toEqual(['queue_depth{queue="a"} 1']);
    expect(names(gatherer, [])).toEqual([]);
    expect(gatherer.descriptors).toEqual([]);
    expect(names(gatherer, [depth.sample(2, { queue: 'a' })])).toEqual(['queue_depth{queue="a"} 2']);
  });
});

describe('one bad sample costs that sample', () => {
  const throwing = {
    descriptor: depth,
    value: 1,
    get labels(): never {
      throw new Error('gotcha');
    },
  };
  it.each<[string, unknown, string, string]>([
    [
      'a number that is none',
      { descriptor: depth, value: '3', labels: { queue: 'a' } },
      'PLUGIN_NOT_A_NUMBER',
      'Metric "queue_depth" has a string as its value.',
    ],
    [
      'null',
      { descriptor: depth, value: null, labels: { queue: 'a' } },
      'PLUGIN_NOT_A_NUMBER',
      'Metric "queue_depth" has null as its value.',
    ],
    ['NaN', depth.sample(Number.NaN, { queue: 'a' }), 'PLUGIN_NAN', 'Metric "queue_depth" is NaN.'],
    ['a negative counter', served.sample(-1), 'PLUGIN_NEGATIVE_COUNTER', 'Counter "served_total" is -1.'],
    [
      'a missing label',
      { descriptor: depth, value: 1, labels: {} },
      'PLUGIN_BAD_LABEL',
      'Metric "queue_depth": label "queue" is missing.',
    ],
    [
      'a label that is no string',
      { descriptor: depth, value: 1, labels: { queue: 7 } },
      'PLUGIN_BAD_LABEL',
      'Metric "queue_depth": label "queue" is a number.',
    ],
    [
      'a label too many',
      { descriptor: depth, value: 1, labels: { queue: 'a', x: 'y' } },
      'PLUGIN_BAD_LABEL',
      'Metric "queue_depth" has no label "x".',
    ],
    ['a bad name', gauge('no-name', 'X.').sample(1), 'PLUGIN_BAD_NAME', '"no-name" is not a metric name.'],
    [
      'a metric that was not described',
      gauge('other', 'X.').sample(1),
      'PLUGIN_UNDESCRIBED_METRIC',
      'Metric "other" was collected but is not described.',
    ],
    [
      'a histogram of another shape',
      { descriptor: seconds, value: { counts: [1], sum: 1 }, labels: { path: '/' } },
      'PLUGIN_BAD_HISTOGRAM',
      'Histogram "request_seconds" has no usable value.',
    ],
    [
      'a histogram with holes',
      // biome-ignore lint/suspicious/noSparseArray: what a plugin may come to by accident.
      { descriptor: seconds, value: { counts: [1, , 2], sum: 1 }, labels: { path: '/' } },
      'PLUGIN_BAD_HISTOGRAM',
      'Histogram "request_seconds" has no usable value.',
    ],
    [
      'a histogram that counted to infinity',
      seconds.sample({ counts: [1, Number.POSITIVE_INFINITY, 2], sum: 1 }, { path: '/' }),
      'PLUGIN_BAD_HISTOGRAM',
      'Histogram "request_seconds" has no usable value.',
    ],
    [
      'a histogram whose counts have no sum',
      seconds.sample({ counts: [1e308, 1e308, 2], sum: 1 }, { path: '/' }),
      'PLUGIN_BAD_HISTOGRAM',
      'Histogram "request_seconds" has no usable value.',
    ],
    [
      'a native histogram that counts otherwise than its buckets',
      sizes.sample({
        counts: [3],
        sum: 2,
        native: {
          schema: 0,
          zeroThreshold: 0,
          zeroCount: 0,
          count: 2,
          sum: 2,
          positive: { spans: [{ offset: 0, length: 1 }], deltas: [2] },
          negative: { spans: [], deltas: [] },
        },
      }),
      'PLUGIN_BAD_HISTOGRAM',
      'It counts 2 observations, and the buckets beside it 3.',
    ],
    [
      'a summary that counted to infinity',
      waits.sample({ count: Number.POSITIVE_INFINITY, sum: 1, quantiles: [] }),
      'PLUGIN_BAD_SUMMARY',
      'Summary "wait_seconds" has no usable value.',
    ],
    [
      'a time that is none',
      served.sample(1, undefined, { timestamp: 1e300 }),
      'PLUGIN_BAD_TIME',
      'Metric "served_total": its timestamp is 1e+300.',
    ],
    [
      'a getter that throws',
      throwing,
      'PLUGIN_BAD_SAMPLE',
      'A sample of metric "queue_depth" can not be read: gotcha',
    ],
    ['nothing at all', undefined, 'PLUGIN_BAD_SAMPLE', 'A sample can not be read: '],
  ])('%s', (_name, bad, code, message) => {
    const { dropped, problems, text } = gather([depth.sample(1, { queue: 'good' }), bad, served.sample(2)]);
    expect(dropped).toEqual({ invalid: 1 });
    expect(problems[0]?.error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(text).toContain('queue_depth{queue="good"} 1');
    expect(text).toContain('served_total 2');
  });

  it('a duplicate: the first one stays', () => {
    const { dropped, text, problems } = gather([
      depth.sample(1, { queue: 'a' }),
      depth.sample(2, { queue: 'a' }),
    ]);
    expect(dropped).toEqual({ duplicate: 1 });
    expect(text).toContain('queue_depth{queue="a"} 1');
    expect(problems[0]?.error.message).toBe(
      'The series queue_depth{queue="a"} was returned twice; the first one is kept.',
    );
  });

  it('beyond the limit: the first ones stay', () => {
    const samples = [...Array(5).keys()].map((i) => depth.sample(i, { queue: String(i) }));
    const { dropped, series, problems } = gather(samples, { maxSeries: 3 });
    expect({ dropped, series }).toEqual({ dropped: { limit: 2 }, series: 3 });
    expect(problems).toHaveLength(1);
  });
});

it('keeps samples of one name apart whose descriptors have other constant labels', () => {
  const [east, west] = ['east', 'west'].map((zone) => gauge('load', 'Load.', [], { constLabels: { zone } }));
  if (east === undefined || west === undefined) throw new Error('There are two.');
  const gatherer = new Gatherer([east, west]);
  const { families } = gatherer.gather([west.sample(2), east.sample(1)]);
  expect(gatherer.problems).toEqual([]);
  expect(encodeText(families)).toBe(`# HELP load Load.
# TYPE load gauge
load{zone="east"} 1
load{zone="west"} 2
`);
});

it('refuses a second metric of one name that differs in more', () => {
  const other = counter('queue_depth', 'Waiting.', [], { constLabels: { zone: 'east' } });
  const gatherer = new Gatherer([depth, other]);
  expect(gatherer.problems.map(({ error }) => error.code)).toEqual(['PLUGIN_DUPLICATE_METRIC']);
});

describe('at the limit', () => {
  const of = (...queues: string[]): Sample[] => queues.map((queue) => depth.sample(1, { queue }));

  it('series that are gone make room in the collect in which they are missing', () => {
    const gatherer = new Gatherer([depth], { maxSeries: 3 });
    gatherer.gather(of('a', 'b', 'c'));
    const { dropped, families } = gatherer.gather(of('d', 'c', 'e', 'f'));
    expect(encodeText(families)).toBe(`# HELP queue_depth Waiting.
# TYPE queue_depth gauge
queue_depth{queue="c"} 1
queue_depth{queue="d"} 1
queue_depth{queue="e"} 1
`);
    expect(dropped).toEqual({ limit: 1 });
  });

  it('a relabelled histogram is there with all its lines or with none', () => {
    const relabel = compileRelabel([{ source_labels: ['path'], target_label: 'route' }]);
    const samples = ['/a', '/b'].map((path) => seconds.sample({ counts: [1, 0, 0], sum: 0 }, { path }));
    const { text, dropped, series } = gather(samples, { relabel, maxSeries: 7 });
    expect({ dropped, series }).toEqual({ dropped: { limit: 5 }, series: 5 });
    expect(text).not.toContain('/b');
  });
});

it('leaves an exemplar at its bucket when relabelling drops the one before it', () => {
  const relabel = compileRelabel([{ source_labels: ['le'], regex: '0.1', action: 'drop' }]);
  const exemplar = { labels: { trace: 'a' }, value: 0.5 };
  const { families } = gather(
    [seconds.sample({ counts: [0, 1, 0], sum: 0.5 }, { path: '/' }, { exemplar })],
    {
      relabel,
    },
  );
  const encoding = { format: 'openmetrics', escaping: 'underscores' } as const;
  expect(Buffer.concat(encodeExposition(families, encoding)).toString()).toContain(
    'request_seconds_bucket{path="/",le="1.0"} 1 # {trace="a"} 0.5\nrequest_seconds_bucket{path="/",le="+Inf"} 1\n',
  );
});

it('never throws and never loses a good sample, whatever comes with it', () => {
  fc.assert(
    fc.property(fc.array(fc.anything()), (garbage) => {
      const { text } = gather([...garbage, served.sample(1)]);
      expect(text).toContain('served_total 1\n');
    }),
  );
});
