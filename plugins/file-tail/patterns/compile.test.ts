import { makeLogger } from '@dynamic-informer/sdk';
import { describe, expect, it } from 'vitest';
import type { PatternConfig } from '../config.ts';
import { noCounts } from '../file-counts.ts';
import { engineForTest } from '../test/engine.ts';
import { compilePatterns } from './compile.ts';
import { compileConfig } from './configured.ts';
import { LineCounter } from './count.ts';
import { namedGroups } from './groups.ts';
import type { FieldSource } from './names.ts';
import type { Path } from './report.ts';

const problemsIn = async (patterns: readonly PatternConfig[], rest: object = {}) => {
  const config = {
    patterns: [...patterns],
    pattern_files: [],
    ready_metrics: true,
    else: [],
    timezone: 'UTC',
    ...rest,
  };
  return (await compileConfig(config, '/', Date.now)).problems;
};
const shown = (problems: Awaited<ReturnType<typeof problemsIn>>) =>
  problems.map(({ path, message, fix }) => `${path.join('.')}: ${message}; ${fix}`);

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

  it('but for what nobody reads: that is not captured', () => {
    const expression = '(?<ip>\\S+) (\\d+)(?<!(x)) (?<word>a|(b)) [(](?<word>c)?';
    const { source, indices } = namedGroups(expression, new Set(['word']));
    expect(source).toBe('(?:\\S+) (?:\\d+)(?<!(?:x)) (a|(?:b)) [(](c)?');
    expect(Object.fromEntries(indices)).toEqual({ ip: [], word: [1, 2] });
    expect(namedGroups('(x)(?<q>").*\\2', new Set())).toEqual({
      source: '(x)(?<q>").*\\2',
      indices: new Map([['q', [2]]]),
    });
  });

  it('but one that refers to a name keeps it', () => {
    const { source } = namedGroups('(?<quote>["\']).*\\k<quote>');
    expect(new RegExp(source).test('say "x"')).toBe(true);
    expect(new RegExp(source).test('say "x\'')).toBe(false);
  });
});

describe('says what is wrong with a pattern', () => {
  const problemsOf = (metric: object, match = '(?<number>\\d+) (?<s>\\w+)') =>
    problemsIn([{ match, metrics: [metric as never] }]).then(shown);
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
      { name: 'x', type: 'gauge', value: 'size' },
      `${at}.value: the pattern has no group named "size"; it has: number, s`,
    ],
    [
      { name: 'x', type: 'gauge', value: 'numbr' },
      `${at}.value: the pattern has no group named "numbr"; did you mean "number"?`,
    ],
    [
      { name: 'x_total', type: 'counter', labels: { 'a-b': 's' } },
      `${at}.labels.a-b: "a-b" is not a label name; use letters, digits and "_", and begin with neither a digit nor "__"`,
    ],
    [
      { name: 'x', type: 'histogram', value: 'number', labels: { le: 's' } },
      `${at}.labels.le: a histogram has a label "le" of its own; rename the label`,
    ],
    [
      { name: 'x', type: 'histogram', value: 'number', buckets: [2, 1] },
      `${at}.buckets: the bounds do not ascend; write each one once, the lowest first`,
    ],
    [
      { name: 'x_total', type: 'counter', buckets: [1] },
      `${at}.buckets: a counter has no buckets; leave them out, or make it a histogram`,
    ],
    [
      { name: 'x_total', type: 'counter', labels: { a: { group: 'x' } } },
      `${at}.labels.a.group: the pattern has no group named "x"; did you mean "s"?`,
    ],
    [
      { name: 'x_total', type: 'counter', labels: { a: { group: 's', map: { '/(/': 'y' } } } },
      `${at}.labels.a.map./(/: not a regular expression: /(/: Unterminated group; mend it; a character that means itself is written with a backslash, and YAML keeps that in single quotes`,
    ],
    [
      { name: 'x_total', type: 'counter', unit: 'ms' },
      `${at}.unit: lines that are counted have no unit; leave it out, or name the group that holds the number as "value"`,
    ],
    [
      { name: 'x_total', type: 'counter', value: 'number', unit: 'timestamp' },
      `${at}.unit: a counter can't take a time; make it a gauge, which keeps the last one`,
    ],
    [
      { name: 'x_total', type: 'counter', when: { numbers: 1 } },
      `${at}.when.numbers: the pattern has no group named "numbers"; did you mean "number"?`,
    ],
    [
      { name: 'x_total', type: 'counter', when: { s: { matches: '^(a+)+\\1$' } } },
      `${at}.when.s.matches: can take very long on some texts, as V8's linear engine can't run it: it has a reference to a group; write out what the group can be`,
    ],
    [
      { name: 'x_total', type: 'counter', labels: { s: { group: 's', map: { '/(?!a).*/i': 'b' } } } },
      `${at}.labels.s.map./(?!a).*/i: can take very long on some texts, as V8's linear engine can't run it: it has a look ahead; match what is there instead, such as [^x] for "no x", or ask in "when"`,
    ],
    [
      { name: 'x_total', type: 'counter', when: { s: { not: { matches: '[' } } } },
      `${at}.when.s.not.matches: not a regular expression: /[/: Unterminated character class; mend it; a character that means itself is written with a backslash, and YAML keeps that in single quotes`,
    ],
    [
      { name: 'x_total', type: 'counter', when: { number: { min: '1 hour' } } },
      `${at}.when.number.min: "1 hour" is not a number; write one, with its unit if it has one: 500ms, 1MiB, 5%`,
    ],
    [
      { name: 'x_total', type: 'counter', when: { number: { min: '2s', max: '500ms' } } },
      `${at}.when.number.min: more than max: no number is both; swap them, or leave one out`,
    ],
    [
      { name: 'x_total', type: 'counter', when: { s: {} } },
      `${at}.when.s: an empty condition; say what the text must be: matches, min, max, not or present`,
    ],
  ];
  for (const [metric, problem] of cases) {
    it(problem, async () => expect(await problemsOf(metric)).toEqual([problem]));
  }

  it('names all the problems of all the patterns at once', async () => {
    const problems = await problemsIn([
      { match: '[', metrics: [{ name: 'a_total', type: 'counter' }] },
      { match: 'x', metrics: [{ name: 'b', type: 'gauge' }] },
    ]);
    expect(problems.map(({ path }) => path.join('.'))).toEqual([
      'patterns.0.match',
      'patterns.1.metrics.0.value',
    ]);
  });

  it('lets metrics of one name agree across patterns, and no others', async () => {
    const first = { name: 'x_total', type: 'counter', labels: { a: 'n', b: 's' } } as const;
    const agreeing = { ...first, labels: { b: 'n', a: 's' } };
    const match = '(?<n>\\d+) (?<s>\\w+)';
    expect(
      await problemsIn([
        { match, metrics: [first] },
        { match, metrics: [agreeing] },
      ]),
    ).toEqual([]);
    const other = { ...first, labels: { a: 'n' } };
    const problems = await problemsIn([{ match, metrics: [first, other] }]);
    expect(problems[0]).toMatchObject({
      path: ['patterns', 0, 'metrics', 1, 'labels'],
      message: '"x_total" has the labels a, b in patterns[0], and a here',
    });
  });

  it('and in labels that are called as what every object has', async () => {
    const metric = (labels: Record<string, string>) =>
      ({ name: 'x_total', type: 'counter', labels }) as const;
    const match = '(?<a>x)';
    const problems = await problemsIn([
      { match, metrics: [metric({ constructor: 'a' })] },
      { match, metrics: [metric({ a: 'a' })] },
    ]);
    expect(problems.map(({ message }) => message)).toEqual([
      '"x_total" has the labels constructor in patterns[0], and a here',
    ]);
  });

  it('and in how many values a label may take', async () => {
    const metric = (max_values: number) =>
      ({ name: 'x_total', type: 'counter', labels: { a: { group: 'a', max_values } } }) as const;
    const problems = await problemsIn([
      { match: '(?<a>x)', metrics: [metric(5)] },
      { name: 'second', match: '(?<a>y)', metrics: [metric(6)] },
    ]);
    expect(shown(problems)).toEqual([
      'patterns.1.metrics.0.labels.a.max_values: 6 here, and 5 for the same label in another place; say one of them',
    ]);
  });

  it('wants an expression or a format, and each name once', async () => {
    const metrics = [{ name: 'x_total', type: 'counter' as const }];
    const problems = await problemsIn([
      { name: 'a', metrics },
      { match: 'x', field: 'message', metrics },
      { name: 'a', match: 'y', metrics },
    ]);
    expect(shown(problems)).toEqual([
      'patterns.0.match: missing; write the expression that lines of the pattern match, or set a "format"',
      'patterns.1.field: a line has fields only if a "format" is set; set one, or leave "field" out',
      'patterns.2.name: "a" is the name of patterns[0] too; give each pattern a name of its own',
    ]);
  });

  it('knows what is in lines that no pattern matched, and which time zones there are', async () => {
    const problems = await problemsIn([], {
      else: [{ name: 'x_total', type: 'counter', labels: { a: 'b' } }],
      timezone: 'Europe/Berln',
    });
    expect(shown(problems)).toEqual([
      'timezone: there is no time zone "Europe/Berln"; write one such as UTC or Europe/Berlin',
      'else.0.labels.a: there is no group named "b" here; lines that no pattern matched have none; write {value: TEXT} for a constant',
    ]);
  });
});

describe('with a log format', () => {
  /** Lines such as `a=1 b=2`, of which a format knows the names "level" and those that begin with "x.". */
  const format: FieldSource = {
    name: 'pairs',
    fields: [{ name: 'level' }, { name: 'x.*' }],
    extractor: (wanted) => ({
      exec: (line) => {
        if (!line.includes('=')) return null;
        const pairs = new Map(line.split(' ').map((pair) => pair.split('=') as [string, string]));
        return wanted.map((name) => pairs.get(name));
      },
    }),
  };
  const compiled = (patterns: readonly PatternConfig[]) => {
    const problems: string[] = [];
    const sources = patterns.map((config, index) => ({
      config,
      place: `patterns[${index}]`,
      report: (path: Path, message: string, fix: string) => {
        problems.push(`${path.join('.')}: ${message}; ${fix}`);
      },
    }));
    return { problems, compilation: compilePatterns(sources, { format, zone: 'UTC', now: Date.now }) };
  };

  it('patterns use its fields, beside what they capture themselves', () => {
    const { compilation, problems } = compiled([
      { metrics: [{ name: 'all_total', type: 'counter', labels: { level: 'level' } }] },
      {
        match: '^(?<first>.)',
        field: 'x.y',
        when: { level: ['high', 'low'] },
        metrics: [{ name: 'first_total', type: 'counter', labels: { first: 'first', level: 'level' } }],
      },
      { metrics: [{ name: 'y_sum', type: 'gauge', value: 'x.y', when: { 'x.z': { present: true } } }] },
    ]);
    expect(problems).toEqual([]);
    const counter = new LineCounter(
      compilation,
      100,
      makeLogger(() => {}),
    );
    const engine = engineForTest({ format: compilation.extractor, patterns: counter.patterns });
    const counts = noCounts();
    engine.lines(['level=high x.y=12', 'level=mid x.y=3', 'level=low x.y=7 x.z=1', 'plain'], counts);
    const series = counter
      .collect()
      .map(({ descriptor, labels, value }) => ({ [descriptor.name]: [labels, value] }));
    expect(series.slice(2)).toEqual([
      { all_total: [{ level: 'high' }, 1] },
      { all_total: [{ level: 'mid' }, 1] },
      { all_total: [{ level: 'low' }, 1] },
      { first_total: [{ first: '1', level: 'high' }, 1] },
      { first_total: [{ first: '7', level: 'low' }, 1] },
      { y_sum: [{}, 7] },
    ]);
    expect(counts.unmatched).toBe(1);
  });

  it('names are those of the groups and of its fields', () => {
    const metrics = [{ name: 'x_total', type: 'counter' as const, labels: { l: 'levl' } }];
    const { problems } = compiled([{ metrics }, { match: '(?<a>.)', field: 'y', metrics }]);
    expect(problems).toEqual([
      'metrics.0.labels.l: the format "pairs" has no field "levl"; did you mean "level"?',
      'field: the format "pairs" has no field "y"; it has: level, x.*',
      'metrics.0.labels.l: the pattern has no group named "levl", and the format "pairs" has no field "levl"; did you mean "level"?',
    ]);
  });
});
