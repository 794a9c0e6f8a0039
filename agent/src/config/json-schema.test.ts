import { Type } from '@dynamic-informer/sdk';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from './json-schema.ts';

const queue = Type.Object({
  url: Type.String({ format: 'uri', description: 'Where.' }),
  depth: Type.Integer({ default: 3, minimum: 1 }),
  password: Type.Optional(Type.String({ secret: true })),
  kind: Type.Optional(Type.Union([Type.Literal('list'), Type.Literal('stream')])),
  wait: Type.Optional(Type.String({ format: 'duration' })),
  short: Type.Optional(Type.String({ maxLength: 4 })),
  broker: Type.Optional(
    Type.Union([
      Type.Object({ name: Type.Literal('redis'), db: Type.Optional(Type.Integer()) }),
      Type.Object({ name: Type.Literal('spool'), path: Type.String() }),
    ]),
  ),
});
const plain = Type.Object({ size: Type.Optional(Type.String({ format: 'size' })) });

const ajv = new Ajv({ strict: false, logger: false });
formats.default(ajv, ['uri']);
const validate = ajv.compile(
  configJsonSchema([
    { name: 'queue', description: 'Queues.', schema: queue },
    { name: 'plain', description: 'Plain.', schema: plain },
    { name: 'acme', description: 'It could not be loaded.', schema: undefined },
  ]),
);
const isValid = (value: unknown): boolean => validate(value);
const resource = (config: object, more: object = {}) => ({
  resources: { a: { plugin: 'queue', config, ...more } },
});

describe('the JSON schema of a whole configuration', () => {
  it.each<[string, unknown]>([
    ['nothing', {}],
    ['extensions', { 'x-any': [1] }],
    ['a resource', resource({ url: 'http://h' }, { every: 'scrape', timeout: '5s', labels: { team: 'x' } })],
    [
      'references where other types are wanted',
      { limits: { concurrency: '${N}' }, ...resource({ url: '${U}', depth: '${D:-1}' }) },
    ],
    ['a plugin without a schema', { resources: { a: { plugin: 'acme', config: { anything: 1 } } } }],
    ['a plugin that comes from elsewhere', { resources: { a: { plugin: '${P}', config: { anything: 1 } } } }],
    ['sections with nothing under them', { web: null, resources: null, include: null }],
    [
      'no config where none is needed',
      { resources: { a: { plugin: 'plain' }, b: { plugin: 'plain', config: null } } },
    ],
    ['a duration', resource({ url: 'http://h', wait: '1m30s' })],
    [
      'references for literals, short texts, and for what tells the parts of a union apart',
      resource({ url: 'http://h', kind: '${K}', short: '${SHORT}', broker: { name: '${B}', path: '/x' } }),
    ],
  ])('takes %s', (_name, value) => {
    expect(isValid(value), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['an unknown key', { resorces: {} }],
    ['an unknown key of a resource', resource({ url: 'http://h' }, { timeot: '5s' })],
    ["an unknown key of a plugin's", resource({ url: 'http://h', colour: 1 })],
    ['a missing key', resource({ depth: 1 })],
    ['a missing config', { resources: { a: { plugin: 'queue' } } }],
    ['a plugin that it does not know', { resources: { a: { plugin: 'quue' } } }],
    ['a bad duration', resource({ url: 'http://h', wait: '5sec' })],
    ['a size without unit', { resources: { a: { plugin: 'plain', config: { size: '5' } } } }],
    [
      'a part of a union that is another',
      resource({ url: 'http://h', broker: { name: 'redis', path: '/x' } }),
    ],
    ['a part of a union that is none', resource({ url: 'http://h', broker: { name: 'kafka' } })],
    ['a wrong type', resource({ url: 'http://h', depth: 'x' })],
    ['a wrong literal', resource({ url: 'http://h', kind: 'set' })],
    ['a bad name', { resources: { Shop: { plugin: 'acme' } } }],
    [
      'a relabel rule with a reference for a number',
      resource({ url: 'http://h' }, { relabel: [{ modulus: '${N}' }] }),
    ],
  ])('refuses %s', (_name, value) => {
    expect(isValid(value)).toBe(false);
  });

  it('leaves the schema of the plugin as it is', () => {
    const before = structuredClone(queue);
    configJsonSchema([{ name: 'queue', description: '', schema: queue }]);
    expect(structuredClone(queue)).toEqual(before);
  });
});
