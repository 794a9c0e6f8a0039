import { testPlugin } from '@dynamic-informer/sdk/testing';
import { afterAll, beforeAll, it } from 'vitest';
import { type Pgbouncer, startPgbouncer } from '../../test/support/pgbouncer.ts';
import { type Postgres, startPostgres } from '../../test/support/postgres.ts';
import { waitFor } from '../../test/support/wait.ts';
import plugin from './index.ts';

let server: Postgres;
let pooler: Pgbouncer;

beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: '20', autovacuum: 'off' } });
  pooler = await startPgbouncer({ postgres: server, settings: { pool_mode: 'transaction' } });
});

afterAll(async () => {
  await pooler.stop();
  await server.stop();
});

/** Only the pool's connection is left: those of psql and of the last check end a moment after them. */
async function quiet(): Promise<void> {
  const clients = `SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'`;
  await waitFor(async () => (await pooler.query(clients)) === '1', { what: 'the last check to leave' });
  await waitFor(async () => /^postgres\|postgres\|0\|/m.test(await pooler.admin('SHOW POOLS')), {
    what: 'psql to leave',
  });
}

const checks = testPlugin(plugin, {
  folder: import.meta.dirname,
  config: () => ({ engine: 'postgres', url: server.url }),
  configFor: ({ host, port }) => ({
    engine: 'postgres',
    url: `postgres://postgres@${host}:${port}/postgres`,
  }),
  // The beginning of "no password is asked for".
  halfAnswer: Buffer.from([0x52, 0, 0, 0, 8, 0, 0]),
  async variables() {
    // PostgreSQL 18 brought a type of backend that is always there.
    const version = Number(await pooler.query('SHOW server_version_num'));
    await quiet();
    const IO_WORKERS = version < 180_000 ? '' : '\ndb_pool_backends{backend_type="io worker"} 3';
    return { POSTGRES: server.url, PGBOUNCER: pooler.adminUrl, IO_WORKERS };
  },
});
for (const check of checks) it(check.name, { timeout: check.timeout }, check.run);
