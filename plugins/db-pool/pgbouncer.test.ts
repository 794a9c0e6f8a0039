import type { Row } from '@dynamic-informer/lib-sql/postgres-session';
import { openForTest } from '@dynamic-informer/sdk/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Pgbouncer, startPgbouncer } from '../../test/support/pgbouncer.ts';
import { type Postgres, startPostgres } from '../../test/support/postgres.ts';
import { waitFor } from '../../test/support/wait.ts';
import plugin from './index.ts';
import { pgbouncerSamples } from './pgbouncer.ts';

describe('a real pgbouncer', () => {
  let server: Postgres;
  let pooler: Pgbouncer;
  let clients: pg.Client[];

  beforeEach(async () => {
    server = await startPostgres();
    await server.query('CREATE DATABASE shop');
    pooler = await startPgbouncer({
      postgres: server,
      settings: {
        pool_mode: 'transaction',
        default_pool_size: '4',
        reserve_pool_size: '1',
        max_db_connections: '9',
        max_client_conn: '50',
      },
    });
    clients = [];
  });

  afterEach(async () => {
    await pooler.stop();
    await server.stop();
    await Promise.all(clients.map((client) => client.end()));
  });

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: pooler.port,
      user: 'postgres',
      database: 'shop',
    });
    client.on('error', () => {});
    clients.push(client);
    await client.connect();
    return client;
  }

  const open = () => openForTest(plugin, { engine: 'pgbouncer', url: pooler.adminUrl });
  const pool = { database: 'shop', user: 'postgres' };

  test('reads pools, limits and who waits', async () => {
    await using collector = await open();
    const holders = [await connect(), await connect()];
    for (const client of holders) await client.query('BEGIN');
    // One that is connected and has no server connection, and one server connection without a client.
    await (await connect()).query('BEGIN; SELECT 1; COMMIT');
    const { value, outcome } = await waitFor(
      async () => {
        const result = await collector.collect();
        const idle = result.value('db_pool_connections', { ...pool, state: 'server_idle' });
        return idle === 1 && result;
      },
      { what: 'the third server connection to be idle' },
    );
    expect(outcome).toBe('ok');
    const counted = (state: string) => value('db_pool_connections', { ...pool, state });
    expect(counted('client_active')).toBe(3);
    expect(counted('client_waiting')).toBe(0);
    expect(counted('server_active')).toBe(2);
    expect(counted('server_idle')).toBe(1);
    expect(value('db_pool_max', { database: 'shop' })).toBe(4);
    expect(value('db_pool_reserved', { database: 'shop' })).toBe(1);
    expect(value('db_pool_database_max', { database: 'shop' })).toBe(9);
    expect(value('db_pool_used', pool)).toBe(2);
    expect(value('db_pool_saturation_ratio', pool)).toBe(0.5);
    expect(value('db_pool_waiting', pool)).toBe(0);
    expect(value('db_pool_wait_seconds', pool)).toBe(0);
    expect(value('db_pool_paused', { database: 'shop' })).toBe(0);
    expect(value('db_pool_client_connections')).toBe(4);
    expect(value('db_pool_max_client_connections')).toBe(50);
    expect(value('db_pool_client_saturation_ratio')).toBe(4 / 50);
    expect(value('db_pool_info', { engine: 'pgbouncer' })).toBe(1);
    expect(value('db_pool_connections', { database: 'pgbouncer', state: 'client_active' })).toBeUndefined();
  });

  test('a full pool: saturation 1, and clients wait for a time that grows', async () => {
    await using collector = await open();
    for (let i = 0; i < 4; i++) await (await connect()).query('BEGIN');
    for (let i = 0; i < 2; i++) (await connect()).query('SELECT 1').catch(() => {});
    const { value } = await waitFor(
      async () => {
        const result = await collector.collect();
        return (result.value('db_pool_wait_seconds', pool) ?? 0) > 0 && result;
      },
      { what: 'a client to have waited' },
    );
    expect(value('db_pool_saturation_ratio', pool)).toBe(1);
    expect(value('db_pool_waiting', pool)).toBe(2);
    expect(value('db_pool_connections', { ...pool, state: 'client_waiting' })).toBe(2);
    expect(value('db_pool_connections', { ...pool, state: 'client_active' })).toBe(4);
  });

  test('a paused database says so', async () => {
    await (await connect()).query('SELECT 1');
    await pooler.admin('PAUSE shop');
    await using collector = await open();
    expect((await collector.collect()).value('db_pool_paused', { database: 'shop' })).toBe(1);
  });

  test('PostgreSQL can be read through a pool, in any pool mode', async () => {
    await using collector = await openForTest(plugin, { engine: 'postgres', url: pooler.url });
    expect(await collector.collect()).toMatchObject({ outcome: 'ok' });
    await pooler.admin("SET pool_mode = 'session'");
    expect(await collector.collect()).toMatchObject({ outcome: 'ok' });
  });

  test('a console that the user may not use says who may', async () => {
    await server.query('CREATE ROLE stranger LOGIN');
    const url = `postgres://stranger:hunter2@127.0.0.1:${pooler.port}/pgbouncer`;
    await using collector = await openForTest(plugin, { engine: 'pgbouncer', url });
    const { outcome, errors } = await collector.collect();
    expect(outcome).toBe('target');
    expect(errors[0]).toMatchObject({ code: 'SQL_AUTH_FAILED' });
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });

  test('a URL that is a database of the pool, not the console, says so', async () => {
    await using collector = await openForTest(plugin, { engine: 'pgbouncer', url: pooler.url });
    const { outcome, errors } = await collector.collect();
    expect(outcome).toBe('target');
    expect(errors[0]).toMatchObject({ code: 'SQL_WRONG_SERVER', fix: expect.stringMatching(/pgbouncer/) });
  });

  test('a pooler that stalls is a timeout, and the next collect is right', async () => {
    await using collector = await open();
    await collector.collect();
    pooler.process.signal('SIGSTOP');
    expect(await collector.collect({ timeoutMs: 200 })).toMatchObject({ outcome: 'timeout', exposition: '' });
    pooler.process.signal('SIGCONT');
    expect(await collector.collect()).toMatchObject({ outcome: 'ok' });
  });
});

const answers = (pools: Row, databases: Row) =>
  new Map(
    pgbouncerSamples({
      pools: [{ database: 'shop', user: 'app', ...pools }],
      databases: [{ name: 'shop', pool_size: 10, ...databases }],
      lists: [{ list: 'used_clients', items: 3 }],
      config: [{ key: 'max_client_conn', value: '100', default: '100', changeable: 'yes' }],
      version: [],
    }).map(({ descriptor, labels, value }) => [[descriptor.name, ...Object.values(labels)].join(' '), value]),
  );

test('columns of 1.24 that are not known are left out, renamed ones are found', () => {
  const found = answers(
    {
      cl_active: 1,
      cl_waiting: 0,
      sv_active: 5,
      sv_idle: 1,
      sv_new: 7,
      maxwait: 2,
      maxwait_us: 500000,
      load_balance_hosts: '',
    },
    { reserve_pool_size: 2, max_connections: 0, max_client_connections: 0, server_lifetime: 3600 },
  );
  expect(found.get('db_pool_reserved shop')).toBe(2);
  expect(found.get('db_pool_wait_seconds shop app')).toBe(2.5);
  expect(found.get('db_pool_saturation_ratio shop app')).toBe(0.5);
  expect(found.has('db_pool_database_max shop')).toBe(false);
  expect([...found.keys()].filter((key) => key.startsWith('db_pool_connections'))).toHaveLength(4);
});

test('columns that 1.7 does not have give no samples', () => {
  // The console's bigints come as text.
  const found = answers(
    { cl_active: '1', sv_active: '0', sv_login: '1', maxwait: '3' },
    { reserve_pool: '0' },
  );
  expect(found.get('db_pool_wait_seconds shop app')).toBe(3);
  expect(found.get('db_pool_used shop app')).toBe(1);
  expect(found.get('db_pool_reserved shop')).toBe(0);
  for (const name of ['db_pool_paused shop', 'db_pool_waiting shop app']) expect(found.has(name)).toBe(false);
});
