import type { ConnectionDefaults } from '@dynamic-informer/lib-sql/connection';
import type { PostgresSession } from '@dynamic-informer/lib-sql/postgres-session';
import type { CollectContext, Descriptor, Sample } from '@dynamic-informer/sdk';

/** A kind of pool: where it listens, what it exposes, and how that is read. */
export interface Engine {
  readonly defaults: ConnectionDefaults;
  readonly metrics: readonly Descriptor[];
  /** The current values; what is missing is reported through `context.error`. */
  read(session: PostgresSession, context: CollectContext): Promise<Sample[]>;
}
