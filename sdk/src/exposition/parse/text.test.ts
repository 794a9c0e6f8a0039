import { describe, expect, it } from 'vitest';
import { parseText } from './text.ts';

/** `LINE:COLUMN CODE` of every error. */
const places = (input: string | Uint8Array): string[] =>
  parseText(input).errors.map(({ line, column, code }) => `${line}:${column} ${code}`);

describe('parseText', () => {
  it('reads families with everything that stands there', () => {
    const { families, errors, stopped } = parseText(`# HELP requests_total Requests, by\\n"path" and \\\\.
# TYPE requests_total counter
requests_total{path="/a\\"b\\\\\\n",code="200"} 1027 1395066363000
requests_total{ path = "" , code="500", } 3

# Any comment.
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 5
latency_seconds_bucket{le="+Inf"} 7
latency_seconds_sum 1.5e-1
latency_seconds_count 7
plain NaN
`);
    expect({ errors, stopped }).toEqual({ errors: [], stopped: false });
    expect(families).toEqual([
      {
        format: 'text',
        name: 'requests_total',
        type: 'counter',
        help: 'Requests, by\n"path" and \\.',
        line: 1,
        samples: [
          {
            name: 'requests_total',
            labels: [
              ['path', '/a"b\\\n'],
              ['code', '200'],
            ],
            value: 1027,
            timestamp: 1395066363000,
            line: 3,
            column: 1,
          },
          {
            name: 'requests_total',
            labels: [
              ['path', ''],
              ['code', '500'],
            ],
            value: 3,
            line: 4,
            column: 1,
          },
        ],
      },
      {
        format: 'text',
        name: 'latency_seconds',
        type: 'histogram',
        line: 7,
        samples: [
          { name: 'latency_seconds_bucket', labels: [['le', '0.1']], value: 5, line: 8, column: 1 },
          { name: 'latency_seconds_bucket', labels: [['le', '+Inf']], value: 7, line: 9, column: 1 },
          { name: 'latency_seconds_sum', labels: [], value: 0.15, line: 10, column: 1 },
          { name: 'latency_seconds_count', labels: [], value: 7, line: 11, column: 1 },
        ],
      },
      {
        format: 'text',
        name: 'plain',
        type: 'untyped',
        line: 12,
        samples: [{ name: 'plain', labels: [], value: Number.NaN, line: 12, column: 1 }],
      },
    ]);
  });

  it('reads the quoted names of 1.0.0', () => {
    const { families, errors } = parseText(`# HELP "my.name" Dots.
# TYPE "my.name" gauge
{"my.name","la bel"="x",plain="y"} 1
{"my.name"} 2
legacy{"la\\"bel"="z"} 3
`);
    expect(errors).toEqual([]);
    expect(
      families.map(({ name, type, help, samples }) => [
        name,
        type,
        help,
        samples.map(({ labels }) => labels),
      ]),
    ).toEqual([
      [
        'my.name',
        'gauge',
        'Dots.',
        [
          [
            ['la bel', 'x'],
            ['plain', 'y'],
          ],
          [],
        ],
      ],
      ['legacy', 'untyped', undefined, [[['la"bel', 'z']]]],
    ]);
  });

  it('says of each mistake where it is, what it is and what to do, and reads on', () => {
    const { errors, families } = parseText(`my-metric 1
good 1
a 1_000
b{x=1} 1
c 1 soon
d 1 2 3
# TYPE e meter
e{x="1",x="2"} 1
f{x="open} 1
good 2
`);
    expect(
      errors.map(({ line, column, message, fix }) => `${line}:${column}: ${message}; ${fix}`),
    ).toMatchInlineSnapshot(`
      [
        "1:3: "-" can not stand in a name without quotes; use "_" instead, or write the name in quotes within the braces: {"the.name",label="value"} 1",
        "3:3: the value "1_000" is not a number; leave the underscores out",
        "4:5: the value of the label "x" is not in double quotes; write x="…"",
        "5:5: the timestamp "soon" is not a whole number; write milliseconds since the epoch as a whole number, or leave it out",
        "6:7: "3" stands behind the timestamp; remove it",
        "7:10: "meter" is not a type; the types are counter, gauge, histogram, summary and untyped",
        "8:9: the label "x" is there twice; give each label once",
        "9:5: the value of "x" has no closing quote on its line; close it, and write a line break within it as \\n and a quote as \\"",
      ]
    `);
    expect(families.map(({ name, samples }) => [name, samples.length])).toEqual([['good', 2]]);
  });

  it.each([
    ['a 1', ['1:4 EXPOSITION_LINE_BREAK']],
    ['a 1 \n', ['1:5 EXPOSITION_TRAILING']],
    ['a 1\r\nb 1\r\n', ['1:4 EXPOSITION_LINE_BREAK']],
    ['\uFEFFa 1\n', ['1:1 EXPOSITION_BAD_ENCODING']],
    ['1a 1\n', ['1:1 EXPOSITION_BAD_NAME']],
    ['"a.b" 1\n', ['1:1 EXPOSITION_BAD_NAME']],
    ['{x="1"} 1\n', ['1:1 EXPOSITION_BAD_NAME']],
    ['{"a","b"} 1\n', ['1:6 EXPOSITION_BAD_NAME']],
    ['{x="1","a"} 1\n', ['1:8 EXPOSITION_BAD_NAME']],
    ['{""} 1\n', ['1:1 EXPOSITION_BAD_NAME']],
    ['a.b 1\n', ['1:2 EXPOSITION_BAD_NAME']],
    ['a{__name__="b"} 1\n', ['1:3 EXPOSITION_BAD_LABEL']],
    ['a{b:c="1"} 1\n', ['1:4 EXPOSITION_BAD_LABEL']],
    ['a{b} 1\n', ['1:4 EXPOSITION_BAD_LABEL']],
    ['a{,} 1\n', ['1:3 EXPOSITION_BAD_LABEL']],
    ['a{b="1",,} 1\n', ['1:9 EXPOSITION_BAD_LABEL']],
    ['a{b="1" c="2"} 1\n', ['1:9 EXPOSITION_BAD_LABEL']],
    ['a{b="\\t"} 1\n', ['1:6 EXPOSITION_BAD_ESCAPE']],
    ['a{b="1"\n', ['1:8 EXPOSITION_UNFINISHED']],
    ['a{b="1\n', ['1:5 EXPOSITION_UNFINISHED']],
    ['a{\n', ['1:3 EXPOSITION_UNFINISHED']],
    ['a\n', ['1:2 EXPOSITION_BAD_VALUE']],
    ['a{b="1"}\n', ['1:9 EXPOSITION_BAD_VALUE']],
    ['a 1 1.5\n', ['1:5 EXPOSITION_BAD_TIMESTAMP']],
    ['a 1 99999999999999999999\n', ['1:5 EXPOSITION_BAD_TIMESTAMP']],
    ['a 1 # {} 1\n', ['1:5 EXPOSITION_BAD_TIMESTAMP']],
    ['# HELP a x\n# HELP a x\n', ['2:10 EXPOSITION_BAD_METADATA']],
    ['# TYPE a gauge\n# TYPE a gauge\n', ['2:10 EXPOSITION_BAD_METADATA']],
    ['a 1\n# TYPE a gauge\n', ['2:10 EXPOSITION_BAD_METADATA']],
    ['# TYPE a unknown\n', ['1:10 EXPOSITION_BAD_TYPE']],
    ['# TYPE a gauge \n', ['1:10 EXPOSITION_BAD_TYPE']],
    ['# TYPE a-b gauge\n', ['1:8 EXPOSITION_BAD_NAME']],
    ['# TYPE a summary\n# TYPE a_sum gauge\n', ['2:14 EXPOSITION_NAME_CLASH']],
    ['# TYPE a summary\na{quantile="x"} 1\n', ['2:1 EXPOSITION_BAD_LABEL']],
    ['# TYPE a histogram\na_bucket{le=""} 1\n', ['2:1 EXPOSITION_BAD_LABEL']],
    ['# TYPE a histogram\na_count -1\n', ['2:1 EXPOSITION_BAD_VALUE']],
  ])('%j has %j', (input, expected) => {
    expect(places(input)).toEqual(expected);
  });

  it('names the place of what is not UTF-8, in bytes and in strings', () => {
    const bytes = Buffer.concat([
      Buffer.from('ok 1\na{b="ü'),
      Buffer.from([0xff]),
      Buffer.from('"} 1\nc 1\n'),
    ]);
    expect(places(bytes)).toEqual(['2:7 EXPOSITION_BAD_ENCODING']);
    expect(places('ok 1\na{b="ü\ud800"} 1\n')).toEqual(['2:7 EXPOSITION_BAD_ENCODING']);
    expect(places(Buffer.from([0x61, 0x20, 0x31, 0x0a, 0xe2, 0x82]))).toEqual([
      '2:1 EXPOSITION_BAD_ENCODING',
    ]);
    expect(parseText(bytes).families.map(({ name }) => name)).toEqual(['ok', 'c']);
  });

  it('keeps a sample whose line is plain in spite of a blank too many', () => {
    expect(parseText('a 1 \nb 2').families.map(({ samples }) => samples[0]?.value)).toEqual([1, 2]);
  });

  it('stops after as many errors as it is told to', () => {
    const { errors, stopped, families } = parseText('?\n?\n?\na 1\n', { maxErrors: 2 });
    expect({ errors: errors.length, stopped, families }).toEqual({ errors: 2, stopped: true, families: [] });
  });

  it('refuses what is too large without reading it', () => {
    const { errors, stopped, families } = parseText('a 1\n'.repeat(100), { maxSize: 100 });
    expect({ stopped, families }).toEqual({ stopped: true, families: [] });
    expect(errors).toEqual([
      {
        line: 1,
        column: 1,
        code: 'EXPOSITION_TOO_LARGE',
        message: 'the exposition has 400 bytes, more than the 100 that are read',
        fix: 'expose fewer series, or raise maxSize',
      },
    ]);
  });

  it('marks a family of which a line could not be read', () => {
    expect(parseText('a 1\na one\n').families).toMatchObject([{ name: 'a', incomplete: true }]);
  });

  it('shows no control characters and no endless lines in its messages', () => {
    const [error] = parseText(`a ${'\u001b[2J\u009b'.repeat(1000)}\n`).errors;
    expect(error?.message).toMatch(/^[\x20-\x7e…]{1,500}$/);
  });
});
