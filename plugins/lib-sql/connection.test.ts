import { expect, test } from 'vitest';
import { type ConnectionConfig, connectionOf, connectionProblems } from './connection.ts';

const config = (changes: Partial<ConnectionConfig>): ConnectionConfig => ({
  url: 'postgres://app@db.example/orders',
  connect_timeout: '5s',
  ...changes,
});
const problems = (changes: Partial<ConnectionConfig>) => [...connectionProblems(config(changes))];
const read = (changes: Partial<ConnectionConfig>, defaults = { port: 5432 }) =>
  connectionOf(config(changes), defaults);

test('reads host, port, user, password and database from the URL, decoded', () => {
  expect(read({ url: 'postgresql://a%40b:p%3Aw@[::1]:6000/my%20db' })).toEqual({
    host: '::1',
    port: 6000,
    user: 'a@b',
    password: 'p:w',
    database: 'my db',
    connectTimeoutMs: 5000,
    label: 'postgres://[::1]:6000/my db',
  });
});

test('takes port and database from the defaults, and the database from the user without one', () => {
  expect(read({ url: 'postgres://app@db.example' })).toMatchObject({ port: 5432, database: 'app' });
  const defaults = { port: 6432, database: 'pgbouncer' };
  expect(connectionOf(config({ url: 'postgres://app@db.example' }), defaults)).toMatchObject({
    port: 6432,
    database: 'pgbouncer',
  });
});

test('lets keys stand in for parts of the URL', () => {
  const changes = { user: 'other', database: 'stock', password: 'x', connect_timeout: '1m30s250ms' };
  expect(read(changes)).toMatchObject({
    user: 'other',
    database: 'stock',
    password: 'x',
    connectTimeoutMs: 90_250,
  });
});

test('reads the folder of a Unix socket', () => {
  expect(read({ url: 'postgres://app@/orders?host=/run/postgresql' })).toMatchObject({
    host: '/run/postgresql',
    label: 'postgres:///orders?host=/run/postgresql',
  });
});

test.each([
  ['disable', undefined],
  ['require', { insecure_skip_verify: true }],
  ['verify-full', {}],
])('reads sslmode=%s', (mode, tls) => {
  expect(read({ url: `postgres://app@db.example/orders?sslmode=${mode}` }).tls).toEqual(tls);
});

test('shows no user and no password in its label', () => {
  const { label } = read({ url: 'postgres://app:hunter2@db.example/orders' });
  expect(label).toBe('postgres://db.example:5432/orders');
});

test.each<[string, Partial<ConnectionConfig>, string]>([
  ['no URL', { url: 'postgres://%zz:hunter2@x/y' }, 'this is not a URL'],
  ['another scheme', { url: 'mysql://app@x/y' }, 'the URL\'s scheme is "mysql:"'],
  ['no user', { url: 'postgres://db.example/orders' }, 'no user is given'],
  [
    'two passwords',
    { url: 'postgres://a:hunter2@x/y', password: 'x' },
    'the password is given more than once',
  ],
  ['two passwords', { password: 'hunter2', password_file: 'x' }, 'the password is given more than once'],
  ['a key without certificate', { tls: { key_file: 'k' } }, 'only one of cert_file and key_file is given'],
  [
    'an unknown parameter',
    { url: 'postgres://a:hunter2@x/y?foo=1' },
    'the URL has an unknown parameter "foo"',
  ],
  ['a mode that may fall back', { url: 'postgres://a@x/y?sslmode=prefer' }, 'the URL\'s sslmode is "prefer"'],
  [
    'TLS said twice',
    { url: 'postgres://a@x/y?sslmode=verify-full', tls: {} },
    "TLS is set here and by the URL's sslmode",
  ],
])('finds %s, and shows no secret', (_, changes, message) => {
  const found = problems(changes);
  expect(found).toEqual([expect.objectContaining({ message, fix: expect.any(String) })]);
  expect(JSON.stringify(found)).not.toContain('hunter2');
});

test('finds nothing where nothing is wrong', () => {
  expect(problems({ password_file: 'x', tls: { ca_file: 'ca.pem' } })).toEqual([]);
});
