import { describe, expect, it } from 'vitest';
import { Type } from './schema.ts';
import { type CheckOptions, compileSchema } from './validate.ts';

const redis = Type.Object({
  broker: Type.Literal('redis'),
  url: Type.String({ format: 'uri' }),
  password: Type.Optional(Type.String({ secret: true, minLength: 4 })),
  queues: Type.Array(
    Type.Union([
      Type.String({ minLength: 1 }),
      Type.Object({
        name: Type.String({ minLength: 1 }),
        kind: Type.Optional(Type.Union([Type.Literal('list'), Type.Literal('stream')])),
      }),
    ]),
    { minItems: 1 },
  ),
});
const spool = Type.Object({
  broker: Type.Literal('spool'),
  folder: Type.String(),
  depth: Type.Integer({ default: 3, minimum: 1 }),
});

const schema = Type.Object({
  timeout: Type.String({ format: 'duration', default: '5s' }),
  size: Type.Optional(Type.String({ format: 'size' })),
  every: Type.Optional(Type.Union([Type.Literal('scrape'), Type.String({ format: 'duration' })])),
  match: Type.Optional(Type.String({ format: 'regex' })),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  verify: Type.Optional(Type.Boolean()),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  tls: Type.Object({ enabled: Type.Boolean({ default: false }) }, { default: {} }),
  name: Type.Optional(Type.String({ pattern: '^[a-z]+$', maxLength: 8 })),
  queue: Type.Optional(Type.Union([redis, spool], { discriminator: { propertyName: 'broker' } })),
  distinct: Type.Optional(Type.Array(Type.Integer(), { uniqueItems: true })),
  need: Type.Optional(Type.Object({ url: Type.String({ format: 'uri' }) })),
});

async function check(value: unknown, options?: CheckOptions) {
  return (await compileSchema(schema))(value, options);
}

/** `path key|value CODE: message; fix` of every issue. */
async function complaints(value: unknown, options?: CheckOptions) {
  const { issues } = await check(value, options);
  return issues.map(
    ({ path, on, code, message, fix }) =>
      `${path.join('.')} ${on} ${code}: ${message}${fix === undefined ? '' : `; ${fix}`}`,
  );
}

const queue = (config: object) => ({
  queue: { broker: 'redis', url: 'redis://h', queues: ['a'], ...config },
});

describe('compileSchema', () => {
  it('fills in defaults, nested ones and those of a union too, in a copy', async () => {
    const given = { queue: { broker: 'spool', folder: '/s' } };
    expect((await check(given)).value).toEqual({
      timeout: '5s',
      tls: { enabled: false },
      queue: { broker: 'spool', folder: '/s', depth: 3 },
    });
    expect(given).toEqual({ queue: { broker: 'spool', folder: '/s' } });
  });

  it.each<[unknown, string]>([
    [
      { 'timeout:5s': null },
      'timeout:5s key CONFIG_UNKNOWN_KEY: unknown key "timeout:***"; put a blank behind the ":"',
    ],
    [{ timeot: '5s' }, 'timeot key CONFIG_UNKNOWN_KEY: unknown key "timeot"; did you mean "timeout"?'],
    [{ tls: { x: 1 } }, 'tls.x key CONFIG_UNKNOWN_KEY: unknown key "x"; known keys are: enabled'],
    [{ need: {} }, 'need key CONFIG_MISSING_KEY: the key "url" is missing; add url: a URL'],
    [
      { need: { ulr: 'http://x' } },
      'need.ulr key CONFIG_UNKNOWN_KEY: unknown key "ulr"; did you mean "url"?',
    ],
    [
      { timeout: 5 },
      'timeout value CONFIG_WRONG_TYPE: must be a duration such as 5s, not a number; add the unit: 5s',
    ],
    [
      { timeout: '5x' },
      'timeout value CONFIG_BAD_VALUE: "5x" is not a duration; write a number with its unit, such as 250ms, 5s or 1m30s',
    ],
    [
      { timeout: null },
      'timeout value CONFIG_WRONG_TYPE: must be a duration such as 5s, but it has no value; give it one, or remove the key',
    ],
    [
      { size: '1TB' },
      'size value CONFIG_BAD_VALUE: "1TB" is not a size; write a number with its unit, such as 64KiB or 128MiB',
    ],
    [
      { every: 'scrap' },
      'every value CONFIG_BAD_VALUE: must be "scrape" or a duration such as 5s, not "scrap"; did you mean "scrape"?',
    ],
    [
      { every: [] },
      'every value CONFIG_WRONG_TYPE: must be "scrape" or a duration such as 5s, not a list; write "scrape" or a duration such as 5s',
    ],
    [
      { port: '80' },
      'port value CONFIG_WRONG_TYPE: must be a whole number, not a string; write it without quotes',
    ],
    [{ port: 0 }, 'port value CONFIG_BAD_VALUE: must be at least 1, not 0; use 1 or more'],
    [{ port: 1.5 }, 'port value CONFIG_WRONG_TYPE: must be a whole number, not 1.5; write a whole number'],
    [
      { verify: 'yes' },
      'verify value CONFIG_WRONG_TYPE: must be true or false, not a string; write true or false',
    ],
    [
      { labels: { a: 1 } },
      "labels.a value CONFIG_WRONG_TYPE: must be a string, not a number; put it in quotes: '1'",
    ],
    [{ labels: [] }, 'labels value CONFIG_WRONG_TYPE: must be a mapping, not a list; write a mapping'],
    [{ name: 'UP' }, 'name value CONFIG_BAD_VALUE: "UP" is not of the right form; it must match ^[a-z]+$'],
    [{ name: 'abcdefghij' }, 'name value CONFIG_BAD_VALUE: must have at most 8 characters; shorten it'],
    [
      { distinct: [1, 2, 1] },
      'distinct value CONFIG_BAD_VALUE: the items 0 and 2 (from 0) are the same; keep one of them',
    ],
    [
      { match: '(' },
      'match value CONFIG_BAD_VALUE: "(" is not a regular expression; correct it: unterminated group',
    ],
    [
      queue({ url: 'no url' }),
      'queue.url value CONFIG_BAD_VALUE: "no url" is not a URL; write it in full, such as https://host:443/path',
    ],
    [
      queue({ url: 'redis://u:hunter2@h :' }),
      'queue.url value CONFIG_BAD_VALUE: its value is not a URL; write it in full, such as https://host:443/path',
    ],
    [queue({ queues: [] }), 'queue.queues value CONFIG_BAD_VALUE: must not be empty; name at least one'],
    [queue({ queues: [''] }), 'queue.queues.0 value CONFIG_BAD_VALUE: must not be empty; give it a value'],
    [
      queue({ queues: 'a' }),
      'queue.queues value CONFIG_WRONG_TYPE: must be a list, not a string; write it as a list: ["a"]',
    ],
    [
      queue({ queues: [7] }),
      "queue.queues.0 value CONFIG_WRONG_TYPE: must be a string or a mapping, not a number; put it in quotes: '7'",
    ],
    [
      queue({ queues: [{ name: 'a', kind: 'strem' }] }),
      'queue.queues.0.kind value CONFIG_BAD_VALUE: must be one of "list", "stream", not "strem"; did you mean "stream"?',
    ],
    [
      queue({ password: 'abc' }),
      'queue.password value CONFIG_BAD_VALUE: must have at least 4 characters; lengthen it',
    ],
    [
      { queue: { broker: 'reddis', url: 1 } },
      'queue.broker value CONFIG_BAD_VALUE: must be one of "redis", "spool", not "reddis"; did you mean "redis"?',
    ],
    [
      { queue: { url: 1 } },
      'queue key CONFIG_MISSING_KEY: the key "broker" is missing; add broker: one of "redis", "spool"',
    ],
    [{ queue: 'redis' }, 'queue value CONFIG_WRONG_TYPE: must be a mapping, not a string; write a mapping'],
    [
      queue({ folder: '/' }),
      'queue.folder key CONFIG_UNKNOWN_KEY: unknown key "folder"; known keys are: broker, url, password, queues',
    ],
    [[], ' value CONFIG_WRONG_TYPE: must be a mapping, not a list; write a mapping'],
    [
      JSON.parse('{"__proto__": 1}'),
      '__proto__ key CONFIG_UNKNOWN_KEY: unknown key "__proto__"; known keys are: timeout, size, every, match, port, verify, labels, tls, name, queue, distinct, need',
    ],
  ])('says of %j one thing', async (value, complaint) => {
    expect(await complaints(value)).toEqual([complaint]);
  });

  it('reports every mistake, each once', async () => {
    expect(await complaints({ timeout: 5, tls: { enabled: 'x' }, extra: 1 })).toHaveLength(3);
  });

  it('converts text that was substituted, and only that', async () => {
    const given = { port: '8080', verify: 'true', labels: { a: '1' }, name: 'x' };
    const { value, issues } = await check(given, { coerce: () => true });
    expect(issues).toEqual([]);
    expect(value).toMatchObject({ port: 8080, verify: true, labels: { a: '1' } });
    expect((await check(given, { coerce: ([key]) => key === 'port' })).issues).toHaveLength(1);
  });

  it('does not quote what was substituted, nor secrets', async () => {
    expect(await complaints({ timeout: 'hunter2' }, { coerce: () => true })).toEqual([
      'timeout value CONFIG_BAD_VALUE: its value is not a duration; write a number with its unit, such as 250ms, 5s or 1m30s',
    ]);
    expect(await complaints(queue({ password: 12345 }))).toEqual([
      'queue.password value CONFIG_WRONG_TYPE: must be a string, not a number; put it in quotes',
    ]);
  });

  it('gathers secrets, of wrong configurations too', async () => {
    expect((await check({ ...queue({ password: 'hunter2' }), extra: 1 })).secrets).toEqual(['hunter2']);
  });

  it('gathers the paths of watched files, defaults too', async () => {
    const files = (more: object) =>
      Type.Array(Type.String({ watchedFiles: true }), { default: ['d/*.txt'], ...more });
    const watching = await compileSchema(
      Type.Object({
        a: files({}),
        b: Type.Optional(Type.Object({ file: Type.String({ watchedFiles: true }), other: Type.String() })),
      }),
    );
    expect(watching({ b: { file: 'x.txt', other: 'y' } }).watched).toEqual(['x.txt', 'd/*.txt']);
    expect(watching({ a: [] }).watched).toEqual([]);
  });

  it('leaves open what says that it is', async () => {
    const open = await compileSchema(Type.Object({}, { additionalProperties: true }));
    expect(open({ a: { b: 1 } })).toMatchObject({ value: { a: { b: 1 } }, issues: [] });
  });

  it("calls a schema that can't be compiled the plugin's fault", async () => {
    await expect(compileSchema({ type: 'object', propertees: {} } as never)).rejects.toMatchObject({
      code: 'PLUGIN_BAD_SCHEMA',
      class: 'plugin',
    });
  });
});
