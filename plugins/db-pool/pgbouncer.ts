import type { Row } from '@dynamic-informer/lib-sql/postgres-session';
import { gauge, type Sample, targetError } from '@dynamic-informer/sdk';
import type { Engine } from './engine.ts';
import * as shared from './metrics.ts';

const connections = shared.connections(['database', 'user', 'state']);
const max = shared.max(['database']);
const reserved = shared.reserved(['database']);
const used = shared.used(['database', 'user']);
const saturation = shared.saturation(['database', 'user']);
const waiting = shared.waiting(['database', 'user']);

const waitSeconds = gauge(
  'db_pool_wait_seconds',
  'How long the client that has waited longest has waited for a server connection; 0 without one.',
  ['database', 'user'],
);
const paused = gauge('db_pool_paused', '1 if the database is paused or disabled, else 0.', ['database']);
const clientConnections = gauge(
  'db_pool_client_connections',
  "Clients connected to the pooler, the agent's own connection included.",
);
const maxClientConnections = gauge(
  'db_pool_max_client_connections',
  'The most clients that may be connected to the pooler (max_client_conn).',
);
const clientSaturation = gauge(
  'db_pool_client_saturation_ratio',
  'Share of the client connections that are taken.',
);

/** The console itself stands in its own lists. */
const CONSOLE = 'pgbouncer';

/** What PostgreSQL answers to SHOW POOLS: SQLSTATE undefined_object. */
const UNKNOWN_SETTING = '42704';

/** Columns of SHOW POOLS, of all versions, as states. Others are not known and left out. */
const STATES: Readonly<Record<string, string>> = {
  cl_active: 'client_active',
  cl_waiting: 'client_waiting',
  cl_active_cancel_req: 'client_active_cancel',
  cl_waiting_cancel_req: 'client_waiting_cancel',
  // Up to 1.17 the two above in one.
  cl_cancel_req: 'client_cancel',
  sv_active: 'server_active',
  sv_active_cancel: 'server_active_cancel',
  sv_being_canceled: 'server_being_canceled',
  sv_idle: 'server_idle',
  sv_used: 'server_used',
  sv_tested: 'server_testing',
  sv_login: 'server_login',
};

/** Server connections that no other client can have now. `sv_used` is idle, only for longer. */
const TAKEN = ['sv_active', 'sv_active_cancel', 'sv_being_canceled', 'sv_tested', 'sv_login'];

export const pgbouncer: Engine = {
  defaults: { port: 6432, database: CONSOLE },
  metrics: [
    shared.about,
    connections,
    max,
    reserved,
    used,
    saturation,
    waiting,
    shared.databaseMax,
    waitSeconds,
    paused,
    clientConnections,
    maxClientConnections,
    clientSaturation,
  ],
  async read(session, context) {
    try {
      return await session.use(context, async (query) =>
        pgbouncerSamples({
          pools: await query('SHOW POOLS'),
          databases: await query('SHOW DATABASES'),
          lists: await query('SHOW LISTS'),
          config: await query('SHOW CONFIG'),
          version: await query('SHOW VERSION'),
        }),
      );
    } catch (error) {
      if ((error as { cause?: { code?: unknown } }).cause?.code !== UNKNOWN_SETTING) throw error;
      throw targetError(`${session.connection.label}: this is a database, not the console of pgbouncer.`, {
        code: 'SQL_WRONG_SERVER',
        fix: 'Set the database in url to pgbouncer, or engine to postgres.',
      });
    }
  },
};

/** Answers of the console, whose columns differ from version to version. */
export interface Console {
  readonly pools: readonly Row[];
  readonly databases: readonly Row[];
  readonly lists: readonly Row[];
  readonly config: readonly Row[];
  readonly version: readonly Row[];
}

/** What the console's answers say; columns that a version does not have give no samples. */
export function pgbouncerSamples({ pools, databases, lists, config, version }: Console): Sample[] {
  const sizes = new Map(databases.map((row) => [text(row, 'name'), number(row, 'pool_size')]));
  return [
    ...aboutSamples(version),
    ...pools.filter((row) => row.database !== CONSOLE).flatMap((row) => poolSamples(row, sizes)),
    ...databases.filter((row) => row.name !== CONSOLE).flatMap(databaseSamples),
    ...clientSamples(lists, config),
  ];
}

function aboutSamples(rows: readonly Row[]): Sample[] {
  const version = /\d+(\.\d+)+\S*/.exec(String(rows[0]?.version))?.[0];
  return version === undefined ? [] : [shared.about.sample({ engine: 'pgbouncer', version })];
}

function poolSamples(row: Row, sizes: ReadonlyMap<string, number | undefined>): Sample[] {
  const labels = { database: text(row, 'database'), user: text(row, 'user') };
  const samples: Sample[] = [];
  for (const [column, state] of Object.entries(STATES)) {
    const count = number(row, column);
    if (count !== undefined) samples.push(connections.sample(count, { ...labels, state }));
  }
  const taken = TAKEN.reduce((total, column) => total + (number(row, column) ?? 0), 0);
  samples.push(used.sample(taken, labels));
  const size = sizes.get(labels.database) ?? 0;
  if (size > 0) samples.push(saturation.sample(taken / size, labels));
  const waits = number(row, 'cl_waiting');
  if (waits !== undefined) samples.push(waiting.sample(waits, labels));
  const seconds = number(row, 'maxwait');
  if (seconds !== undefined) {
    samples.push(waitSeconds.sample(seconds + (number(row, 'maxwait_us') ?? 0) / 1e6, labels));
  }
  return samples;
}

function databaseSamples(row: Row): Sample[] {
  const database = text(row, 'name');
  const samples: Sample[] = [];
  const size = number(row, 'pool_size');
  if (size !== undefined) samples.push(max.sample(size, { database }));
  // Renamed in 1.24.
  const reserve = number(row, 'reserve_pool_size') ?? number(row, 'reserve_pool');
  if (reserve !== undefined) samples.push(reserved.sample(reserve, { database }));
  const limit = number(row, 'max_connections');
  if (limit !== undefined && limit > 0) samples.push(shared.databaseMax.sample(limit, { database }));
  const flags = [number(row, 'paused'), number(row, 'disabled')].filter((flag) => flag !== undefined);
  if (flags.length > 0) samples.push(paused.sample(Math.max(...flags), { database }));
  return samples;
}

function clientSamples(lists: readonly Row[], config: readonly Row[]): Sample[] {
  const usedClients = number(lists.find((row) => row.list === 'used_clients') ?? {}, 'items');
  const limit = number(config.find((row) => row.key === 'max_client_conn') ?? {}, 'value');
  const samples: Sample[] = [];
  if (usedClients !== undefined) samples.push(clientConnections.sample(usedClients));
  if (limit !== undefined) samples.push(maxClientConnections.sample(limit));
  if (usedClients !== undefined && limit) samples.push(clientSaturation.sample(usedClients / limit));
  return samples;
}

const text = (row: Row, column: string): string => String(row[column] ?? '');

/** A column's number; undefined where this version does not have the column. */
function number(row: Row, column: string): number | undefined {
  const value = row[column];
  if (value === null || value === undefined || value === '') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}
