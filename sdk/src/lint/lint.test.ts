import { describe, expect, it } from 'vitest';
import { parseExposition } from '../exposition/parse/detect.ts';
import { lint } from './lint.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules.ts';

/** `RULE METRIC LINE:COLUMN message; fix` of every problem of an exposition without mistakes of the format. */
function problems(input: string, rules: readonly Rule[] = RULES): string[] {
  const { families, errors } = parseExposition(input);
  expect(errors).toEqual([]);
  return lint(families, { rules }).map(
    ({ rule, metric, line, column, message, fix }) =>
      `${rule} ${metric} ${line}:${column} ${message}; ${fix}`,
  );
}

/** A metric with nothing wrong but what its type, name or samples bring. */
const text = (type: string, name: string, ...samples: string[]): string =>
  `# HELP ${name} What it measures.\n# TYPE ${name} ${type}\n${samples.map((sample) => `${sample}\n`).join('')}`;

const openMetrics = (type: string, name: string, ...samples: string[]): string =>
  `${text(type, name, ...samples)}# EOF\n`;

const urls = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `a{url="https://h/x?q=${index}"} 1`);

const UUID = '0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b';

describe('lint', () => {
  // promlint's own rules are compared with promtool in test/integration/promtool.test.ts.
  it.each([
    ['# TYPE a gauge\na 1\n', 'help a 1:1 there is no help text; say in a HELP line what it measures'],
    [
      '# HELP queue_depth Queue depth.\n# TYPE queue_depth gauge\n',
      'help-says-nothing queue_depth 1:1 the help text only repeats the name; say what it measures',
    ],
    [
      text('gauge', 'lag_milliseconds'),
      'unit-base lag_milliseconds 1:1 "milliseconds" is not a base unit; convert the value to seconds and name it "lag_seconds"',
    ],
    [
      text('gauge', 'used_percent'),
      'unit-base used_percent 1:1 "percent" is not a base unit; convert the value to ratio and name it "used_ratio"',
    ],
    [
      text('gauge', 'lag_ms'),
      'unit-abbreviation lag_ms 1:1 "ms" in the name abbreviates a unit; give the value in a base unit and write that in full, such as seconds',
    ],
    [
      '# HELP wait Time in milliseconds.\n# TYPE wait gauge\n',
      'unit-in-help wait 1:1 the help text says that it is in milliseconds, the name does not; convert the value to seconds and name it "wait_seconds"',
    ],
    [
      '# HELP sent_total Volume in bytes.\n# TYPE sent_total counter\n',
      'unit-in-help sent_total 1:1 the help text says that it is in bytes, the name does not; name it "sent_bytes_total"',
    ],
    [
      text('gauge', 'queueDepth'),
      'name-camel-case queueDepth 1:1 the name is written in camelCase; write it in snake_case: "queue_depth"',
    ],
    [
      text('counter', 'jobs'),
      'counter-total jobs 1:1 the counter\'s name does not end in "_total"; rename it to "jobs_total"',
    ],
    [
      text('counter', 'jobs_total', 'jobs_total -1'),
      'counter-value jobs_total 3:1 the counter is -1; count from 0 upwards, or make it a gauge',
    ],
    [
      text('counter', 'jobs_total', 'jobs_total NaN'),
      'counter-value jobs_total 3:1 the counter is NaN; count from 0 upwards, or make it a gauge',
    ],
    [
      openMetrics('counter', 'jobs_total', 'jobs_total_total 1'),
      'counter-total jobs_total 1:1 the name of the counter\'s family ends in "_total", so its samples end in "_total_total"; name the family "jobs"',
    ],
    [
      text('gauge', 'a', 'a{__b="1"} 1'),
      'reserved-label a 3:1 a label\'s name begins with "__", which is for Prometheus itself; rename the label',
    ],
    [
      text('gauge', 'a', 'a{b="1"} 1', 'a{b="1"} 2'),
      'duplicate-series a 4:1 the same series, with the same labels, is on line 3 already; expose each series once, or add the label that tells them apart',
    ],
    [
      text('gauge', 'build_info', 'build_info{v="1"} 3'),
      'info build_info 3:1 the value of an info metric is 3; write 1, or leave "_info" out of the name',
    ],
    [
      text('summary', 'a_info'),
      'info a_info 1:1 the name of the summary ends in "_info"; rename it: "_info" is for labels with the value 1',
    ],
    [
      openMetrics('info', 'a_info', 'a_info_info 1'),
      'info a_info 1:1 the name of the info family ends in "_info" itself; name the family "a": its samples add "_info"',
    ],
    [
      openMetrics('stateset', 'mode', 'mode{mode="a"} 2'),
      'stateset mode 3:1 a state is 2; write 1 for a state that holds, 0 for one that does not',
    ],
    [
      openMetrics('stateset', 'mode', 'mode 1'),
      'stateset mode 3:1 the sample has no label "mode", which names the state; give each state one sample with that label',
    ],
    [
      text('gauge', 'queue', 'queue{queue="a"} 7'),
      'label-named-like-metric queue 3:1 the label "queue" is named like the metric; name the label after what its values are',
    ],
    [
      text('gauge', 'a', 'a{b="1"} 1', 'a{c="1"} 1'),
      'label-sets-differ a 4:1 its series have different labels: b, then c; give all series of a metric the same labels, with "" where one does not apply',
    ],
    [
      text('gauge', 'a', `a{id="${UUID}"} 1`),
      `label-cardinality a 3:1 the values of the label "id" are UUIDs, each a new series; "${UUID}" belongs in a log or an exemplar; label with what there is a bounded number of`,
    ],
    [
      text('gauge', 'a', 'a{at="2026-03-01T12:00:00Z"} 1'),
      'label-cardinality a 3:1 the values of the label "at" are points in time, each a new series; "2026-03-01T12:00:00Z" belongs in a log or an exemplar; label with what there is a bounded number of',
    ],
    [
      text('gauge', 'a', 'a{at="1772366400"} 1'),
      'label-cardinality a 3:1 the values of the label "at" are points in time, each a new series; "1772366400" belongs in a log or an exemplar; label with what there is a bounded number of',
    ],
    [
      text('gauge', 'a', ...urls(11)),
      'label-cardinality a 13:1 the values of the label "url" are URLs with their queries, each a new series; "https://h/x?q=10" belongs in a log or an exemplar; label with what there is a bounded number of',
    ],
  ])('says of %j: %s', (input, expected) => {
    expect(problems(input)).toEqual([expected]);
  });

  it.each([
    [
      'no +Inf',
      ['h_bucket{le="1"} 1'],
      'there is no bucket le="+Inf"; add it, with the count of all observations',
    ],
    [
      'two counts',
      ['h_bucket{le="+Inf"} 1', 'h_count 2', 'h_sum 1'],
      'the count is 2, the bucket le="+Inf" has 1; take both at one moment: they are the same number',
    ],
    ['no sum', ['h_bucket{le="+Inf"} 1', 'h_count 1'], 'there is a count and no sum; expose the sum too'],
    ['no count', ['h_bucket{le="+Inf"} 1', 'h_sum 1'], 'there is a sum and no count; expose the count too'],
    [
      'not cumulated',
      ['h_bucket{le="1"} 2', 'h_bucket{le="+Inf"} 1'],
      'a bucket counts less than the one below it; cumulate: each bucket counts all observations up to its bound',
    ],
    [
      'not sorted',
      ['h_bucket{le="2"} 1', 'h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 1'],
      'the buckets are not in ascending order of "le"; sort them by their bounds',
    ],
    ['Inf', ['h_bucket{le="Inf"} 1'], 'the last bucket is written le="Inf"; write le="+Inf", as queries do'],
    [
      'no le',
      ['h_bucket{le="+Inf"} 1', 'h_bucket 1'],
      'the sample has no label "le"; say which le it is about',
    ],
    [
      'no part',
      ['h_bucket{le="+Inf"} 1', 'h{x="y"} 1'],
      'the histogram has a sample of its own name; expose _bucket, _sum and _count, or give it another type',
    ],
    ['NaN', ['h_bucket{le="+Inf"} NaN'], 'observations are counted as NaN; count from 0 upwards'],
  ])('knows how a histogram hangs together: %s', (_, samples, expected) => {
    const rules = RULES.filter(({ name }) => name.startsWith('distribution-'));
    expect(
      problems(text('histogram', 'h', ...samples), rules).map((line) => line.replace(/^\S+ h \d+:\d+ /, '')),
    ).toContain(expected);
  });

  it('holds sums, quantiles and exemplars to what OpenMetrics says of them', () => {
    expect(problems(openMetrics('summary', 's', 's{quantile="1.5"} -1', 's_sum -1', 's_count 1'))).toEqual([
      'distribution-bounds s 3:1 the quantile "1.5" is not between 0 and 1; write 0.99 for 99 %',
      'distribution-shape s 3:1 the quantile is -1; OpenMetrics allows none below 0; use a gauge',
      'distribution-shape s 4:1 the sum is -1; leave sum and count out where values can be below 0',
    ]);
    expect(problems(openMetrics('gauge', 'a', 'a 1 # {b="c"} 1'))).toEqual([
      'exemplar a 3:1 there is an exemplar on a sample that can not have one; only totals of counters and buckets have exemplars',
    ]);
    const long = 'x'.repeat(128);
    expect(problems(openMetrics('counter', 'a', `a_total 1 # {b="${long}"} 1`))).toEqual([
      'exemplar a 3:1 the labels of the exemplar have 129 characters, more than 128; keep the trace id, and leave out what can be found through it',
    ]);
    expect(
      problems(openMetrics('histogram', 'h', 'h_bucket{le="1"} 1 # {} 2', 'h_bucket{le="+Inf"} 1')),
    ).toEqual([
      'exemplar h 3:1 the exemplar 2 does not fall in the bucket le="1"; attach it to the bucket that it fell in',
    ]);
    expect(problems(openMetrics('gauge', 'a', 'a{b="1"} 1', 'a{b="2"} 1', 'a{b="1"} 1 5'))).toEqual([
      'order a 5:1 the samples of one set of labels are not all in one place; write all samples of a set of labels before those of the next',
    ]);
    expect(problems(openMetrics('gauge', 'a', 'a 1 2', 'a 1 1'))).toEqual([
      'order a 4:1 the timestamps of a series go backwards; write its points in the order of time',
    ]);
  });

  it.each([
    [
      'an info metric with identifiers',
      text('gauge', 'machine_info', `machine_info{id="${UUID}",booted="1772366400"} 1`),
    ],
    ['states in the text format', text('gauge', 'mode', 'mode{mode="a"} 1', 'mode{mode="b"} 0')],
    ['as many URLs with queries as one may configure', text('gauge', 'a', ...urls(10))],
    [
      'labels that one resource has and another has not',
      text('gauge', 'a', 'a{resource="x",team="t"} 1', 'a{resource="y"} 1'),
    ],
    ['memory as the kernel names it', text('gauge', 'node_memory_MemTotal_bytes')],
    ['a type in a longer word', text('gauge', 'gauges_connected')],
    ['a rate', '# HELP speed What flows, in bytes per second.\n# TYPE speed gauge\n'],
    ['a number that is no time', text('gauge', 'a', 'a{port="19115",shard="1234567890123456789"} 1')],
    ['negative sums in the text format', text('summary', 's', 's_sum -1', 's_count 1')],
    ['points in time of one series', openMetrics('gauge', 'a', 'a 1 1', 'a 1 2')],
    ['a family without samples', text('gauge', 'a')],
  ])('leaves %s alone', (_, input) => {
    expect(problems(input)).toEqual([]);
  });

  it('asks for nothing that may have stood on a line that could not be read', () => {
    const { families } = parseExposition(
      text('histogram', 'h', 'h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} one'),
    );
    expect(lint(families)).toEqual([]);
  });

  it('says once what many samples have', () => {
    const samples = Array.from({ length: 50 }, (_, index) => `a{jobName="${index}"} 1`);
    expect(problems(text('gauge', 'a', ...samples))).toHaveLength(1);
  });

  it("takes rules of one's own, alone or beside its own", () => {
    const team: Rule = {
      name: 'team',
      *check({ name }) {
        if (!name.startsWith('acme_'))
          yield { message: 'the name is not ours', fix: 'begin it with "acme_"' };
      },
    };
    const input = `${text('gauge', 'acme_ok')}\n# TYPE other gauge\n`;
    expect(problems(input, [team])).toEqual(['team other 4:1 the name is not ours; begin it with "acme_"']);
    expect(problems(input, [...RULES, team]).map((line) => line.split(' ')[0])).toEqual(['help', 'team']);
  });

  it('has a name for each rule', () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  });
});
