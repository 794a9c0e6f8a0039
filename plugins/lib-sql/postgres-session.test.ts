import { execFile } from 'node:child_process';
import { chmod, chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '@dynamic-informer/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountFor } from '../../test/support/account.ts';
import { startPgbouncer } from '../../test/support/pgbouncer.ts';
import { freePort } from '../../test/support/ports.ts';
import { type Postgres, startPostgres } from '../../test/support/postgres.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/support/temp.ts';
import { waitFor } from '../../test/support/wait.ts';
import { type ConnectionConfig, connectionOf } from './connection.ts';
import { PostgresSession } from './postgres-session.ts';

const SECRET = 'hunter2-secret';

let folder: TemporaryFolder;
let server: Postgres;

const urlOf = (user: string, { port } = server) => `postgres://${user}@127.0.0.1:${port}/postgres`;

function sessionOf(config: Partial<ConnectionConfig>): PostgresSession & AsyncDisposable {
  const connection = connectionOf({ url: server.url, connect_timeout: '5s', ...config }, { port: 5432 });
  const session = new PostgresSession(connection, folder.path);
  return Object.assign(session, { [Symbol.asyncDispose]: () => session.close() });
}

const turn = (signal = AbortSignal.timeout(20_000)) => ({
  signal,
  deadline: Date.now() + 20_000,
  clock: systemClock,
});
const one = { signal: AbortSignal.timeout(2 ** 31 - 1) };
const ask = async (session: PostgresSession, sql = 'SELECT 1 AS n') =>
  session.use(one, async (query) => (await query(sql))[0]?.n);

/** What a failed use threw; checks that it names the place, says what to do and keeps the secret. */
async function failure(session: PostgresSession, sql?: string) {
  const error = await ask(session, sql).then(
    () => expect.fail('it did not fail'),
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ class: 'target', fix: expect.any(String) });
  expect(error.message.startsWith(`${session.connection.label}: `)).toBe(true);
  expect(`${error.message} ${error.fix} ${error.stack} ${error.cause?.stack}`).not.toContain(SECRET);
  return error;
}

const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
const sessions = async (s: Postgres) =>
  Number(await s.query(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'informer'`));

beforeAll(async () => {
  folder = await temporaryFolder('sql');
  await chmod(folder.path, 0o755);
  const certificate = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=db.test'];
  const names = ['-addext', 'subjectAltName=DNS:db.test', '-keyout', 'server.key', '-out', 'server.crt'];
  await promisify(execFile)('openssl', ['req', ...certificate, ...names], { cwd: folder.path });
  const account = await accountFor('postgres');
  const key = join(folder.path, 'server.key');
  if (account) await chown(key, account.uid, account.gid);
  await chmod(key, 0o600);
  const rules = [
    'host all postgres 127.0.0.1/32 trust',
    'host all limited 127.0.0.1/32 trust',
    'host all scram 127.0.0.1/32 scram-sha-256',
    'hostssl all encrypted 127.0.0.1/32 trust',
  ];
  await writeFile(join(folder.path, 'hba.conf'), `${rules.join('\n')}\n`);
  server = await startPostgres({
    settings: {
      max_connections: '10',
      hba_file: join(folder.path, 'hba.conf'),
      ssl: 'on',
      ssl_cert_file: join(folder.path, 'server.crt'),
      ssl_key_file: key,
    },
  });
  await server.query(`
    CREATE ROLE scram LOGIN PASSWORD '${SECRET}';
    CREATE ROLE limited LOGIN CONNECTION LIMIT 0;
    CREATE ROLE encrypted LOGIN`);
});

afterAll(async () => {
  await server.stop();
  await folder[Symbol.asyncDispose]();
});

describe('what stands in the way is said with a fix', () => {
  test.each<[string, () => Partial<ConnectionConfig>, string, RegExp]>([
    [
      'a wrong password',
      () => ({ url: urlOf('scram'), password: `${SECRET}x` }),
      'SQL_AUTH_FAILED',
      /"scram"/,
    ],
    ['no password', () => ({ url: urlOf('scram') }), 'SQL_AUTH_FAILED', /none is configured/],
    ['an unknown user', () => ({ url: urlOf('ghost') }), 'SQL_TLS_REQUIRED', /pg_hba.conf/],
    [
      'an unknown user with TLS',
      () => ({ url: `${urlOf('ghost')}?sslmode=require` }),
      'SQL_AUTH_FAILED',
      /"ghost"/,
    ],
    ['a missing database', () => ({ database: 'none' }), 'SQL_NO_DATABASE', /no database "none"/],
    ['a full role', () => ({ url: urlOf('limited') }), 'SQL_TOO_MANY_CONNECTIONS', /role "limited"/],
    ['no TLS where it is required', () => ({ url: urlOf('encrypted') }), 'SQL_TLS_REQUIRED', /no encryption/],
    ['a foreign certificate', () => ({ tls: {} }), 'SQL_TLS_FAILED', /certificate is not accepted/],
    [
      'another name',
      () => ({ tls: { ca_file: 'server.crt' } }),
      'SQL_TLS_FAILED',
      /certificate is not accepted/,
    ],
    [
      'a port without a server',
      () => ({ url: 'postgres://a@127.0.0.1:1/b' }),
      'SQL_UNREACHABLE',
      /ECONNREFUSED/,
    ],
    ['a missing socket', () => ({ url: 'postgres://a@/b?host=/none' }), 'SQL_UNREACHABLE', /ENOENT/],
    [
      'a missing file',
      () => ({ password_file: 'none' }),
      'SQL_FILE_UNREADABLE',
      /password_file .* \(ENOENT\)/,
    ],
  ])('%s', async (_, config, code, message) => {
    await using session = sessionOf(config());
    expect(await failure(session)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('TLS that the server does not have', async () => {
    await using plain = await startPostgres();
    await using session = sessionOf({ url: plain.url, tls: {} });
    expect(await failure(session)).toMatchObject({ code: 'SQL_TLS_FAILED' });
  });

  test('a table that the user may not read, and the connection goes on', async () => {
    await using session = sessionOf({ url: urlOf('scram'), password: SECRET });
    expect(await failure(session, 'SELECT * FROM pg_authid')).toMatchObject({
      code: 'SQL_PERMISSION_DENIED',
      fix: 'Type as a superuser: GRANT pg_monitor TO "scram";',
    });
    const pid = await ask(session, 'SELECT pg_backend_pid() AS n');
    await failure(session, 'SELECT * FROM none');
    expect(await ask(session, 'SELECT pg_backend_pid() AS n')).toBe(pid);
  });

  test('a pooler that is full, or that refuses the user', async () => {
    await using pooler = await startPgbouncer({ postgres: server, settings: { max_client_conn: '1' } });
    await using first = sessionOf({ url: pooler.adminUrl });
    await first.use(one, (query) => query('SHOW POOLS'));
    await using second = sessionOf({ url: pooler.url });
    expect(await failure(second)).toMatchObject({ code: 'SQL_TOO_MANY_CONNECTIONS' });
    await first.close();
    await using stranger = sessionOf({ url: `postgres://scram@127.0.0.1:${pooler.port}/pgbouncer` });
    expect(await waitFor(() => failure(stranger), { what: 'a free place' })).toMatchObject({
      code: 'SQL_AUTH_FAILED',
    });
  });
});

test('connects with TLS, a password from a file and its own name', async () => {
  await writeFile(join(folder.path, 'password'), `${SECRET}\n`);
  await using session = sessionOf({
    url: urlOf('scram'),
    password_file: 'password',
    tls: { ca_file: 'server.crt', server_name: 'db.test' },
  });
  const row = await session.use(one, (query) =>
    query(
      `SELECT ssl, application_name FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE pid = pg_backend_pid()`,
    ),
  );
  expect(row).toEqual([{ ssl: true, application_name: 'informer' }]);
});

test('connects through a Unix socket', async () => {
  await using plain = await startPostgres();
  const folderOfSocket = await plain.query('SHOW unix_socket_directories');
  await using session = sessionOf({
    url: `postgres://postgres@:${plain.port}/postgres?host=${folderOfSocket}`,
  });
  expect(await ask(session, 'SELECT inet_server_addr() IS NULL AS n')).toBe(true);
});

test('keeps one connection, and ends it on the server when it closes', async () => {
  const session = sessionOf({});
  const pid = await ask(session, 'SELECT pg_backend_pid() AS n');
  expect(await ask(session, 'SELECT pg_backend_pid() AS n')).toBe(pid);
  expect(await sessions(server)).toBe(1);
  await session.close();
  await waitFor(async () => (await sessions(server)) === 0, { what: 'the connection to end' });
  await expect(ask(session)).rejects.toThrow('The session is closed.');
});

test('goes on with a new connection when the old one was ended', async () => {
  await using session = sessionOf({});
  const pid = await ask(session, 'SELECT pg_backend_pid() AS n');
  await server.query(`SELECT pg_terminate_backend(${pid})`);
  expect(await ask(session, 'SELECT pg_backend_pid() AS n')).not.toBe(pid);
});

test('does not repeat work that fails on a new connection', async () => {
  await using session = sessionOf({});
  let runs = 0;
  const suicide = session.use(one, async (query) => {
    runs++;
    return query('SELECT pg_terminate_backend(pg_backend_pid())');
  });
  await expect(suicide).rejects.toMatchObject({ code: 'SQL_UNAVAILABLE' });
  expect(runs).toBe(1);
});

test('reads in a read-only transaction that ends, also when the work fails', async () => {
  await using session = sessionOf({});
  await expect(session.read(turn(), (query) => query('CREATE TABLE t (n int)'))).rejects.toMatchObject({
    code: 'SQL_READ_ONLY',
  });
  const limit = await session.read(turn(), async (query) => (await query('SHOW statement_timeout'))[0]);
  expect(limit?.statement_timeout).toMatch(/^(20|19)/);
  expect(await ask(session, `SELECT current_setting('statement_timeout') AS n`)).toBe('0');
  expect(await ask(session, `SELECT current_setting('transaction_read_only') AS n`)).toBe('off');
});

test('leaves nothing on a connection that a pool hands to others', async () => {
  const settings = { pool_mode: 'transaction', default_pool_size: '1' };
  await using pooler = await startPgbouncer({ postgres: server, settings });
  await using session = sessionOf({ url: pooler.url });
  await session.read(turn(), (query) => query('SELECT 1'));
  expect(await pooler.query('SHOW default_transaction_read_only')).toBe('off');
  expect(await pooler.query('SHOW statement_timeout')).toBe('0');
});

describe('an abort closes the socket, whatever the server does', () => {
  const reason = new Error('enough');

  test('during a query, which the server then ends by itself', async () => {
    await using session = sessionOf({});
    await ask(session);
    const before = sockets();
    const abort = new AbortController();
    const soon = { signal: abort.signal, deadline: Date.now() + 100, clock: systemClock };
    const reading = session.read(soon, (query) => query('SELECT pg_sleep(3600)'));
    reading.catch(() => {});
    await waitFor(
      () => server.query(`SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(3600)'`),
      { what: 'the query to run' },
    );
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await waitFor(() => sockets() < before, { what: 'the socket to close' });
    await waitFor(async () => (await sessions(server)) === 0, { what: 'the server to end the query' });
    expect(await ask(session)).toBe(1);
  });

  test('during a query that a stopped server never answers', async () => {
    await using stalled = await startPostgres();
    await using session = sessionOf({ url: stalled.url });
    const pid = Number(await ask(session, 'SELECT pg_backend_pid() AS n'));
    const before = sockets();
    process.kill(pid, 'SIGSTOP');
    const abort = new AbortController();
    const reading = session.use({ signal: abort.signal }, (query) => query('SELECT 1'));
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await waitFor(() => sockets() < before, { what: 'the socket to close' });
    process.kill(pid, 'SIGCONT');
  });

  test('while a stopped server accepts and never greets', async () => {
    await using stalled = await startPostgres();
    await using session = sessionOf({ url: stalled.url });
    const before = sockets();
    stalled.process.signal('SIGSTOP');
    const abort = new AbortController();
    const asking = session.use({ signal: abort.signal }, (query) => query('SELECT 1'));
    asking.catch(() => {});
    await waitFor(() => sockets() > before, { what: 'the socket to open' });
    abort.abort(reason);
    await expect(asking).rejects.toBe(reason);
    await waitFor(() => sockets() === before, { what: 'the socket to close' });
  });

  test('connect_timeout ends it sooner, with an error of its own', async () => {
    await using stalled = await startPostgres();
    await using session = sessionOf({ url: stalled.url, connect_timeout: '50ms' });
    stalled.process.signal('SIGSTOP');
    expect(await failure(session)).toMatchObject({
      code: 'SQL_UNREACHABLE',
      message: expect.stringMatching(/no connection within 50ms/),
    });
  });
});

test('a server that was stopped and is back is read again', async () => {
  const port = await freePort();
  const first = await startPostgres({ port });
  await using session = sessionOf({ url: first.url });
  expect(await ask(session)).toBe(1);
  await first.stop();
  expect(await failure(session)).toMatchObject({ code: 'SQL_UNREACHABLE' });
  await using second = await startPostgres({ port });
  expect(second.url).toBe(first.url);
  expect(await ask(session)).toBe(1);
});
