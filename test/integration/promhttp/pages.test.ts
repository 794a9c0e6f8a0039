import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileRelabel, encodeExposition, Gatherer, negotiate } from '../../../sdk/src/host.ts';
import { counter, histogram, Registry, summary } from '../../../sdk/src/index.ts';
import { type Promhttp, startPromhttp } from '../../support/promhttp.ts';
import { families, type TwinFamily } from './generated.ts';
import { instruments, type TwinInstrument } from './instruments.ts';

const TEXT = 'text/plain;version=0.0.4';
const OPENMETRICS = 'application/openmetrics-text';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

let go: Promhttp;

beforeAll(async () => {
  go = await startPromhttp();
}, 300_000);

afterAll(() => go?.[Symbol.asyncDispose]());

/** A rule that every label passes and none changes: with it families take the way of those that are relabelled. */
const UNCHANGED = compileRelabel([{ regex: 'no such label', action: 'labeldrop' }]);

function pageOf(
  all: readonly Pick<TwinFamily, 'descriptor' | 'samples'>[],
  accept: string,
  relabel?: typeof UNCHANGED,
): Buffer {
  const gatherer = new Gatherer(
    all.map(({ descriptor }) => descriptor),
    { relabel },
  );
  expect(gatherer.problems).toEqual([]);
  const result = gatherer.gather(all.flatMap(({ samples }) => [...samples]));
  expect(result.problems).toEqual([]);
  return Buffer.concat(encodeExposition(result.families, negotiate(accept)));
}

/** client_golang writes the line of a help text that is empty; it says nothing, and ours leaves it out. */
const withoutEmptyHelp = (page: Buffer): string => page.toString('utf8').replace(/^# HELP \S+ \n/gm, '');

async function expectSamePages(all: readonly TwinFamily[]): Promise<void> {
  const described = all.map((family) => family.go);
  for (const accept of [TEXT, OPENMETRICS]) {
    const { body } = await go.page(accept, described);
    expect(pageOf(all, accept).toString('utf8')).toBe(withoutEmptyHelp(body));
  }
  const { body } = await go.page(PROTOBUF, described);
  expect(await go.decode(pageOf(all, PROTOBUF))).toEqual(await go.decode(body));
}

// An empty label is no label to relabelling, as in Prometheus, and what is left has another order.
const hasEmptyLabel = ({ samples }: TwinFamily): boolean =>
  samples.some(({ labels }) => Object.values(labels).includes(''));

async function expectSameRelabelled(all: readonly TwinFamily[]): Promise<void> {
  const kept = all.filter((family) => !hasEmptyLabel(family));
  for (const accept of [TEXT, OPENMETRICS]) {
    const { body } = await go.page(
      accept,
      kept.map((family) => family.go),
    );
    expect(pageOf(kept, accept, UNCHANGED).toString('utf8')).toBe(withoutEmptyHelp(body));
  }
}

async function expectSameInstruments(all: readonly TwinInstrument[]): Promise<void> {
  const registry = new Registry();
  for (const { apply } of all) apply(registry);
  const described = all.map((instrument) => instrument.go);
  for (const accept of [TEXT, OPENMETRICS]) {
    const { body } = await go.page(accept, [], described);
    expect(registry.expose(accept).toBuffer().toString('utf8')).toBe(withoutEmptyHelp(body));
  }
  const { body } = await go.page(PROTOBUF, [], described);
  expect(await go.decode(registry.expose(PROTOBUF).toBuffer())).toEqual(await go.decode(body));
}

describe('what promhttp answers of the same metrics', () => {
  it('is our page, byte by byte in the text formats and field by field in protobuf', async () => {
    await fc.assert(fc.asyncProperty(families, expectSamePages), { numRuns: 300 });
  });

  it('is our page of relabelled families too', async () => {
    await fc.assert(fc.asyncProperty(families, expectSameRelabelled), { numRuns: 200 });
  });

  it('is our page of instruments that were used alike', async () => {
    await fc.assert(fc.asyncProperty(instruments, expectSameInstruments), { numRuns: 300 });
  });
});

it('has counts that are not whole in the fields for them, where protobuf has such', async () => {
  const sizes = histogram('sizes', '', [], { buckets: [1] });
  const waits = summary('waits', '', [], { quantiles: [] });
  const samples = [
    sizes.sample({ counts: [0.5, 2 ** 60], sum: 1 }),
    waits.sample({ count: 1e300, sum: 1, quantiles: [] }),
  ];
  const page = pageOf(
    [
      { descriptor: sizes, samples: samples.slice(0, 1) },
      { descriptor: waits, samples: samples.slice(1) },
    ],
    PROTOBUF,
  );
  expect(await go.decode(page)).toMatchObject([
    {
      Name: 'sizes',
      Series: [{ Count: 0, CountFloat: '1.152921504606847e+18', Buckets: [{ CountFloat: '0.5' }] }],
    },
    { Name: 'waits', Series: [{ Count: 2 ** 64 - 2048 }] },
  ]);
});

// Where this expfmt (0.39) writes something else, and ours is what the specification or a newer one says.
describe('what is written otherwise than by expfmt', () => {
  const both = async (name: string, exemplar?: { labels: Record<string, string>; timestamp?: number }) => {
    const descriptor = counter(name, '');
    const value = 1;
    const samples = [descriptor.sample(value, undefined, exemplar && { exemplar: { ...exemplar, value } })];
    const { body } = await go.page(OPENMETRICS, [
      {
        name,
        help: 'Help.',
        type: 'counter',
        series: [
          {
            labels: [],
            value: '1',
            exemplar: exemplar && {
              labels: Object.entries(exemplar.labels),
              value: '1',
              timestamp: exemplar.timestamp,
            },
          },
        ],
      },
    ]);
    const linesOf = (page: Buffer) =>
      page
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '' && !/^# (?:HELP|EOF)/.test(line));
    return { ours: linesOf(pageOf([{ descriptor, samples }], OPENMETRICS)), theirs: linesOf(body) };
  };

  it('is a counter without "_total", which OpenMetrics does not know: expfmt calls it unknown', async () => {
    const { ours, theirs } = await both('a');
    expect(theirs).toEqual(['# TYPE a unknown', 'a 1.0']);
    expect(ours).toEqual(['# TYPE a counter', 'a_total 1.0']);
  });

  it('is an exemplar without labels: expfmt forgets the braces', async () => {
    const { ours, theirs } = await both('a_total', { labels: {} });
    expect(theirs.at(-1)).toBe('a_total 1.0 #  1.0');
    expect(ours.at(-1)).toBe('a_total 1.0 # {} 1.0');
  });

  it('is the time of an exemplar: expfmt loses the last digits of nanoseconds in a float', async () => {
    const { ours, theirs } = await both('a_total', { labels: { a: 'b' }, timestamp: 587_676_975_203 });
    expect(theirs.at(-1)).toBe('a_total 1.0 # {a="b"} 1.0 5.876769752030001e+08');
    expect(ours.at(-1)).toBe('a_total 1.0 # {a="b"} 1.0 5.87676975203e+08');
  });
});

describe('the format that expfmt chooses for an Accept header', () => {
  // Left out is where ours has its own mind: OpenMetrics 1.0.0 and text 1.0.0, which this expfmt does not know;
  // protobuf as text, which Prometheus never asks for; "*/*" before others and a quality of 0 or none, for which
  // RFC 9110 says what expfmt does not do.
  const range = fc
    .tuple(
      fc.constantFrom(
        ...[TEXT, 'text/plain', OPENMETRICS, `${OPENMETRICS};version=0.0.1`, PROTOBUF],
        ...['text/plain;version=9', `${OPENMETRICS};version=9`, 'text/html', 'application/json', ''],
        ...['application/vnd.google.protobuf', 'text/plain; version=0.0.4; charset=utf-8', 'TEXT'],
      ),
      fc.constantFrom('', ';q=1', ';q=0.5', '; q=0.25', ';q=0.1'),
      fc.constantFrom('', ' '),
    )
    .map(([type, quality, space]) => `${space}${type}${quality}`);
  const header = fc
    .tuple(fc.array(range, { maxLength: 5 }), fc.constantFrom('', ',*/*;q=0.01'))
    .map(([ranges, last]) => ranges.join(',') + last);

  it('is ours', async () => {
    const headers = fc.sample(header, 500);
    const theirs = await go.negotiate(headers);
    const named = headers.map((accept) => negotiate(accept).contentType.split(';')[0]);
    expect(named.map((type, i) => [headers[i], type])).toEqual(
      theirs.map((type, i) => [headers[i], type.split(';')[0]]),
    );
  });
});
