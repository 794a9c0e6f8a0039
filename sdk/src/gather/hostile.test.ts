import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { encodeExposition, encodeText, FORMATS } from '../exposition/formats.ts';
import { parseExposition } from '../exposition/parse/detect.ts';
import { makeLogger } from '../logger.ts';
import { counter, type Descriptor, gauge, histogram, stateset, summary } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import type { Collector, Plugin } from '../plugin.ts';
import { OpenedCollector } from '../runtime/collector.ts';
import { Type } from '../schema/schema.ts';
import { Gatherer } from './gather.ts';
import { compileRelabel } from './relabel.ts';

const depth = gauge('queue_depth', 'Waiting.', ['queue']);
const served = counter('served_total', 'Served.');
const seconds = histogram('request_seconds', 'Duration.', ['path'], { buckets: [0.1, 1] });
const waits = summary('wait_seconds', 'Waits.');
const state = stateset('state', 'State.', ['on', 'off']);
/** Junk does not hit on its name. */
const healthy = gauge('healthy_beside_junk', 'Is well.');
const known = [depth, served, seconds, waits, state];
const described = [...known, healthy];

const boom = (): never => {
  throw new Error('boom');
};
const trapped = (target: object): object =>
  new Proxy(target, { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom });
/** One that a generator of test data can still look at. */
const halfTrapped = (): object =>
  new Proxy({}, { get: (_, key) => (typeof key === 'symbol' ? undefined : boom()), ownKeys: boom });
/** Answers otherwise each time that it is asked. */
const fickle = (...answers: unknown[]) => {
  let turn = 0;
  return () => answers[turn++ % answers.length];
};

const good: Sample[] = [depth.sample(1, { queue: 'good' }), served.sample(2)];
const LINES = ['queue_depth{queue="good"} 1\n', 'served_total 2\n'];

const gather = (samples: Iterable<unknown>) => {
  const { broken, ...result } = new Gatherer(described, { maxSeries: 100, maxBytes: 100_000 }).gatherAll([
    samples as Iterable<Sample>,
  ]);
  return { ...result, broken, text: encodeText(result.families) };
};

describe('a sample that fights costs itself, and is named', () => {
  const lie = (property: string, answer: () => unknown): object =>
    Object.defineProperty({ ...depth.sample(3, { queue: 'bad' }) }, property, {
      get: answer,
      enumerable: true,
    });
  const CASES: readonly [string, unknown, RegExp][] = [
    ['a proxy', trapped({}), /^A sample can not be read: boom$/],
    [
      'labels that are a proxy',
      { descriptor: depth, value: 1, labels: trapped({}) },
      /"queue_depth" can not be read: boom/,
    ],
    [
      'a descriptor that is a proxy',
      { descriptor: trapped(depth), value: 1, labels: {} },
      /can not be read: boom/,
    ],
    ['a value that throws', lie('value', boom), /"queue_depth" can not be read: boom/],
    ['a timestamp that throws', lie('timestamp', boom), /"queue_depth" can not be read: boom/],
    ['an exemplar that throws', lie('exemplar', boom), /"queue_depth" can not be read: boom/],
    [
      'what throws no error',
      lie('value', () => {
        // biome-ignore lint/style/useThrowOnlyError: plugins throw anything.
        throw null;
      }),
      /Thrown: null/,
    ],
    [
      'what throws a trap',
      lie('value', () => {
        throw trapped({});
      }),
      /can not be read/,
    ],
    [
      'a number that is none',
      { ...depth.sample(1, { queue: 'bad' }), value: { valueOf: boom, toString: boom } },
      /has a object as its value/,
    ],
    ['null', null, /^A sample can not be read/],
    ['a function', boom, /^A sample can not be read/],
    ['a symbol', Symbol('a'), /^A sample can not be read/],
    ['a BigInt', 1n, /^A sample can not be read/],
    ['a promise', Promise.resolve(good[0]), /^A sample can not be read/],
    ['a BigInt as a value', { ...depth.sample(1, { queue: 'bad' }), value: 1n }, /has a bigint as its value/],
    [
      'a symbol as a count',
      seconds.sample({ counts: [1, Symbol('a'), 2] as never, sum: 1 }, { path: '' }),
      /request_seconds/,
    ],
    ['a symbol as a label', { descriptor: depth, value: 1, labels: { queue: Symbol('a') } }, /is a symbol/],
    [
      'a label __proto__',
      { descriptor: depth, value: 1, labels: JSON.parse('{"queue": "a", "__proto__": "b"}') },
      /no label "__proto__"/,
    ],
    [
      'a name that is a trap',
      { descriptor: { ...depth, name: trapped({}) }, value: 1, labels: {} },
      /an object is not a metric name/,
    ],
    [
      'a type that is a trap',
      { descriptor: { ...depth, name: 'other', type: trapped({}) }, value: 1, labels: {} },
      /has the type an object/,
    ],
    [
      'labels without end',
      { descriptor: { ...depth, name: 'other', labels: endless('a') }, value: 1, labels: {} },
      /a list of more than 10000/,
    ],
  ];
  it.each(CASES)('%s', (_name, bad, message) => {
    const { text, dropped, problems, broken } = gather([good[0], bad, good[1]]);
    for (const line of LINES) expect(text).toContain(line);
    expect(broken).toEqual([]);
    expect(dropped).toEqual({ invalid: 1 });
    expect(problems[0]?.error.message).toMatch(message);
    expect(text).not.toContain('bad');
  });

  it('that answers otherwise the second time is taken at one of its words', () => {
    const labels = Object.defineProperty({}, 'queue', { get: fickle('a', 'b', 7), enumerable: true });
    const { text } = gather([
      ...good,
      {
        descriptor: depth,
        get value() {
          return fickle(1, 'x')();
        },
        labels,
      },
    ]);
    for (const line of LINES) expect(text).toContain(line);
    expect(parseExposition(text).errors).toEqual([]);
  });

  it('that failed late leaves no room taken', () => {
    const late = () =>
      Object.defineProperty({ ...depth.sample(1, { queue: 'late' }) }, 'created', { get: boom });
    const gatherer = new Gatherer(described, { maxSeries: 2 });
    for (let round = 0; round < 3; round++) {
      const result = gatherer.gather([late() as Sample, late() as Sample, ...good]);
      expect(result).toMatchObject({ series: 2, dropped: { invalid: 2 } });
    }
  });

  it('that changes its descriptor later changes nothing', () => {
    const mutable = { ...depth, labels: ['queue'] };
    const gatherer = new Gatherer([mutable]);
    const sample = { descriptor: mutable, value: 1, labels: { queue: 'a' } };
    gatherer.gather([sample]);
    Object.assign(mutable, { name: 'no name', type: 'counter', labels: ['x"y'] });
    expect(encodeText(gatherer.gather([sample]).families)).toContain('queue_depth{queue="a"} 1');
  });
});

function* endless<T>(value: T): Generator<T> {
  for (;;) yield value;
}

describe('a list of samples', () => {
  it('with holes has the others', () => {
    // biome-ignore lint/suspicious/noSparseArray: what a plugin may come to by accident.
    const { text, dropped } = gather([good[0], , good[1]]);
    for (const line of LINES) expect(text).toContain(line);
    expect(dropped).toEqual({ invalid: 1 });
  });

  it('that throws half-way has what came before', () => {
    function* half() {
      yield* good;
      boom();
    }
    const { text, broken } = gather(half());
    for (const line of LINES) expect(text).toContain(line);
    expect(broken).toMatchObject([{ samples: 2, thrown: { message: 'boom' } }]);
  });
});

describe('a collector', () => {
  const context = {
    resource: 'r',
    directory: '.',
    signal: AbortSignal.timeout(60_000),
    logger: makeLogger(() => undefined),
    clock: systemClock,
    state: { read: async () => undefined, write: async () => undefined },
    gather: { resource: 'r', maxSeries: 100, maxBytes: 100_000 },
  };
  const opened = (collector: Partial<Collector>) => {
    const plugin: Plugin = {
      contract: 1,
      name: 'p',
      config: Type.Object({}),
      open: () => ({ describe: () => described, ...collector }) as Collector,
    };
    return OpenedCollector.open(plugin, {}, context);
  };
  const collect = async (given: () => unknown, timeoutMs = 60_000) => {
    const collector = await opened({ collect: given as Collector['collect'] });
    return collector.collect(new AbortController().signal, Date.now() + timeoutMs);
  };

  it('whose samples throw half-way is partial, with what came before', async () => {
    const result = await collect(function* () {
      yield* good;
      boom();
    });
    expect(result).toMatchObject({ outcome: 'partial', series: 2, errors: [{ message: 'boom' }] });
  });

  it('whose samples throw at once has failed as one that throws', async () => {
    // biome-ignore lint/correctness/useYield: it throws first.
    const result = await collect(function* () {
      boom();
    });
    expect(result).toMatchObject({ outcome: 'plugin', series: 0, errors: [{ message: 'boom' }] });
  });

  it('whose samples never end is cut by the number of them', async () => {
    const result = await collect(() => endless(good[0]));
    expect(result).toMatchObject({ outcome: 'limit', series: 1 });
    expect(result.errors[0]?.code).toBe('LIMIT_SERIES');
  });

  it('whose samples are slow and never end is cut at its deadline', async () => {
    const result = await collect(() => endless(good[0]), 0);
    expect(result).toMatchObject({ outcome: 'timeout', series: 1 });
    expect(result.errors[0]?.code).toBe('TARGET_TIMEOUT');
  });

  it.each([
    ['a number', 7, 'collect() returned a number, which is no list of samples.'],
    ['an object', {}, 'collect() returned a object, which is no list of samples.'],
    ['an asynchronous generator', (async function* () {})(), 'collect() returned an asynchronous iterator'],
  ])('that returns %s is named', async (_name, given, message) => {
    const result = await collect(() => given);
    expect(result.outcome).toBe('plugin');
    expect(result.errors[0]?.message).toContain(message);
  });

  it.each([
    ['a trap', () => trapped({})],
    // biome-ignore lint/suspicious/noThenProperty: what is awaited may have one.
    ['a thenable that throws', () => ({ then: boom })],
    [
      'a text without end',
      () => {
        throw new Error('x'.repeat(1e7));
      },
    ],
  ])('that returns %s ends with an error that can be handed on', async (_name, given) => {
    const result = await collect(given);
    expect(result.outcome).toBe('plugin');
    expect(JSON.stringify(result.errors).length).toBeLessThan(5000);
  });

  it('whose describe() never ends is refused', async () => {
    const collector = { describe: () => endless(depth), collect: () => good };
    await expect(opened(collector)).rejects.toThrow('describe() returned more than 10000 metrics.');
  });

  it('whose describe() has traps and junk has its other metrics', async () => {
    const junk = [
      trapped({}),
      null,
      7,
      { ...depth, name: 'b', labels: endless('a') },
      { ...depth, help: 'x'.repeat(1e6) },
    ];
    const collector = await opened({
      describe: () => [...junk, ...described] as Descriptor[],
      collect: () => good,
    });
    const result = await collector.collect(new AbortController().signal, Date.now() + 60_000);
    expect(result).toMatchObject({ outcome: 'partial', series: 2 });
    expect(result.errors).toHaveLength(junk.length);
  });

  it('that describes more than can be handed on has the first ones', async () => {
    const metrics = Array.from({ length: 500 }, (_, i) => gauge(`m_${i}`, 'x'.repeat(5000)));
    const collector = await opened({ describe: () => metrics, collect: () => [] });
    expect(collector.descriptors.length).toBeGreaterThan(50);
    expect(JSON.stringify(collector.descriptors).length).toBeLessThan(600_000);
    const result = await collector.collect(new AbortController().signal, Date.now() + 60_000);
    expect(result.errors[0]?.code).toBe('LIMIT_BYTES');
  });
});

/** Anything at all in the place of a sample, and samples in which one thing is anything at all. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '\0', 'a\0b', '\n', '"', '\\', '__proto__', 'constructor', '\u2028', ''),
);
const anything = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  }),
  fc.constant(Symbol('s')),
  fc.constant(halfTrapped()),
  fc.constant(boom),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e308, 5e-324),
);
const labels = fc.dictionary(
  fc.oneof(fc.constantFrom('queue', 'path', 'le', 'resource'), text),
  fc.oneof(text, anything),
);
const descriptor = fc.oneof(
  fc.constantFrom<object>(...known),
  fc.record({
    name: fc.oneof(text, fc.constantFrom('a', 'a_total', 'b', 'x.y'), anything),
    help: fc.oneof(text, anything),
    type: fc.oneof(
      fc.constantFrom('gauge', 'counter', 'histogram', 'summary', 'stateset', 'info', 'untyped'),
      anything,
    ),
    labels: fc.oneof(fc.array(fc.oneof(fc.constantFrom('queue', 'path'), text)), anything),
    constLabels: fc.oneof(labels, anything),
    buckets: fc.oneof(fc.array(fc.double()), anything),
    quantiles: fc.oneof(fc.array(fc.double({ min: 0, max: 1 })), anything),
    states: fc.oneof(fc.array(text), anything),
    utf8Names: fc.boolean(),
    allowNaN: fc.boolean(),
  }),
);
const value = fc.oneof(
  fc.double(),
  fc.record({ counts: fc.array(fc.oneof(fc.nat(), anything)), sum: fc.oneof(fc.double(), anything) }),
  fc.record({ count: fc.oneof(fc.nat(), anything), sum: fc.double(), quantiles: anything }),
  fc.array(text),
  anything,
);
const junk = fc.oneof(
  anything,
  fc.record(
    {
      descriptor: fc.oneof(descriptor, anything),
      value,
      labels: fc.oneof(labels, anything),
      timestamp: fc.oneof(fc.double(), anything),
      created: fc.oneof(fc.double(), anything),
      exemplar: fc.oneof(fc.record({ labels, value: fc.double(), timestamp: fc.double() }), anything),
    },
    { requiredKeys: ['descriptor', 'value'] },
  ),
);

const OPTIONS = [
  ['as it is', {}],
  ['with the labels of a resource', { resource: 'r', labels: { team: 't' } }],
  ['relabelled', { resource: 'r', relabel: compileRelabel([{ regex: 'x', action: 'labeldrop' }]) }],
] as const;

describe('whatever is returned', () => {
  it.each(OPTIONS)('what is encoded parses, and healthy samples are all there, %s', (_name, options) => {
    fc.assert(
      fc.property(fc.array(fc.array(junk, { maxLength: 8 }), { maxLength: 4 }), (collects) => {
        const gatherer = new Gatherer(described, {
          unchecked: true,
          maxSeries: 1000,
          maxBytes: 1e6,
          ...options,
        });
        for (const collect of collects) {
          const samples = [good[0], ...collect, healthy.sample(2)] as Sample[];
          const { families, broken } = gatherer.gatherAll([samples]);
          expect(broken).toEqual([]);
          for (const format of FORMATS) {
            if (format === 'protobuf') continue;
            for (const escaping of ['underscores', 'allow-utf-8'] as const) {
              const page = Buffer.concat(encodeExposition(families, { format, escaping })).toString();
              const parsed = parseExposition(page, { format: format === 'text' ? 'text' : 'openmetrics' });
              expect(parsed.errors, page).toEqual([]);
            }
          }
          const shown = encodeText(families);
          expect(shown).toMatch(/^queue_depth\{queue="good".*\} 1$/m);
          expect(shown).toMatch(/^healthy_beside_junk.* 2$/m);
        }
      }),
      { numRuns: 150 },
    );
  });
});
