import { lint, parseText } from '@dynamic-informer/sdk/lint';
import { describe, expect, it } from 'vitest';
import { promtoolCheckMetrics } from '../support/prometheus.ts';

// Prometheus' own tool, as Debian has it (2.42), is the judge of the text format and of promlint's rules.

/** Does promtool read it? What its linter says then is another matter. */
const promtoolReads = async (input: string): Promise<boolean> =>
  !(await promtoolCheckMetrics(input)).stderr.includes('error while linting');

const READ = [
  '',
  '\n \t\n',
  'a 1\n',
  '\ta\t1\n',
  'a{} 1\n',
  'a{b="c"}1\n',
  'a {b="c"} 1\n',
  'a{ b = "c" , d="e", } 1\n',
  'a{b="\\\\ \\" \\n"} 1\n',
  'a{b="}# "} 1\n',
  'a:b 1\n',
  'a+1\n',
  'a 1 -5\n',
  'a 1 +5\n',
  'a .5e1\n',
  'a 1.\n',
  'a +Inf\na -inf\na INFINITY\na nan\n',
  '# a comment\n#\n#HELP a x\n# TYPE\n# HELP a\n# TYPE a\na 1\n',
  '# TYPE a GAUGE\na 1\n',
  '# HELP a one \\\\ two \\n three\na 1\n',
  '# TYPE a histogram\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
  '# TYPE a histogram\na_bucket{le="1e-3"} 0.5\n',
  '# TYPE a summary\na{quantile="0.5"} NaN\na_sum 1\na_count 1\n',
  'a_sum 1\n# TYPE a summary\na_sum 2\n',
  'a 1\nb 1\na{x="y"} 2\n',
];

const REFUSED = [
  'a 1',
  '# comment',
  'a 1 \n',
  'a 1\r\n',
  'a\n',
  'a{b="c"}\n',
  'a one\n',
  'a 0x1p-3\n',
  'a 0x1\n',
  'a 0b1\n',
  'a 1_000\n',
  'a 1,5\n',
  'a 1e400\n',
  'a +NaN\n',
  'a 1 1.5\n',
  'a 1 1_0\n',
  'a 1 99999999999999999999\n',
  'a 1 2 3\n',
  'a 1 2 \n',
  'a 1 # {b="c"} 1\n',
  '1a 1\n',
  'ä 1\n',
  'a-b 1\n',
  'a.b 1\n',
  '@a 1\n',
  '{b="c"} 1\n',
  'a{b} 1\n',
  'a{b=c} 1\n',
  "a{b='c'} 1\n",
  'a{b="c} 1\n',
  'a{b="c" 1\n',
  'a{b="c"d="e"} 1\n',
  'a{b="c",,} 1\n',
  'a{,} 1\n',
  'a{b="c",b="d"} 1\n',
  'a{__name__="c"} 1\n',
  'a{b:c="d"} 1\n',
  'a{b="\\t"} 1\n',
  'a{b="c\nd"} 1\n',
  '# HELP a x\n# HELP a y\n',
  '# HELP a \\t\na 1\n',
  '# TYPE a gauge\n# TYPE a gauge\n',
  'a 1\n# TYPE a gauge\n',
  '# TYPE a meter\n',
  '# TYPE a gauge \n',
  '# TYPE a-b gauge\n',
  '# TYPE a histogram\na_bucket{le="x"} 1\n',
  '# TYPE a summary\na{quantile="x"} 1\n',
  '# HELP a x\n# TYPE a summary\n# HELP a_sum y\n',
  '# TYPE a histogram\n# TYPE a_bucket counter\n',
];

describe('parseText and promtool', () => {
  it.each(READ)('both read %j', async (input) => {
    expect(await promtoolReads(input)).toBe(true);
    expect(parseText(input).errors).toEqual([]);
  });

  it.each(REFUSED)('both refuse %j', async (input) => {
    expect(await promtoolReads(input)).toBe(false);
    expect(parseText(input).errors).not.toEqual([]);
  });

  // Versions after Debian's read these, or refuse the last two.
  it.each([
    ['{"my.name"} 1\n', true],
    ['{"my.name","my.label"="x"} 1\n', true],
    ['# TYPE "my.name" gauge\n{"my.name"} 1\n', true],
    ['# HELP a a \\"quote\\"\na 1\n', true],
    ['# TYPE a histogram\na_count -1\n', false],
    ['# TYPE a histogram\na_bucket{le="1"} -1\n', false],
  ])('%j is read: %s', (input, read) => {
    expect(parseText(input).errors.length === 0).toBe(read);
  });
});

const CLEAN = `# HELP requests_total Requests that were answered.
# TYPE requests_total counter
requests_total{code="200"} 1
requests_total{code="500"} 1
# HELP request_duration_seconds How long requests took.
# TYPE request_duration_seconds histogram
request_duration_seconds_bucket{le="0.1"} 1
request_duration_seconds_bucket{le="+Inf"} 2
request_duration_seconds_sum 3
request_duration_seconds_count 2
# HELP build_info What is running.
# TYPE build_info gauge
build_info{version="1.2.3"} 1
`;

/** A metric of one sample, well made but for what is asked. */
const metric = (name: string, type = 'gauge', sample = `${name} 1`): string =>
  `# HELP ${name} What it measures.\n# TYPE ${name} ${type}\n${sample}\n`;

describe('lint and promtool', () => {
  it('both find nothing wrong with what is well made', async () => {
    expect(await promtoolCheckMetrics(CLEAN)).toMatchObject({ code: 0, stderr: '' });
    expect(lint(parseText(CLEAN).families)).toEqual([]);
  });

  it.each([
    ['help', '# TYPE a gauge\na 1\n', 'no help text'],
    ['name-type', metric('queue_gauge'), "metric name should not include type 'gauge'"],
    ['name-type', metric('jobs_counter_total', 'counter'), "metric name should not include type 'counter'"],
    ['name-colon', metric('job:requests'), "metric names should not contain ':'"],
    ['name-camel-case', metric('queueLength'), "metric names should be written in 'snake_case'"],
    [
      'name-camel-case',
      metric('a', 'gauge', 'a{jobName="x"} 1'),
      "label names should be written in 'snake_case'",
    ],
    ['unit-base', metric('lag_milliseconds'), 'use base unit "seconds" instead of "milliseconds"'],
    ['unit-base', metric('up_days'), 'use base unit "seconds" instead of "days"'],
    ['unit-base', metric('sent_bits_total', 'counter'), 'use base unit "bytes" instead of "bits"'],
    ['unit-base', metric('heat_fahrenheit'), 'use base unit "celsius" instead of "fahrenheit"'],
    ['unit-abbreviation', metric('lag_ms'), 'metric names should not contain abbreviated units'],
    ['unit-abbreviation', metric('used_kb_max'), 'metric names should not contain abbreviated units'],
    ['counter-total', metric('jobs', 'counter'), 'counter metrics should have "_total" suffix'],
    ['counter-total', metric('jobs_total'), 'non-counter metrics should not have "_total" suffix'],
    ['reserved-suffix', metric('jobs_bucket'), 'non-histogram metrics should not have "_bucket" suffix'],
    [
      'reserved-suffix',
      metric('jobs_count'),
      'non-histogram and non-summary metrics should not have "_count" suffix',
    ],
    [
      'reserved-suffix',
      metric('jobs_sum'),
      'non-histogram and non-summary metrics should not have "_sum" suffix',
    ],
    [
      'reserved-label',
      metric('a', 'gauge', 'a{le="1"} 1'),
      'non-histogram metrics should not have "le" label',
    ],
    [
      'reserved-label',
      metric('a', 'gauge', 'a{quantile="1"} 1'),
      'non-summary metrics should not have "quantile" label',
    ],
  ])('%s: both complain of %j', async (rule, input, complaint) => {
    const { code, stderr } = await promtoolCheckMetrics(input);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(complaint) });
    expect(lint(parseText(input).families).map((problem) => problem.rule)).toEqual([rule]);
  });

  // promlint has this rule since a version after Debian's.
  it('complains of a series that is there twice', () => {
    const [problem] = lint(parseText(metric('a', 'gauge', 'a{b="1",c="2"} 1\na{c="2",b="1"} 2')).families);
    expect(problem).toMatchObject({ rule: 'duplicate-series', metric: 'a', line: 4, column: 1 });
  });
});
