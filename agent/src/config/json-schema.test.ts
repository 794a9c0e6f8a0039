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
});

const ajv = new Ajv({ strict: false, logger: false });
formats.default(ajv, ['uri']);
const validate = ajv.compile(configJsonSchema([{ name: 'queue', description: 'Queues.', schema: queue }]));
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
    ['a plugin that it does not know', { resources: { a: { plugin: 'acme', config: { anything: 1 } } } }],
  ])('takes %s', (_name, value) => {
    expect(isValid(value), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['an unknown key', { resorces: {} }],
    ['an unknown key of a resource', resource({ url: 'http://h' }, { timeot: '5s' })],
    ["an unknown key of a plugin's", resource({ url: 'http://h', colour: 1 })],
    ['a missing key', resource({ depth: 1 })],
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
