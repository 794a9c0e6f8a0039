import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counter, gauge, histogram } from '../metric/descriptor.ts';
import { Type } from '../schema/schema.ts';
import { configurationMarkdown, metricsMarkdown } from './markdown.ts';

const table = (...lines: string[]) => lines.join('\n');

describe("a configuration's table", () => {
  it('has each key with what it takes, its default, and whether it is needed or masked', () => {
    const schema = Type.Object({
      url: Type.String({ format: 'uri', description: 'Where it is.' }),
      token: Type.Optional(Type.String({ secret: true, description: 'Who asks.' })),
      every: Type.String({ format: 'duration', default: '5s', description: 'How often.' }),
      lanes: Type.Integer({ minimum: 1, maximum: 8, default: 2, description: 'At one time.' }),
      share: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Of all.' })),
      mode: Type.Union([Type.Literal('fast'), Type.Literal('safe')], { description: 'Which way.' }),
    });
    expect(configurationMarkdown(schema)).toBe(
      table(
        '| key     | type                | default  | description  |',
        '| ------- | ------------------- | -------- | ------------ |',
        '| `url`   | URL                 | required | Where it is. |',
        '| `token` | string, secret      |          | Who asks.    |',
        '| `every` | duration            | `5s`     | How often.   |',
        '| `lanes` | integer from 1 to 8 | `2`      | At one time. |',
        '| `share` | number, above 0     |          | Of all.      |',
        '| `mode`  | `fast` or `safe`    | required | Which way.   |',
      ),
    );
  });

  it('has the keys of mappings, of lists of mappings and of mappings by name', () => {
    const file = Type.String({ minLength: 1, description: 'A file.' });
    const schema = Type.Object({
      tls: Type.Optional(Type.Object({ ca_file: file }, { description: 'TLS.' })),
      rules: Type.Array(Type.Object({ file }), { minItems: 1, uniqueItems: true, description: 'Rules.' }),
      headers: Type.Optional(
        Type.Record(Type.String(), Type.String({ secret: true }), { description: 'Headers.' }),
      ),
      sites: Type.Optional(Type.Record(Type.String(), Type.Object({ file }), { description: 'Sites.' })),
      pair: Type.Optional(Type.Tuple([Type.String(), Type.Integer()], { description: 'Two.' })),
      ports: Type.Array(Type.Integer({ minimum: 1 }), { default: [80], description: 'Ports.' }),
    });
    expect(rowsOf(configurationMarkdown(schema))).toEqual([
      ['`tls`', 'mapping', '', 'TLS.'],
      ['`tls.ca_file`', 'string, not empty', 'required with `tls`', 'A file.'],
      ['`rules`', 'list of mappings, not empty, none twice', 'required', 'Rules.'],
      ['`rules[].file`', 'string, not empty', 'required', 'A file.'],
      ['`headers`', 'mapping of names to strings, secret', '', 'Headers.'],
      ['`sites`', 'mapping of names to mappings', '', 'Sites.'],
      ['`sites.*.file`', 'string, not empty', 'required', 'A file.'],
      ['`pair`', 'list of string, integer', '', 'Two.'],
      ['`ports`', 'list of integers (at least 1)', '`[80]`', 'Ports.'],
    ]);
  });

  it('is one for each kind of a union, with what tells it from the others', () => {
    const schema = Type.Union([
      Type.Object({ broker: Type.Literal('redis', { description: 'A.' }) }),
      Type.Object({ broker: Type.Literal('spool', { description: 'B.' }) }),
    ]);
    expect(configurationMarkdown(schema)).toBe(
      table(
        'With `broker: redis`:',
        '',
        '| key      | type    | default  | description |',
        '| -------- | ------- | -------- | ----------- |',
        '| `broker` | `redis` | required | A.          |',
        '',
        'With `broker: spool`:',
        '',
        '| key      | type    | default  | description |',
        '| -------- | ------- | -------- | ----------- |',
        '| `broker` | `spool` | required | B.          |',
      ),
    );
  });

  it('says of a key below a union for which kind it holds', () => {
    const name = Type.String({ description: 'Its name.' });
    const schema = Type.Object({
      checks: Type.Array(
        Type.Union([
          Type.String(),
          Type.Object({
            kind: Type.Literal('http', { description: 'What is asked.' }),
            name,
            path: Type.String({ description: 'What for.' }),
          }),
          Type.Object({ kind: Type.Literal('tcp'), name }),
        ]),
        { description: 'Checks.' },
      ),
    });
    const cells = rowsOf(configurationMarkdown(schema));
    expect(cells).toEqual([
      ['`checks`', 'list of strings or mappings', 'required', 'Checks.'],
      ['`checks[].kind`', '`http` or `tcp`', 'required', 'What is asked.'],
      ['`checks[].name`', 'string', 'required', 'Its name.'],
      ['`checks[].path`', 'string', 'required', 'With `kind: http`: What for.'],
    ]);
  });

  it('puts a default that is too long below, an item a line', () => {
    const types = ['autofs|binfmt_misc|bpf', 'nfs\\d?', 'true', '12', 'a name with spaces, and more of it'];
    const schema = Type.Object({
      types: Type.Array(Type.String(), { default: types, description: 'Types.' }),
    });
    const text = configurationMarkdown(schema);
    expect(rowsOf(text)).toEqual([['`types`', 'list of strings', 'see below', 'Types.']]);
    expect(text).toContain(`\`types\` is by default:

\`\`\`yaml
- "autofs|binfmt_misc|bpf"
- "nfs\\\\d?"
- "true"
- "12"
- "a name with spaces, and more of it"
\`\`\``);
  });

  it('keeps a row in its line and its cells whatever a description and a default hold', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '|', '\\', '\n', '`', '*', '<', ' ', '…') });
    fc.assert(
      fc.property(text, text, (description, value) => {
        const schema = Type.Object({ key: Type.String({ default: value, description }) });
        const [table = ''] = configurationMarkdown(schema).split('\n\n');
        expect(table.split('\n')).toHaveLength(3);
        expect(rowsOf(table)).toEqual([
          [expect.any(String), 'string', expect.any(String), expect.any(String)],
        ]);
      }),
    );
  });

  it('says when there is nothing to configure', () => {
    expect(configurationMarkdown(Type.Object({}))).toBe('There is nothing to configure.');
  });
});

describe("the metrics' table", () => {
  it('has one row for a metric that is described several times, with all its sets of labels', () => {
    const help = 'The most that there may be.';
    const metrics = [
      gauge('pool_max', help),
      gauge('pool_max', help, ['database', 'user']),
      counter('pool_waits_total', 'Waits.', ['database']),
    ];
    expect(rowsOf(metricsMarkdown(metrics))).toEqual([
      ['`pool_max`', 'gauge', 'none; or `database`, `user`', 'The most that there may be.'],
      ['`pool_waits_total`', 'counter', '`database`', 'Waits.'],
    ]);
  });

  it('has units where descriptors have some, and what the values of a type are about', () => {
    const metrics = [
      { ...histogram('took_seconds', 'Took.', [], { buckets: [0.1, 1, 10] }), unit: 'seconds' },
      { ...histogram('sent_bytes', 'Sent.'), buckets: [], native: { factor: 1.1 } },
      { ...gauge('mode', 'Mode.', ['zone']), type: 'stateset', states: ['on', 'off'] },
      { ...gauge('size', 'Size.'), type: 'summary', quantiles: [0.5, 0.99], constLabels: { host: 'a' } },
    ];
    expect(rowsOf(metricsMarkdown(metrics))).toEqual([
      ['`took_seconds`', 'histogram, 3 buckets from 0.1 to 10', 'seconds', '', 'Took.'],
      ['`sent_bytes`', 'native histogram', '', '', 'Sent.'],
      ['`mode`', 'stateset of `on`, `off`', '', '`zone`', 'Mode.'],
      ['`size`', 'summary, quantiles 0.5, 0.99', '', '`host="a"`', 'Size.'],
    ]);
  });

  it('says when no metric is known yet', () => {
    expect(metricsMarkdown([])).toBe('No metric is known without a configuration.');
  });
});

/** The cells of a table's rows, without those of its head. */
function rowsOf(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('| '));
  const cells = lines.map((line) => line.slice(2, -2).split(/(?<!\\)(?:\\\\)*\|/));
  return cells.slice(2).map((row) => row.map((cell) => cell.trim()));
}
