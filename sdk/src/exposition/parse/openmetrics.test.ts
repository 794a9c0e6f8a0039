import { describe, expect, it } from 'vitest';
import { detectFormat, parseExposition } from './detect.ts';
import { parseOpenMetrics } from './openmetrics.ts';

const places = (input: string): string[] =>
  parseOpenMetrics(input).errors.map(({ line, column, code }) => `${line}:${column} ${code}`);

describe('parseOpenMetrics', () => {
  it('reads units, exemplars, creation times and timestamps in seconds', () => {
    const { families, errors } = parseOpenMetrics(`# TYPE latency_seconds histogram
# UNIT latency_seconds seconds
# HELP latency_seconds How long, with a \\q and a \\n.
latency_seconds_bucket{le="0.1"} 8 # {} 0.054
latency_seconds_bucket{le="+Inf"} 11 1520879607.789 # {trace_id="oHg5"} 0.67 1520879607.123456789
latency_seconds_count 11
latency_seconds_sum 3.5
latency_seconds_created 1520430000.123
# EOF
`);
    expect(errors).toEqual([]);
    expect(families).toMatchObject([
      {
        format: 'openmetrics',
        name: 'latency_seconds',
        type: 'histogram',
        unit: 'seconds',
        help: 'How long, with a \\q and a \n.',
        line: 1,
        samples: [
          { name: 'latency_seconds_bucket', exemplar: { labels: [], value: 0.054 }, line: 4 },
          {
            labels: [['le', '+Inf']],
            value: 11,
            timestamp: 1520879607789,
            exemplar: { labels: [['trace_id', 'oHg5']], value: 0.67, timestamp: 1520879607123.4568 },
          },
          { name: 'latency_seconds_count', value: 11 },
          { name: 'latency_seconds_sum', value: 3.5 },
          { name: 'latency_seconds_created', value: 1520430000.123 },
        ],
      },
    ]);
  });

  it('reads every type, and quoted names', () => {
    const { families, errors } = parseOpenMetrics(`# TYPE build info
build_info{version="1"} 1
# TYPE mode stateset
mode{mode="a"} 1
mode{mode="b"} 0
# TYPE sizes gaugehistogram
sizes_bucket{le="+Inf"} 2
sizes_gcount 2
sizes_gsum 3
# TYPE s summary
s{quantile="0.5"} 1
s_count 1
# TYPE jobs counter
jobs_total 1
# TYPE u unknown
u 1
v 2
# TYPE "my.jobs" counter
{"my.jobs_total",a="b"} 1
# EOF`);
    expect(errors).toEqual([]);
    expect(families.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
      ['build', 'info', 1],
      ['mode', 'stateset', 2],
      ['sizes', 'gaugehistogram', 3],
      ['s', 'summary', 2],
      ['jobs', 'counter', 1],
      ['u', 'untyped', 1],
      ['v', 'untyped', 1],
      ['my.jobs', 'counter', 1],
    ]);
  });

  it.each([
    ['', ['1:1 EXPOSITION_NO_EOF']],
    ['a 1\n', ['1:4 EXPOSITION_NO_EOF']],
    ['a 1\n# EOF\nb 1\n', ['3:1 EXPOSITION_TRAILING']],
    ['a 1\n\n# EOF\n', ['2:1 EXPOSITION_BLANK_LINE']],
    ['# a comment\n# EOF\n', ['1:1 EXPOSITION_BAD_METADATA']],
    ['# TYPE a counter\na 1\n# EOF\n', ['2:1 EXPOSITION_BAD_NAME']],
    ['# TYPE a untyped\n# EOF\n', ['1:10 EXPOSITION_BAD_TYPE']],
    ['# TYPE a gauge\n# UNIT a seconds\n# EOF\n', ['2:10 EXPOSITION_BAD_UNIT']],
    ['# TYPE a_created gauge\n# TYPE a counter\n# EOF\n', ['3:1 EXPOSITION_NAME_CLASH']],
    ['a 1\nb 1\na 2\n# EOF\n', ['3:1 EXPOSITION_INTERLEAVED']],
    ['# TYPE a gauge\nb 1\n# HELP a x\n# EOF\n', ['3:8 EXPOSITION_INTERLEAVED']],
    ['# TYPE a gauge\na 1\n# HELP a x\n# EOF\n', ['3:8 EXPOSITION_BAD_METADATA']],
    ['# HELP a x\n# HELP a x\n# EOF\n', ['2:10 EXPOSITION_BAD_METADATA']],
    [' a 1\n# EOF\n', ['1:1 EXPOSITION_BAD_NAME']],
    ['a  1\n# EOF\n', ['1:3 EXPOSITION_BAD_VALUE']],
    ['a\t1\n# EOF\n', ['1:2 EXPOSITION_BAD_VALUE']],
    ['a 1 \n# EOF\n', ['1:4 EXPOSITION_TRAILING']],
    ['a{b="1",} 1\n# EOF\n', ['1:9 EXPOSITION_BAD_LABEL']],
    ['a{b= "1"} 1\n# EOF\n', ['1:5 EXPOSITION_BAD_LABEL']],
    ['a 1 NaN\n# EOF\n', ['1:5 EXPOSITION_BAD_TIMESTAMP']],
    ['a 1 2 3\n# EOF\n', ['1:6 EXPOSITION_TRAILING']],
    ['a_total 1 # 5\n# EOF\n', ['1:13 EXPOSITION_BAD_EXEMPLAR']],
    ['a_total 1 # {}\n# EOF\n', ['1:15 EXPOSITION_BAD_EXEMPLAR']],
    ['a_total 1 # {"b"} 1\n# EOF\n', ['1:17 EXPOSITION_BAD_LABEL']],
  ])('%j has %j', (input, expected) => {
    expect(places(input)).toEqual(expected);
  });
});

describe('detectFormat', () => {
  it.each([
    ['a 1\n# EOF\n', 'openmetrics'],
    ['a 1\n# EOF', 'openmetrics'],
    ['# EOF', 'openmetrics'],
    ['a 1\n# EOF\nb 1\n', 'openmetrics'],
    ['a 1\n', 'text'],
    ['# EOFs are not ends\na 1\n', 'text'],
    ['a{b="# EOF"} 1\n', 'text'],
    ['', 'text'],
  ])('%j is %s', (input, format) => {
    expect(detectFormat(input)).toBe(format);
    expect(detectFormat(new TextEncoder().encode(input))).toBe(format);
    expect(parseExposition(input).format).toBe(format);
  });

  it('gives way to what is asked for', () => {
    expect(parseExposition('# EOF\na 1\n', { format: 'text' }).errors).toEqual([]);
  });
});
