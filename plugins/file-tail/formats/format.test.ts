import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileConfig } from '../patterns/configured.ts';
import { formatsMarkdown } from '../test/formats-markdown.ts';
import { FORMATS } from './format.ts';

const README = path.join(import.meta.dirname, '../README.md');
const BEGIN = '<!-- BEGIN FORMATS -->';
const END = '<!-- END FORMATS -->';

const nothing = { ready_metrics: true, patterns: [], pattern_files: [], else: [], timezone: 'UTC' };
const shown = async (config: object) => {
  const { problems } = await compileConfig({ ...nothing, ...config }, '/', Date.now);
  return problems.map(({ path: at, message, fix }) => `${at.join('.')}: ${message}; ${fix}`);
};

// `vitest run -u` writes it.
it('the README tells the fields and metrics of each format as the code has them', async () => {
  const readme = await readFile(README, 'utf8');
  const [before, after] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  expect(before).toBeGreaterThan(0);
  expect(after).toBeGreaterThan(before);
  const text = `${readme.slice(0, before)}${BEGIN}\n\n${await formatsMarkdown()}\n\n${readme.slice(after)}`;
  await expect(text).toMatchFileSnapshot(README);
});

describe('each format', () => {
  for (const format of FORMATS) {
    it(`${format.name}: its example is of it, and its ready metrics are a configuration without problems`, async () => {
      expect(format.extractor([]).exec(format.example)).not.toBeNull();
      expect(await shown({ format: format.name })).toEqual([]);
    });
  }
});

describe('what is wrong with a use of a format is told with a fix', () => {
  const metrics = [{ name: 'x_total', type: 'counter', labels: { a: 'sttus' } }];
  it('a pattern that has neither an expression nor a format', async () => {
    expect(await shown({ patterns: [{ metrics: [{ name: 'x_total', type: 'counter' }] }] })).toEqual([
      'patterns.0.match: missing; write the expression that lines of the pattern match, or set a "format"',
    ]);
  });

  it('a field that the format does not have', async () => {
    expect(await shown({ format: 'combined', patterns: [{ metrics }] })).toEqual([
      'patterns.0.metrics.0.labels.a: the format "combined" has no field "sttus"; did you mean "status"?',
    ]);
    expect(
      await shown({ format: 'combined', patterns: [{ match: 'x', field: 'referrer', metrics: [] }] }),
    ).toEqual(['patterns.0.field: the format "combined" has no field "referrer"; did you mean "referer"?']);
  });

  it('a metric that disagrees with a ready one', async () => {
    const name = 'http_server_requests_total';
    expect(
      await shown({ format: 'common', patterns: [{ metrics: [{ name, type: 'gauge', value: 'status' }] }] }),
    ).toEqual([
      expect.stringContaining('patterns.0.metrics.0.type: "http_server_requests_total" is a counter in'),
    ]);
    expect(
      await shown({
        format: 'common',
        ready_metrics: false,
        patterns: [{ metrics: [{ name, type: 'gauge', value: 'status' }] }],
      }),
    ).toEqual([]);
  });

  it('but any name is a field of JSON and logfmt, and any parameter one of syslog', async () => {
    expect(await shown({ format: 'json', patterns: [{ metrics }] })).toEqual([]);
    const parameter = [{ name: 'x_total', type: 'counter', labels: { a: 'data.origin@1.ip' } }];
    expect(await shown({ format: 'syslog', patterns: [{ metrics: parameter }] })).toEqual([]);
    expect(await shown({ format: 'syslog-rfc3164', patterns: [{ metrics: parameter }] })).toHaveLength(1);
  });
});
