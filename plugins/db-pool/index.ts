import { connectionOf, connectionProblems, connectionProperties } from '@dynamic-informer/lib-sql/connection';
import { PostgresSession } from '@dynamic-informer/lib-sql/postgres-session';
import { definePlugin, Type } from '@dynamic-informer/sdk';
import type { Engine } from './engine.ts';
import { pgbouncer } from './pgbouncer.ts';
import { postgres } from './postgres.ts';

const engines = { postgres, pgbouncer } as const satisfies Record<string, Engine>;

export default definePlugin({
  name: 'db-pool',
  description: 'How full a database connection pool is, and who waits: PostgreSQL or pgbouncer.',
  config: Type.Object({
    engine: Type.Union([Type.Literal('postgres'), Type.Literal('pgbouncer')], {
      description: 'What answers at `url`: `postgres`, the server itself, or `pgbouncer`, its admin console.',
    }),
    ...connectionProperties,
  }),
  metrics: [...postgres.metrics, ...pgbouncer.metrics],
  validate: connectionProblems,
  open(config, { directory }) {
    const engine: Engine = engines[config.engine];
    const session = new PostgresSession(connectionOf(config, engine.defaults), directory);
    return {
      describe: () => engine.metrics,
      collect: (context) => engine.read(session, context),
      close: () => session.close(),
    };
  },
});
