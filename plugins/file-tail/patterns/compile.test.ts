import { describe, expect, it } from 'vitest';
import { compilePatterns } from './compile.ts';
import { namedGroups } from './groups.ts';

describe('named groups are read by index', () => {
  const cases: [expression: string, indices: Record<string, number[]>][] = [
    ['(?<a>x)', { a: [1] }],
    ['(x)(?:y)(?=z)(?!q)(?<=p)(?<!r)(?<a>x)', { a: [2] }],
    ['[(](?<a>x)\\((?<b>[)\\]]+)', { a: [1], b: [2] }],
    ['(?<a>x(?<b>y)(z))(?<c>w)', { a: [1], b: [2], c: [4] }],
    ['(?:a=(?<v>\\d+)|b=(?<v>\\d+))', { v: [1, 2] }],
  ];
  for (const [expression, indices] of cases) {
    it(expression, () => {
      expect(Object.fromEntries(namedGroups(expression).indices)).toEqual(indices);
    });
  }

  it('and the expression without names captures the same', () => {
    const expression = '^(?<ip>\\S+) \\[(?<at>[^\\]]+)\\] "(?<method>[A-Z]+) (?:.*?)" (?<status>\\d{3})';
    const { source, indices } = namedGroups(expression);
    const line = '::1 [now] "GET /" 200';
    const named = new RegExp(expression).exec(line)?.groups;
    const match = new RegExp(source).exec(line);
    for (const [name, [index]] of indices) expect(match?.[index as number]).toBe(named?.[name]);
    expect(source).not.toContain('?<ip>');
  });

  it('but one that refers to a name keeps it', () => {
    const { source } = namedGroups('(?<quote>["\']).*\\k<quote>');
    expect(new RegExp(source).test('say "x"')).toBe(true);
    expect(new RegExp(source).test('say "x\'')).toBe(false);
  });
});

describe('says what is wrong with a pattern', () => {
  const problemsOf = (metric: object, match = '(?<n>\\d+) (?<s>\\w+)') =>
    compilePatterns([{ match, metrics: [metric as never] }]).problems.map(
      ({ path, message, fix }) => `${path.join('.')}: ${message}; ${fix}`,
    );
  const at = 'patterns.0.metrics.0';
  const cases: [metric: object, problem: string][] = [
    [
      { name: '1x', type: 'counter' },
      `${at}.name: "1x" is not a metric name; use letters, digits, "_" and ":", and begin with no digit`,
    ],
    [
      { name: 'x', type: 'histogram' },
      `${at}.value: missing: a histogram needs a number; name the group that captures it, or use a counter, which counts lines`,
    ],
    [
      { name: 'x', type: 'gauge', value: 'm' },
      `${at}.value: the pattern has no group named "m"; its groups are: n, s`,
    ],
    [
      { name: 'x_total', type: 'counter', labels: { 'a-b': 's' } },
      `${at}.labels.a-b: "a-b" is not a label name; use letters, digits and "_", and begin with neither a digit nor "__"`,
    ],
    [
      { name: 'x', type: 'histogram', value: 'n', labels: { le: 's' } },
      `${at}.labels.le: a histogram has a label "le" of its own; rename the label`,
    ],
    [
      { name: 'x', type: 'histogram', value: 'n', buckets: [2, 1] },
      `${at}.buckets: the bounds do not ascend; write each one once, the lowest first`,
    ],
    [
      { name: 'x_total', type: 'counter', buckets: [1] },
      `${at}.buckets: a counter has no buckets; leave them out, or make it a histogram`,
    ],
  ];
  for (const [metric, problem] of cases) {
    it(problem, () => expect(problemsOf(metric)).toEqual([problem]));
  }

  it('names all the problems of all the patterns at once', () => {
    const { problems } = compilePatterns([
      { match: '[', metrics: [{ name: 'a_total', type: 'counter' }] },
      { match: 'x', metrics: [{ name: 'b', type: 'gauge' }] },
    ]);
    expect(problems.map(({ path }) => path.join('.'))).toEqual([
      'patterns.0.match',
      'patterns.1.metrics.0.value',
    ]);
  });

  it('lets metrics of one name agree across patterns, and no others', () => {
    const first = { name: 'x_total', type: 'counter', labels: { a: 'n', b: 's' } } as const;
    const agreeing = { ...first, labels: { b: 'n', a: 's' } };
    const match = '(?<n>\\d+) (?<s>\\w+)';
    expect(
      compilePatterns([
        { match, metrics: [first] },
        { match, metrics: [agreeing] },
      ]).problems,
    ).toEqual([]);
    const other = { ...first, labels: { a: 'n' } };
    const { problems } = compilePatterns([{ match, metrics: [first, other] }]);
    expect(problems[0]).toMatchObject({
      path: ['patterns', 0, 'metrics', 1, 'labels'],
      message: '"x_total" has the labels a, b in an earlier pattern, and a here',
    });
  });
});
