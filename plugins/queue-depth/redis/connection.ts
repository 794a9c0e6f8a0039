import { type InformerError, type Static, targetError } from '@dynamic-informer/sdk';
import type { Redis, RedisOptions } from 'ioredis';
import type { Address } from '../address.ts';
import { authFailure, connectionFailure, lateFailure } from '../failure.ts';
import type { Connection } from '../kept.ts';
import { type tlsConfig, tlsOptions } from '../tls.ts';

export type Command = readonly [name: string, ...args: (string | number)[]];
/** What Redis answered to one command: a value, or its refusal of that command. */
export type Reply = { readonly value: unknown } | { readonly refusal: string };

export interface RedisTarget {
  readonly address: Address;
  readonly db: number | undefined;
  readonly tls: Static<typeof tlsConfig> | undefined;
  readonly directory: string;
}

/** One connection, logged in, on which each call is one round trip. */
export class RedisConnection implements Connection {
  readonly #client: Redis;
  readonly #target: RedisTarget;

  private constructor(client: Redis, target: RedisTarget) {
    this.#client = client;
    this.#target = target;
  }

  static async open(target: RedisTarget, signal: AbortSignal): Promise<RedisConnection> {
    const { place } = target.address;
    const [{ Redis }, options] = await Promise.all([import('ioredis'), clientOptions(target)]);
    if (signal.aborted) throw lateFailure(place);
    const client = new Redis(options);
    let cause: unknown;
    client.on('error', (error) => {
      cause ??= error;
    });
    const connection = new RedisConnection(client, target);
    const destroy = () => connection.destroy();
    signal.addEventListener('abort', destroy, { once: true });
    try {
      await client.connect().catch((error: unknown) => {
        throw signal.aborted ? lateFailure(place) : connectionFailure(place, cause ?? error);
      });
      await connection.#logIn();
      return connection;
    } catch (error) {
      destroy();
      throw signal.aborted ? lateFailure(place) : error;
    } finally {
      signal.removeEventListener('abort', destroy);
    }
  }

  get alive(): boolean {
    return this.#client.status === 'ready';
  }

  /** Sends all commands in one write and gives their answers in order. Rejects when the server as a whole refuses. */
  async ask(commands: readonly Command[]): Promise<Reply[]> {
    const replies = await this.#send(commands);
    for (const reply of replies) {
      if ('refusal' in reply) throwIfGeneral(this.#target.address.place, reply.refusal);
    }
    return replies;
  }

  destroy(): void {
    this.#client.disconnect();
    // Without this it waits for the peer to close its side.
    this.#client.stream?.destroy();
  }

  async close(): Promise<void> {
    this.destroy();
  }

  async #send(commands: readonly Command[]): Promise<Reply[]> {
    if (commands.length === 0) return [];
    const pipeline = this.#client.pipeline();
    for (const [name, ...args] of commands) pipeline.call(name, ...args);
    const answers = (await pipeline.exec()) ?? [];
    return answers.map(([error, value]) => {
      if (!error) return { value };
      if (error.name !== 'ReplyError') throw connectionFailure(this.#target.address.place, closedBy(error));
      return { refusal: this.#masked(error.message) };
    });
  }

  async #logIn(): Promise<void> {
    const { address, db } = this.#target;
    const { place, username, password } = address;
    const commands: Command[] = [];
    if (username !== undefined) commands.push(['AUTH', username, password ?? '']);
    else if (password !== undefined) commands.push(['AUTH', password]);
    if (db !== undefined && db !== 0) commands.push(['SELECT', db]);
    // It may be forbidden or unknown, and is only a courtesy to who reads CLIENT LIST.
    commands.push(['CLIENT', 'SETNAME', 'dynamic-informer']);
    const replies = await this.#send(commands);
    for (const [index, [name]] of commands.entries()) {
      const reply = replies[index];
      if (!reply || !('refusal' in reply) || name === 'CLIENT') continue;
      if (name === 'AUTH') throw authFailure(place, `refuses the login: ${reply.refusal}`);
      throwIfGeneral(place, reply.refusal);
      throw targetError(`${place}: database ${db} can not be used: ${reply.refusal}`, {
        code: 'TARGET_REFUSED',
        fix: 'Correct db in the configuration (or the path of url); Redis Cluster has only database 0.',
      });
    }
  }

  /** Some servers repeat a command that they do not know, with its arguments. */
  #masked(text: string): string {
    const { password } = this.#target.address;
    return password ? text.replaceAll(password, '***') : text;
  }
}

async function clientOptions({
  address,
  tls,
  directory,
}: RedisTarget): Promise<Omit<RedisOptions, 'replyMapping'>> {
  const { scheme, host, port, path } = address;
  return {
    ...(scheme === 'unix' ? { path } : { host, port }),
    ...(scheme === 'rediss' && { tls: await tlsOptions(tls, directory) }),
    lazyConnect: true,
    // Whether and when to try again is decided by the next collect, and the collect's deadline is the timeout.
    retryStrategy: null,
    connectTimeout: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    keepAlive: 30_000,
    // RESP2 is what every server speaks; with RESP3 the answers of XINFO change their shape.
    protocol: 2,
  };
}

/** ioredis says only that the connection is closed, which the peer did; and its errors hold the command: a password. */
function closedBy({ code = 'ECONNRESET', message }: NodeJS.ErrnoException): unknown {
  return { code, message };
}

const GENERAL: Readonly<Record<string, readonly [fact: string, fix: string]>> = {
  LOADING: ['is still loading its data', 'Wait until it has started.'],
  BUSY: ['is busy running a script', 'Find the script; SCRIPT KILL or FUNCTION KILL ends it.'],
  MASTERDOWN: ['is a replica that lost its master, and serves no stale data', 'Mend the replication.'],
  CLUSTERDOWN: ['its cluster is down', 'Mend the cluster: CLUSTER INFO says what is missing.'],
};

/** Refusals that are not about one command: no queue can be read. */
function throwIfGeneral(place: string, refusal: string): void {
  const [code = ''] = refusal.split(' ', 1);
  if (code === 'NOAUTH') throw authFailure(place, 'wants a password');
  const known = GENERAL[code];
  if (known) throw general(place, known[0], known[1]);
}

function general(place: string, fact: string, fix: string): InformerError {
  return targetError(`${place}: ${fact}`, { code: 'TARGET_NOT_READY', fix });
}
