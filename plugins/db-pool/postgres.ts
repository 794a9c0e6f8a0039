import type { Query, Row } from '@dynamic-informer/lib-sql/postgres-session';
import { gauge, type Sample, targetError } from '@dynamic-informer/sdk';
import type { Engine } from './engine.ts';
import * as shared from './metrics.ts';

const connections = shared.connections(['database', 'state']);
const max = shared.max([]);
const reserved = shared.reserved([]);
const used = shared.used([]);
const saturation = shared.saturation([]);
const waiting = shared.waiting(['database']);

const oldestTransaction = gauge(
  'db_pool_oldest_transaction_seconds',
  'Age of the oldest open transaction; 0 without one.',
  ['database'],
);
const oldestIdleInTransaction = gauge(
  'db_pool_oldest_idle_in_transaction_seconds',
  'How long the longest idle connection with an open transaction has been idle; 0 without one.',
  ['database'],
);
const longestQuery = gauge(
  'db_pool_longest_query_seconds',
  'How long the longest running query has been running; 0 without one.',
  ['database'],
);
const backends = gauge('db_pool_backends', "Server processes by type, without the agent's own.", [
  'backend_type',
]);

/** The oldest version that is still met; before it, replication counted against max_connections. */
const OLDEST_VERSION = 120_000;

// `missing_ok` instead of a look at the version: forks and backports have settings early.
const SERVER = `
  SELECT current_setting('server_version_num')::int AS version_num,
         split_part(current_setting('server_version'), ' ', 1) AS version,
         current_user AS role,
         current_setting('max_connections')::float8 AS max,
         current_setting('superuser_reserved_connections')::float8
           + coalesce(current_setting('reserved_connections', true)::float8, 0) AS reserved`;

const DATABASES = `
  SELECT datname AS database, datconnlimit AS limit
  FROM pg_catalog.pg_database
  WHERE datallowconn AND NOT datistemplate`;

// Of sessions that the role may not look into, only database and user are known: hidden ones are those with
// a user and a database, which leaves out the server's own processes.
const SESSIONS = `
  SELECT coalesce(datname, '') AS database,
         state,
         coalesce(backend_type, CASE WHEN datid IS NOT NULL AND usesysid IS NOT NULL THEN 'hidden' ELSE '' END) AS type,
         count(*)::float8 AS sessions,
         count(*) FILTER (WHERE wait_event_type = 'Lock')::float8 AS waiting,
         extract(epoch FROM max(clock_timestamp() - xact_start))::float8 AS transaction,
         extract(epoch FROM max(clock_timestamp() - state_change)
           FILTER (WHERE state LIKE 'idle in transaction%'))::float8 AS idle_in_transaction,
         extract(epoch FROM max(clock_timestamp() - query_start)
           FILTER (WHERE state IN ('active', 'fastpath function call')))::float8 AS query
  FROM pg_catalog.pg_stat_activity
  WHERE pid <> pg_catalog.pg_backend_pid()
  GROUP BY 1, 2, 3`;

interface Server {
  readonly version_num: number;
  readonly version: string;
  readonly role: string;
  readonly max: number;
  readonly reserved: number;
}

interface Group {
  readonly database: string;
  readonly state: string | null;
  readonly type: string;
  readonly sessions: number;
  readonly waiting: number;
  readonly transaction: number | null;
  readonly idle_in_transaction: number | null;
  readonly query: number | null;
}

interface Database {
  readonly database: string;
  readonly limit: number;
}

/** The states that are exposed as 0 too, so that a series does not end when the last connection leaves it. */
const STATES = ['active', 'idle', 'idle in transaction', 'idle in transaction (aborted)'];

const CLIENT = 'client backend';
const HIDDEN = 'hidden';

export const postgres: Engine = {
  defaults: { port: 5432 },
  metrics: [
    shared.about,
    connections,
    max,
    reserved,
    used,
    saturation,
    waiting,
    shared.databaseMax,
    oldestTransaction,
    oldestIdleInTransaction,
    longestQuery,
    backends,
  ],
  async read(session, context) {
    const { server, databases, groups } = await session.read(context, async (query) => ({
      server: (await rows<Server>(query, SERVER))[0] as Server,
      databases: await rows<Database>(query, DATABASES),
      groups: await rows<Group>(query, SESSIONS),
    }));
    const { label } = session.connection;
    if (server.version_num < OLDEST_VERSION) {
      throw targetError(`${label}: PostgreSQL ${server.version} is too old.`, {
        code: 'DB_POOL_UNSUPPORTED_VERSION',
        fix: 'Use PostgreSQL 12 or newer.',
      });
    }
    const hidden = sum(groups.filter(({ type }) => type === HIDDEN));
    if (hidden > 0) {
      context.error(
        targetError(`${label}: the user "${server.role}" can not see the state of ${hidden} connections.`, {
          code: 'DB_POOL_HIDDEN_CONNECTIONS',
          fix: `Type as a superuser: GRANT pg_monitor TO "${server.role}";`,
        }),
      );
    }
    return [
      ...serverSamples(server, groups),
      ...databases.flatMap(limitSamples),
      ...sessionSamples(databases, groups),
    ];
  },
};

async function rows<T>(query: Query, sql: string): Promise<readonly T[]> {
  return (await query(sql)) as readonly Row[] as readonly T[];
}

function serverSamples(server: Server, groups: readonly Group[]): Sample[] {
  // The agent's own connection takes a place as well.
  const taken = sum(groups.filter(isClient)) + 1;
  const open = server.max - server.reserved;
  const samples = [
    shared.about.sample({ engine: 'postgres', version: server.version }),
    max.sample(server.max),
    reserved.sample(server.reserved),
    used.sample(taken),
  ];
  if (open > 0) samples.push(saturation.sample(taken / open));
  if (groups.some(({ type }) => type === '' || type === HIDDEN)) return samples;
  for (const [type, members] of Map.groupBy(groups, (group) => group.type)) {
    samples.push(backends.sample(sum(members), { backend_type: type }));
  }
  return samples;
}

function limitSamples({ database, limit }: Database): Sample[] {
  // -1 is no limit, -2 marks a database whose DROP was interrupted.
  return limit < 0 ? [] : [shared.databaseMax.sample(limit, { database })];
}

function sessionSamples(databases: readonly Database[], groups: readonly Group[]): Sample[] {
  const clients = Map.groupBy(groups.filter(isClient), (group) => group.database);
  const names = new Set([...databases.map(({ database }) => database), ...clients.keys()]);
  return [...names].flatMap((database) => databaseSamples(database, clients.get(database) ?? []));
}

/** A database with connections that can't be looked into has their number, and nothing that would be a guess. */
function databaseSamples(database: string, groups: readonly Group[]): Sample[] {
  const counts = new Map<string, number>();
  const complete = !groups.some(({ type }) => type === HIDDEN);
  if (complete && database !== '') for (const state of STATES) counts.set(state, 0);
  for (const { state, sessions } of groups) {
    const name = state ?? 'unknown';
    counts.set(name, (counts.get(name) ?? 0) + sessions);
  }
  const samples = [...counts].map(([state, count]) => connections.sample(count, { database, state }));
  if (!complete || database === '') return samples;
  const longest = (key: 'transaction' | 'idle_in_transaction' | 'query') =>
    Math.max(0, ...groups.map((group) => group[key] ?? 0));
  return [
    ...samples,
    waiting.sample(
      groups.reduce((total, group) => total + group.waiting, 0),
      { database },
    ),
    oldestTransaction.sample(longest('transaction'), { database }),
    oldestIdleInTransaction.sample(longest('idle_in_transaction'), { database }),
    longestQuery.sample(longest('query'), { database }),
  ];
}

const isClient = ({ type }: Group): boolean => type === CLIENT || type === HIDDEN;

const sum = (groups: readonly Group[]): number => groups.reduce((total, { sessions }) => total + sessions, 0);
