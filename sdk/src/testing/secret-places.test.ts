import { expect, it } from 'vitest';
import { Type } from '../index.ts';
import type { SchemaNode } from '../schema/node.ts';
import { atSecretPlaces, inUrls, withoutUserInfo } from './secret-places.ts';

const login = Type.Object({ user: Type.String(), password: Type.Optional(Type.String({ secret: true })) });
const schema = Type.Union([
  Type.Object({
    kind: Type.Literal('one'),
    login: Type.Optional(login),
    headers: Type.Optional(Type.Record(Type.String(), Type.String({ secret: true }))),
    servers: Type.Array(Type.Object({ token: Type.Optional(Type.String({ secret: true })) })),
  }),
  Type.Object({ kind: Type.Literal('two'), key: Type.String({ secret: true }) }),
]) as SchemaNode;

it('finds every secret place of the branch that the configuration is in, and adds what it needs', () => {
  const config = { kind: 'one', servers: [{}, {}] };
  expect([...atSecretPlaces(schema, config, 'S')]).toEqual([
    { place: 'config.login.password', config: { ...config, login: { user: 'something', password: 'S' } } },
    { place: 'config.headers.X-Of-The-Suite', config: { ...config, headers: { 'X-Of-The-Suite': 'S' } } },
    { place: 'config.servers.0.token', config: { ...config, servers: [{ token: 'S' }, {}] } },
  ]);
  expect([...atSecretPlaces(schema, { kind: 'two', key: 'k' }, 'S')]).toEqual([
    { place: 'config.key', config: { kind: 'two', key: 'S' } },
  ]);
});

it('puts a password into each URL that has a host, and takes them out', () => {
  const config = { targets: ['http://a:x@h/', 'many://h:1/x'], path: '/tmp', spool: 'file:///var' };
  expect([...inUrls(config, 'S')]).toEqual([
    {
      place: 'the password in config.targets.0',
      config: { ...config, targets: ['http://a:S@h/', 'many://h:1/x'] },
    },
    {
      place: 'the password in config.targets.1',
      config: { ...config, targets: ['http://a:x@h/', 'many://someone:S@h:1/x'] },
    },
  ]);
  expect(withoutUserInfo(config)).toEqual({ ...config, targets: ['http://h/', 'many://h:1/x'] });
});
