import { Socket } from 'node:net';
import { formatDuration, targetError } from '@dynamic-informer/sdk';
import type { Client } from 'pg';
import type { Connection } from './connection.ts';
import { readCredentials } from './credentials.ts';
import { connectionSurvives, explain } from './postgres-errors.ts';

export type Row = Readonly<Record<string, unknown>>;
/** Gives the rows of the last statement in `sql`. */
export type Query = (sql: string) => Promise<readonly Row[]>;

/** The part of a collect's context that a session needs. */
export interface Turn {
  readonly signal: AbortSignal;
  readonly deadline: number;
  readonly clock: { now(): number };
}

/** A connection is broken once its socket is destroyed, whoever did it. */
interface Link {
  readonly client: Client;
  readonly socket: Socket;
}

/** How long a goodbye may take before the socket is closed without one. */
const GOODBYE_MS = 500;

/** What a collect may take after its deadline; the server's own limit is the second line. */
const GRACE_MS = 250;

/**
 * One kept connection to a server that speaks PostgreSQL's protocol: opened when it is first used, and again
 * when it broke. An abort closes the socket at once, whatever the server does. The driver is loaded by the
 * first use, for it costs 12 MB. Only the simple query protocol is used, and no parameter is set at start but
 * `application_name`, so that pgbouncer's console and its pools can be talked to as well.
 */
export class PostgresSession {
  readonly #connection: Connection;
  readonly #directory: string;
  readonly #closed = new AbortController();
  #link: Link | undefined;

  /** Relative paths of files start at `directory`. */
  constructor(connection: Connection, directory: string) {
    this.#connection = connection;
    this.#directory = directory;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /**
   * Lets `work` query. A kept connection may have died unnoticed, so work that fails on it runs once more on
   * a new one: it must only read. Not to be called again before it settled.
   * @throws a target error that names the server
   */
  async use<T>({ signal }: Pick<Turn, 'signal'>, work: (query: Query) => Promise<T>): Promise<T> {
    const stop = AbortSignal.any([signal, this.#closed.signal]);
    stop.throwIfAborted();
    const kept = this.#link;
    if (kept && !kept.socket.destroyed) {
      try {
        return await this.#run(kept, stop, work);
      } catch (error) {
        stop.throwIfAborted();
        if (!kept.socket.destroyed) throw error;
      }
    }
    this.#link = await this.#open(stop);
    return await this.#run(this.#link, stop, work);
  }

  /**
   * Lets `work` query in one read-only transaction, which the server ends by itself when nobody else does. The
   * limits are the transaction's, not the connection's: behind a pool, somebody else's transaction is next on it.
   * @throws a target error that names the server
   */
  read<T>(turn: Turn, work: (query: Query) => Promise<T>): Promise<T> {
    return this.use(turn, async (query) => {
      const limit = Math.max(0, Math.ceil(turn.deadline - turn.clock.now())) + GRACE_MS;
      await query(`BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = ${limit}`);
      try {
        const result = await work(query);
        await query('COMMIT');
        return result;
      } catch (error) {
        if (this.#link?.socket.destroyed === false) await query('ROLLBACK');
        throw error;
      }
    });
  }

  /** Says goodbye to the server, if it listens, and closes the socket. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('The session is closed.'));
    const link = this.#link;
    this.#link = undefined;
    if (link === undefined || link.socket.destroyed) return;
    const timer = setTimeout(() => link.socket.destroy(), GOODBYE_MS);
    await link.client.end();
    clearTimeout(timer);
  }

  async #run<T>({ client, socket }: Link, stop: AbortSignal, work: (query: Query) => Promise<T>): Promise<T> {
    const query: Query = async (sql) => {
      stop.throwIfAborted();
      try {
        const result: unknown = await client.query(sql);
        return (Array.isArray(result) ? result.at(-1) : result).rows;
      } catch (error) {
        stop.throwIfAborted();
        if (!connectionSurvives(error)) socket.destroy();
        throw explain(error, this.#connection, 'query');
      }
    };
    const abort = () => socket.destroy();
    stop.addEventListener('abort', abort, { once: true });
    try {
      return await work(query);
    } finally {
      stop.removeEventListener('abort', abort);
    }
  }

  async #open(stop: AbortSignal): Promise<Link> {
    const { connectTimeoutMs, label } = this.#connection;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), connectTimeoutMs);
    const limit = AbortSignal.any([stop, late.signal]);
    const socket = new Socket();
    const abort = () => socket.destroy();
    limit.addEventListener('abort', abort, { once: true });
    try {
      const client = await this.#connect(socket, limit);
      limit.throwIfAborted();
      return { client, socket };
    } catch (error) {
      socket.destroy();
      stop.throwIfAborted();
      if (!late.signal.aborted) throw error;
      throw targetError(`${label}: no connection within ${formatDuration(connectTimeoutMs)}.`, {
        code: 'SQL_UNREACHABLE',
        fix: 'Look at the server and the network between, or raise connect_timeout.',
      });
    } finally {
      clearTimeout(timer);
      limit.removeEventListener('abort', abort);
    }
  }

  async #connect(socket: Socket, signal: AbortSignal): Promise<Client> {
    const { host, port, user, database } = this.#connection;
    const { default: pg } = await import('pg');
    const { password, tls } = await readCredentials(this.#connection, this.#directory, signal);
    signal.throwIfAborted();
    const client = new pg.Client({
      host,
      port,
      user,
      database,
      // A function keeps the driver from looking into the environment and ~/.pgpass.
      password: () => password,
      ssl: tls,
      application_name: 'informer',
      keepAlive: true,
      stream: () => socket,
    });
    // Nobody waits for an answer when an idle connection dies; the next use finds the socket destroyed.
    client.on('error', () => socket.destroy());
    try {
      await client.connect();
    } catch (error) {
      throw explain(error, this.#connection, 'connect');
    }
    return client;
  }
}
