import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeExposition, FamilyEncoders, FORMATS } from '../exposition/formats.ts';
import {
  ambiguousLabel,
  ESCAPINGS,
  type Escaping,
  escapeLabelName,
  escapeMetricName,
  isLegacyMetricName,
} from '../exposition/names.ts';
import { lint, parseExposition } from '../lint.ts';
import { counter, type Descriptor, gauge, histogram, info, stateset, summary } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import { Gatherer, type GatherOptions } from './gather.ts';
import { compileRelabel } from './relabel.ts';

const UTF8 = { utf8Names: true } as const;

function gather(samples: readonly Sample[], options: GatherOptions = {}) {
  const gatherer = new Gatherer([...new Set(samples.map(({ descriptor }) => descriptor))], options);
  const { families, problems } = gatherer.gather(samples);
  return { families, errors: [...gatherer.problems, ...problems].map(({ error }) => error.message) };
}

function pageOf(
  samples: readonly Sample[],
  escaping: Escaping,
  format: 'text' | 'openmetrics' = 'text',
  options: GatherOptions = {},
): string {
  const { families, errors } = gather(samples, options);
  expect(errors).toEqual([]);
  return Buffer.concat(encodeExposition(families, { format, escaping })).toString();
}

describe('a metric whose names are not of the old form', () => {
  const requests = counter('http.server.requests_total', 'Requests.', ['http.route', 'code'], UTF8);
  const samples = [requests.sample(2, { 'http.route': '/a', code: '200' })];

  it.each<[Escaping, string]>([
    ['allow-utf-8', '{"http.server.requests_total",code="200","http.route"="/a"} 2'],
    ['underscores', 'http_server_requests_total{code="200",http_route="/a"} 2'],
    ['dots', 'http_dot_server_dot_requests__total{code="200",http_dot_route="/a"} 2'],
    ['values', 'U__http_2e_server_2e_requests__total{code="200",U__http_2e_route="/a"} 2'],
  ])('is shown for %s as %s', (escaping, line) => {
    expect(pageOf(samples, escaping)).toContain(`\n${line}\n`);
  });

  it('has a header with its name in quotes', () => {
    expect(pageOf(samples, 'allow-utf-8')).toBe(`# HELP "http.server.requests_total" Requests.
# TYPE "http.server.requests_total" counter
{"http.server.requests_total",code="200","http.route"="/a"} 2
`);
    expect(pageOf(samples, 'allow-utf-8', 'openmetrics')).toBe(`# HELP "http.server.requests" Requests.
# TYPE "http.server.requests" counter
{"http.server.requests_total",code="200","http.route"="/a"} 2.0
# EOF
`);
  });

  it('may have characters beyond U+FFFF', () => {
    const cats = gauge('cats.\u{10000}', 'Cats.', ['kind.\u{1f408}'], UTF8);
    expect(pageOf([cats.sample(1, { 'kind.\u{1f408}': 'x' })], 'allow-utf-8')).toContain(
      '\n{"cats.\u{10000}","kind.\u{1f408}"="x"} 1\n',
    );
  });

  it('has nothing to fear of lint', () => {
    for (const escaping of ESCAPINGS) {
      const { families, errors } = parseExposition(pageOf(samples, escaping));
      expect({ escaping, errors, problems: lint(families) }).toEqual({ escaping, errors: [], problems: [] });
    }
  });

  it('keeps its names when it is relabelled, and those that a rule makes of them', () => {
    const relabel = compileRelabel([
      { source_labels: ['__name__'], regex: 'http\\.(.*)', target_label: '__name__', replacement: 'web.$1' },
    ]);
    expect(pageOf(samples, 'allow-utf-8', 'text', { relabel, resource: 'r' })).toContain(
      '{"web.server.requests_total",code="200","http.route"="/a",resource="r"} 2\n',
    );
  });
});

describe('what is refused', () => {
  const REFUSED: readonly [string, Descriptor, string][] = [
    ['a name without the option', gauge('a.b', ''), '"a.b" is not a metric name.'],
    ['a label without the option', gauge('a', '', ['b-c']), 'Metric "a": "b-c" is not a label name.'],
    ['an empty name', gauge('', '', [], UTF8), '"" is not a metric name.'],
    ['a name too long', gauge('é'.repeat(513), '', [], UTF8), `"${'é'.repeat(100)}" is not a metric name.`],
    ['half a character', gauge('a\ud800', '', [], UTF8), '"a\\ud800" is not a metric name.'],
    [
      'half a character of a label',
      gauge('a', '', ['\udc00'], UTF8),
      'Metric "a": "\\udc00" is not a label name.',
    ],
    ["a label of Prometheus' own", gauge('a', '', ['__é'], UTF8), 'Metric "a": "__é" is not a label name.'],
    [
      'labels that are one when they are escaped',
      gauge('a', '', ['b.c', 'b-c'], UTF8),
      'Metric "a": without UTF-8, the label "b-c" would have the name of another.',
    ],
    [
      'a label that is the name when it is escaped',
      gauge('a', '', ['..name..'], UTF8),
      'Metric "a": without UTF-8, the label "..name.." would have the name of another.',
    ],
    [
      "a label that is a stateset's own when it is escaped",
      stateset('a.b', '', ['on'], ['a-b'], UTF8),
      'Metric "a.b": without UTF-8, the label "a-b" would have the name of another.',
    ],
  ];
  it.each(REFUSED)('%s', (_name, descriptor, message) => {
    expect(new Gatherer([descriptor]).problems.map(({ error }) => error.message)).toEqual([message]);
  });

  it('two metrics that are one when they are escaped: the first stays', () => {
    const [dotted, dashed] = [gauge('a.b', '', [], UTF8), gauge('a-b', '', [], UTF8)];
    const { families, errors } = gather([dotted.sample(1), dashed.sample(2)]);
    expect(families.map(({ name }) => name)).toEqual(['a.b']);
    expect(errors[0]).toBe('Metric "a-b" and metric "a.b" are both "a_b" to a scraper without UTF-8.');
  });

  it.each<GatherOptions>([{ labels: { b_c: 'x' } }, { labels: { b_c: 'x' }, relabel: () => true }])(
    "a label that is the resource's when it is escaped (%#)",
    (options) => {
      const { families, errors } = gather([gauge('a', '', ['b.c'], UTF8).sample(1, { 'b.c': 'y' })], options);
      expect({ families, errors }).toMatchObject({
        families: [],
        errors: [expect.stringContaining('"b.c"')],
      });
    },
  );

  it('a name that a rule makes of a metric without the option', () => {
    const relabel = compileRelabel([{ target_label: '__name__', replacement: 'a.b' }]);
    const { families, errors } = gather([gauge('a', '').sample(1)], { relabel });
    expect({ families, errors }).toMatchObject({ families: [], errors: [expect.stringContaining('"a.b"')] });
  });
});

const anyName = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
  fc.stringMatching(/^[a-z]{1,3}[._\-:"\\ \n{]{1,2}[a-z]{1,3}$/),
);
const labelNames = fc
  .uniqueArray(anyName, { maxLength: 3 })
  .filter(
    (names) =>
      names.every((name) => !name.startsWith('__') && name !== 'le' && name !== 'quantile') &&
      ambiguousLabel([...names, 'le', 'quantile', 'resource']) === undefined,
  );

/** A sample of each type under a name of any form. */
const anySample: fc.Arbitrary<Sample> = fc
  .tuple(anyName, labelNames, fc.integer({ min: 0, max: 5 }), fc.string({ unit: 'binary', maxLength: 4 }))
  .filter(([name, names]) => ambiguousLabel([name, ...names]) === undefined)
  .map(([name, names, kind, value]) => {
    const labels = Object.fromEntries(names.map((label) => [label, value]));
    switch (kind) {
      case 0:
        return counter(`${name}_total`, 'Help.', names, UTF8).sample(1, labels);
      case 1:
        return histogram(name, 'Help.', names, { buckets: [1], ...UTF8 }).sample(
          { counts: [1, 1], sum: 3 },
          labels,
        );
      case 2:
        return summary(name, 'Help.', names, { quantiles: [0.5], ...UTF8 }).sample(
          { count: 1, sum: 2, quantiles: [[0.5, 2]] },
          labels,
        );
      case 3:
        return info(`${name}_info`, 'Help.', names, UTF8).sample(labels);
      case 4:
        return stateset(name, 'Help.', ['on', 'off'], names, UTF8).sample('on', labels);
      default:
        return gauge(name, 'Help.', names, UTF8).sample(1, labels);
    }
  });

describe('names of any form', () => {
  it.each(['text', 'openmetrics'] as const)('are read back from %s in every escaping', (format) => {
    fc.assert(
      fc.property(
        anySample,
        fc.constantFrom(...ESCAPINGS),
        fc.boolean(),
        (sample, escaping, isRelabelled) => {
          const options = isRelabelled ? { resource: 'r', relabel: () => true } : { resource: 'r' };
          const page = pageOf([sample], escaping, format, options);
          const { families, errors } = parseExposition(page, { format });
          expect(errors).toEqual([]);
          expect(families).toHaveLength(1);
          const shown = escapeMetricName(sample.descriptor.name, escaping);
          const labels = Object.entries({ ...sample.labels, resource: 'r' }).map(([name, value]) => [
            escapeLabelName(name, escaping),
            value,
          ]);
          for (const line of families[0]?.samples ?? []) {
            expect(line.name.startsWith(shown.replace(/_(?:total|info)$/, ''))).toBe(true);
            expect(line.labels).toEqual(expect.arrayContaining(labels));
            expect(new Set(line.labels.map(([name]) => name)).size).toBe(line.labels.length);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('that are of the old form have the same bytes in every escaping, made once', () => {
    const { families } = gather([
      gauge('a_b', '', ['c']).sample(1, { c: 'x' }),
      counter('d:e_total', '').sample(1),
    ]);
    expect(families.every(({ hasLegacyNames }) => hasLegacyNames)).toBe(true);
    for (const format of FORMATS) {
      const encoders = new FamilyEncoders();
      const bodies = ESCAPINGS.map((escaping) =>
        families.map((family) => encoders.encode(family, { format, escaping })[0]?.buffer),
      );
      for (const each of bodies) expect(each).toEqual(bodies[0]);
    }
  });

  it('are old or not as a whole', () => {
    fc.assert(
      fc.property(anySample, (sample) => {
        const { families } = gather([sample]);
        const names = [sample.descriptor.name, ...Object.keys(sample.labels)];
        expect(families[0]?.hasLegacyNames).toBe(
          names.every((name, i) => isLegacyMetricName(name) && (i === 0 || !name.includes(':'))),
        );
      }),
    );
  });
});
