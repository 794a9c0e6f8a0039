import { expect, it } from 'vitest';
import { maskConfig } from './mask-config.ts';

const secret = { type: 'string', secret: true };
const mask = (schema: unknown, config: unknown, hidden: (string | number)[][] = []) =>
  maskConfig(schema, config, (text) => text.replaceAll('known', '***'), hidden);

it('masks what the schema marks, however short it is, and fills in defaults', () => {
  const schema = {
    properties: {
      url: { type: 'string' },
      pin: secret,
      timeout: { type: 'string', default: '5s' },
      tls: { properties: { key: secret, verify: { type: 'boolean', default: true } } },
    },
  };
  expect(mask(schema, { url: 'http://a/known', pin: '1', tls: { key: 'k' } })).toEqual({
    url: 'http://a/***',
    pin: '***',
    timeout: '5s',
    tls: { key: '***', verify: true },
  });
});

it('leaves an empty secret visible: that it is missing is what people look for', () => {
  expect(mask({ properties: { pin: secret } }, { pin: '' })).toEqual({ pin: '' });
});

it.each([
  ['lists', { items: secret }, ['a', 'b'], ['***', '***']],
  ['tuples', { items: [{ type: 'string' }, secret] }, ['a', 'b'], ['***', '***']],
  ['mappings by pattern', { patternProperties: { '(a+)+$': secret } }, { x: 'b' }, { x: '***' }],
  ['mappings of anything', { additionalProperties: secret }, { x: 'b' }, { x: '***' }],
  [
    'a union, in any part',
    { anyOf: [{ properties: { a: secret } }, { properties: {} }] },
    { a: 'b' },
    { a: '***' },
  ],
  ['what applies together', { allOf: [{ properties: { a: secret } }] }, { a: 'b' }, { a: '***' }],
  ['a condition', { if: {}, else: { properties: { a: secret } } }, { a: 'b' }, { a: '***' }],
  [
    'a reference',
    { $ref: '#/$defs/t', $defs: { t: { properties: { a: secret } } } },
    { a: 'b' },
    { a: '***' },
  ],
  [
    'a reference to nowhere',
    { properties: { a: { $ref: 'elsewhere.json' } } },
    { a: 'b', c: 'd' },
    { a: '***', c: 'd' },
  ],
  ['a secret that is no text', { properties: { a: { secret: true } } }, { a: { b: 'c' } }, { a: '***' }],
])('masks secrets in %s', (_what, schema, config, shown) => {
  expect(mask(schema, config)).toEqual(shown);
});

it('follows a schema that holds itself', () => {
  const schema = {
    $defs: {
      node: {
        anyOf: [{ $ref: '#/$defs/node' }, { properties: { inner: { $ref: '#/$defs/node' }, key: secret } }],
      },
    },
    $ref: '#/$defs/node',
  };
  expect(mask(schema, { inner: { inner: { key: 'a' } } })).toEqual({ inner: { inner: { key: '***' } } });
});

it('masks whole what is said to be hidden', () => {
  expect(mask({}, { list: ['http://u:ab@host', 'b'] }, [['list', 0]])).toEqual({ list: ['***', 'b'] });
});

it('keeps a key called __proto__ a key', () => {
  expect(JSON.stringify(mask({}, JSON.parse('{"__proto__": {"a": "known"}}')))).toBe(
    '{"__proto__":{"a":"***"}}',
  );
});
