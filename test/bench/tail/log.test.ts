import { expect, test } from 'vitest';
import { LogWriter } from './log.ts';
import { FOLLOWED, informerPatterns, mtailProgram, PATTERNS } from './patterns.ts';

const LINES = 3_000;

function linesOf(seed: number) {
  const writer = new LogWriter(seed);
  return Array.from({ length: LINES }, () => writer.next());
}

const ALL = linesOf(1);

test('the same seed gives the same lines, another one others', () => {
  const texts = (seed: number) => linesOf(seed).map(({ text }) => text);
  const first = texts(1);
  expect(texts(1)).toEqual(first);
  expect(texts(2)).not.toEqual(first);
});

test('one line in a hundred is none of the access log', () => {
  const others = ALL.filter(({ error }) => error).length;
  expect(others).toBeGreaterThan(LINES / 200);
  expect(others).toBeLessThan(LINES / 50);
});

test.each(PATTERNS)(
  'what is known of the lines is what $match captures',
  ({ match, metrics, capturesOf }) => {
    const names = metrics.flatMap(({ value, labels }) => [
      ...Object.values(labels ?? {}),
      ...(value ? [value] : []),
    ]);
    const regex = new RegExp(match);
    const valuesOf = (captures: object | undefined) => {
      const known = captures as Record<string, unknown> | undefined;
      return known && names.map((name) => String(known[name]));
    };
    const found = ALL.map(({ text }) =>
      valuesOf(regex.exec(text)?.groups ?? (regex.test(text) ? {} : undefined)),
    );
    expect(found).toEqual(ALL.map((line) => valuesOf(capturesOf(line))));
    expect(found.some((values) => values !== undefined)).toBe(true);
  },
);

test('the same patterns are written for both', () => {
  const [first, second] = [PATTERNS.slice(3, 4), FOLLOWED.slice(4)];
  expect(mtailProgram([...first, ...second])).toBe(
    [
      'counter api_requests_total by version, endpoint',
      'gauge bench_marker',
      '/"[A-Z]+ \\/api\\/(?P<version>v\\d)\\/(?P<endpoint>[a-z]+)/ {',
      '  api_requests_total[$version][$endpoint]++',
      '}',
      '/^marker (?P<marker>\\d+)$/ {',
      '  bench_marker = $marker',
      '}',
      '',
    ].join('\n'),
  );
  expect(JSON.parse(informerPatterns(first))).toEqual([
    {
      match: '"[A-Z]+ /api/(?<version>v\\d)/(?<endpoint>[a-z]+)',
      metrics: [
        { name: 'api_requests_total', type: 'counter', labels: { version: 'version', endpoint: 'endpoint' } },
      ],
    },
  ]);
});
