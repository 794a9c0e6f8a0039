import { gauge, info } from '@dynamic-informer/sdk';

// What every engine exposes has one name and one help text; the labels are the engine's, for a pool is one
// server in PostgreSQL and one database and user in pgbouncer.

export const connections = <const L extends string>(labels: readonly L[]) =>
  gauge('db_pool_connections', "Connections by state, without the agent's own.", labels);

export const max = <const L extends string = never>(labels: readonly L[]) =>
  gauge('db_pool_max', 'The most connections that the pool may have.', labels);

export const reserved = <const L extends string = never>(labels: readonly L[]) =>
  gauge(
    'db_pool_reserved',
    'Connections kept in reserve: inside db_pool_max for privileged users (postgres), beyond it for bursts (pgbouncer).',
    labels,
  );

export const used = <const L extends string = never>(labels: readonly L[]) =>
  gauge('db_pool_used', 'Places of the pool that are taken.', labels);

export const saturation = <const L extends string = never>(labels: readonly L[]) =>
  gauge(
    'db_pool_saturation_ratio',
    'Share of the places that are taken, of those that ordinary users can have.',
    labels,
  );

export const waiting = <const L extends string>(labels: readonly L[]) =>
  gauge(
    'db_pool_waiting',
    'Connections that wait: for a lock (postgres), for a server connection (pgbouncer).',
    labels,
  );

export const databaseMax = gauge(
  'db_pool_database_max',
  'The most connections that the database may have; absent without a limit.',
  ['database'],
);

export const about = info('db_pool_info', 'What answers, and its version.', ['engine', 'version']);
