import { openForTest, type TestCollector } from '@dynamic-informer/sdk/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startPgbouncer } from '../../test/support/pgbouncer.ts';
import { freePort } from '../../test/support/ports.ts';
import { type Postgres, startPostgres } from '../../test/support/postgres.ts';
import { waitFor } from '../../test/support/wait.ts';
import plugin from './index.ts';

const MAX = 20;
const RESERVED = 3;

let server: Postgres;
let clients: pg.Client[];

beforeEach(async () => {
  server = await startPostgres({ settings: { max_connections: String(MAX) } });
  clients = [];
});

afterEach(async () => {
  await server.stop();
  await Promise.all(clients.map((client) => client.end()));
});

const urlAs = (user: string) => `postgres://${user}@127.0.0.1:${server.port}/postgres`;

/** An application's connection, in the state that the statements leave it in. */
async function connect(database: string, ...statements: string[]): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database });
  client.on('error', () => {});
  clients.push(client);
  await client.connect();
  for (const statement of statements) await client.query(statement).catch(() => {});
  return client;
}

/** Starts a statement that does not end while the test runs. */
function start(client: pg.Client, statement: string): void {
  client.query(statement).catch(() => {});
}

/** Waits until the applications' connections are as the test put them, and nobody else is connected. */
async function settled(expected: Record<string, number>): Promise<void> {
  const wanted = Object.entries(expected)
    .sort()
    .map(([state, count]) => `${state}|${count}`);
  await waitFor(
    async () => {
      const found = await server.query(`
        SELECT datname || '/' || coalesce(wait_event_type || '/', '') || state, count(*)
        FROM (SELECT datname, state, CASE wait_event_type WHEN 'Lock' THEN 'Lock' END AS wait_event_type
              FROM pg_stat_activity
              WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> 'informer') a
        GROUP BY 1`);
      return found.split('\n').sort().join() === wanted.join();
    },
    { what: wanted.join(', ') },
  );
}

/** Two idle, two active, one that waits for a lock of one idle in transaction, one aborted. */
async function busy(): Promise<void> {
  await server.query('CREATE DATABASE shop CONNECTION LIMIT 15');
  await connect('shop');
  await connect('shop');
  start(await connect('shop'), 'SELECT pg_sleep(3600)');
  start(await connect('postgres'), 'SELECT pg_sleep(3600)');
  await connect('shop', 'CREATE TABLE orders (id int)', 'BEGIN', 'LOCK TABLE orders');
  start(await connect('shop'), 'SELECT * FROM orders');
  await connect('shop', 'BEGIN', 'SELECT * FROM none');
  await settled({
    'shop/idle': 2,
    'shop/active': 1,
    'shop/Lock/active': 1,
    'shop/idle in transaction': 1,
    'shop/idle in transaction (aborted)': 1,
    'postgres/active': 1,
  });
}

/** Collects when the test's psql has left, which takes a moment after it ended: seven clients and the agent. */
const collectAlone = (collector: TestCollector) =>
  waitFor(
    async () => {
      const result = await collector.collect();
      return result.value('db_pool_used') === 8 && result;
    },
    { what: 'nobody but the test to be connected' },
  );

const open = (user: string) => openForTest(plugin, { engine: 'postgres', url: urlAs(user) });

describe('a busy server', () => {
  test.each([
    ['a superuser', 'postgres'],
    ['a user with only pg_monitor', 'watcher'],
  ])('as %s sees it', async (_, user) => {
    await server.query('CREATE ROLE watcher LOGIN; GRANT pg_monitor TO watcher');
    await busy();
    await using collector = await open(user);
    const { value, outcome } = await collectAlone(collector);

    expect(outcome).toBe('ok');
    const counted = (database: string, state: string) => value('db_pool_connections', { database, state });
    expect(counted('shop', 'idle')).toBe(2);
    expect(counted('shop', 'active')).toBe(2);
    expect(counted('shop', 'idle in transaction')).toBe(1);
    expect(counted('shop', 'idle in transaction (aborted)')).toBe(1);
    expect(counted('postgres', 'active')).toBe(1);
    expect(counted('postgres', 'idle')).toBe(0);
    expect(counted('template1', 'idle')).toBeUndefined();

    expect(value('db_pool_max')).toBe(MAX);
    expect(value('db_pool_reserved')).toBe(RESERVED);
    expect(value('db_pool_saturation_ratio')).toBe(8 / (MAX - RESERVED));
    expect(value('db_pool_database_max', { database: 'shop' })).toBe(15);
    expect(value('db_pool_database_max', { database: 'postgres' })).toBeUndefined();
    expect(value('db_pool_backends', { backend_type: 'client backend' })).toBe(7);
    expect(value('db_pool_waiting', { database: 'shop' })).toBe(1);
    expect(value('db_pool_waiting', { database: 'postgres' })).toBe(0);
    expect(value('db_pool_info', { engine: 'postgres' })).toBe(1);
  });

  test('times grow while they last, and are 0 without a cause', async () => {
    await busy();
    await using collector = await open('postgres');
    const times = ['oldest_transaction', 'oldest_idle_in_transaction', 'longest_query'];
    const read = async (database: string) => {
      const { value } = await collector.collect();
      return times.map((name) => value(`db_pool_${name}_seconds`, { database }) ?? Number.NaN);
    };
    const first = await read('shop');
    await waitFor(async () => (await read('shop')).every((seconds, i) => seconds > (first[i] as number)), {
      what: 'the times to grow',
    });
    const [transaction, idle, query] = await read('postgres');
    expect(idle).toBe(0);
    expect(query).toBeGreaterThan(0);
    expect(transaction).toBeGreaterThan(0);
  });

  test('as a user without pg_monitor sees it: numbers, no guesses, and what to do', async () => {
    await server.query('CREATE ROLE "plain user" LOGIN');
    await busy();
    await using collector = await open('plain%20user');
    const { outcome, errors, value, exposition } = await collectAlone(collector);
    expect(outcome).toBe('partial');
    expect(errors).toEqual([
      {
        code: 'DB_POOL_HIDDEN_CONNECTIONS',
        class: 'target',
        message: `postgres://127.0.0.1:${server.port}/postgres: the user "plain user" can not see the state of 7 connections.`,
        fix: 'Type as a superuser: GRANT pg_monitor TO "plain user";',
      },
    ]);
    expect(value('db_pool_connections', { database: 'shop' })).toBe(6);
    expect(value('db_pool_connections', { database: 'shop', state: 'unknown' })).toBe(6);
    expect(value('db_pool_connections', { database: 'postgres', state: 'unknown' })).toBe(1);
    expect(value('db_pool_saturation_ratio')).toBe(8 / (MAX - RESERVED));
    expect(exposition).not.toMatch(/db_pool_(waiting|oldest|longest|backends)/);
  });
});

test('a server that is stopped is an error, and when it is back it is read again', async () => {
  const port = await freePort();
  const first = await startPostgres({ port });
  await using collector = await openForTest(plugin, { engine: 'postgres', url: first.url });
  expect((await collector.collect()).outcome).toBe('ok');
  await first.stop();
  const gone = await collector.collect();
  expect(gone.outcome).toBe('target');
  expect(gone.exposition).toBe('');
  expect(gone.errors[0]).toMatchObject({ code: 'SQL_UNREACHABLE', fix: expect.any(String) });
  await using second = await startPostgres({ port });
  expect(second.port).toBe(port);
  expect((await collector.collect()).outcome).toBe('ok');
});

test("pgbouncer's console in the place of a database says so", async () => {
  await using pooler = await startPgbouncer({ postgres: server });
  await using collector = await openForTest(plugin, { engine: 'postgres', url: pooler.adminUrl });
  const { errors } = await collector.collect();
  expect(errors[0]).toMatchObject({ code: 'SQL_WRONG_SERVER', fix: expect.stringMatching(/engine/) });
});

test('opens while the server is away', async () => {
  await using collector = await openForTest(plugin, {
    engine: 'postgres',
    url: 'postgres://a@127.0.0.1:1/b',
  });
  expect((await collector.collect()).outcome).toBe('target');
});

test('a server that stalls is a timeout that leaves no socket, and the next collect is right', async () => {
  await using collector = await open('postgres');
  const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  const before = sockets();
  await collector.collect();
  const pid = Number(
    await server.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'informer'`),
  );
  process.kill(pid, 'SIGSTOP');
  // Rejects when the collect goes on beyond the grace.
  expect(await collector.collect({ timeoutMs: 200 })).toMatchObject({ outcome: 'timeout', exposition: '' });
  await waitFor(() => sockets() === before, { what: 'the socket to close' });
  process.kill(pid, 'SIGCONT');

  server.process.signal('SIGSTOP');
  expect(await collector.collect({ timeoutMs: 200 })).toMatchObject({ outcome: 'timeout', exposition: '' });
  await waitFor(() => sockets() === before, { what: 'the socket to close' });
  server.process.signal('SIGCONT');
  expect((await collector.collect()).outcome).toBe('ok');
});
