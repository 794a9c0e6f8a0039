import {
  type CollectContext,
  type ConfigProblem,
  type InformerError,
  type Static,
  Type,
} from '@dynamic-informer/sdk';
import { addressOf, addressProblems } from '../address.ts';
import {
  type Broker,
  defineBroker,
  duplicateQueues,
  queueObject,
  type Reading,
  readingOf,
} from '../broker.ts';
import { lateFailure, queueFailure } from '../failure.ts';
import { Kept } from '../kept.ts';
import { tlsConfig } from '../tls.ts';
import { type Command, RedisConnection, type Reply } from './connection.ts';
import { empty, type KindName, kinds, type Question } from './kinds.ts';

const queueConfig = Type.Object({
  name: Type.String({
    minLength: 1,
    description: 'The key; with kind bullmq the queue that BullMQ calls so.',
  }),
  kind: Type.Optional(
    Type.Union(
      [
        Type.Literal('list'),
        Type.Literal('stream'),
        Type.Literal('zset'),
        Type.Literal('set'),
        Type.Literal('bullmq'),
      ],
      { description: "What the key holds. Without it the key's own type decides." },
    ),
  ),
  scores: Type.Optional(
    Type.Union([Type.Literal('seconds'), Type.Literal('milliseconds')], {
      description:
        'With kind zset: scores are the times at which entries fall due, in this unit since the epoch.',
    }),
  ),
  prefix: Type.Optional(
    Type.String({ description: 'With kind bullmq: the prefix of its keys; bull by default.' }),
  ),
});

const config = Type.Object({
  broker: Type.Literal('redis', { description: 'Lists, streams, sorted sets, sets and BullMQ queues.' }),
  url: Type.String({
    description:
      'redis://HOST:PORT/DB, rediss:// for TLS, unix:///PATH for a socket. May hold user and password.',
  }),
  username: Type.Optional(Type.String({ description: 'ACL user.' })),
  password: Type.Optional(
    Type.String({ secret: true, description: 'Password of the user, or of requirepass.' }),
  ),
  db: Type.Optional(Type.Integer({ minimum: 0, description: "Database; by default the url's, or 0." })),
  tls: Type.Optional(tlsConfig),
  queues: Type.Array(Type.Union([Type.String({ minLength: 1 }), queueConfig]), {
    minItems: 1,
    description: 'Keys to read: names, or objects with a kind.',
  }),
});

const PORTS = { redis: 6379, rediss: 6379, unix: 0 };
const EXAMPLE = 'redis://127.0.0.1:6379';

export const redis = defineBroker({
  config,
  *validate(config) {
    yield* addressProblems(config, PORTS, EXAMPLE);
    yield* duplicateQueues(config.queues);
    yield* databaseProblems(config);
    for (const [index, queue] of config.queues.entries()) {
      if (typeof queue === 'string') continue;
      const misplaced = (key: 'scores' | 'prefix', kind: KindName): ConfigProblem => ({
        path: ['queues', index, key],
        message: `${key} has a meaning only with kind ${kind}`,
        fix: `Add kind: ${kind}, or remove ${key}.`,
      });
      if (queue.scores !== undefined && queue.kind !== 'zset') yield misplaced('scores', 'zset');
      if (queue.prefix !== undefined && queue.kind !== 'bullmq') yield misplaced('prefix', 'bullmq');
    }
  },
  async open(config, context) {
    // Only who watches Redis pays for its client, and not in the first collect.
    await import('ioredis');
    return openRedis(config, context.directory);
  },
});

function* databaseProblems({ url, db }: Static<typeof config>): Iterable<ConfigProblem> {
  const { protocol, pathname } = URL.canParse(url) ? new URL(url) : { protocol: '', pathname: '' };
  if (!protocol.startsWith('redis') || pathname === '' || pathname === '/') return;
  if (!/^\/\d+$/.test(pathname)) {
    const fix = 'Write the number of the database after the slash, or nothing.';
    yield { path: ['url'], message: 'the path of a Redis URL is a database number', fix };
  } else if (db !== undefined) {
    yield { path: ['db'], message: 'db is given here and in url', fix: 'Give it in one place.' };
  }
}

function openRedis(settings: Static<typeof config>, directory: string): Broker {
  const address = addressOf(settings, PORTS);
  const { place } = address;
  const number = address.scheme === 'unix' ? '' : address.path.slice(1);
  const db = settings.db ?? (number === '' ? undefined : Number(number));
  const target = { address, db, tls: settings.tls, directory };
  const kept = new Kept((signal) => RedisConnection.open(target, signal));
  const queues = settings.queues.map(queueObject<Static<typeof queueConfig>>);

  return {
    async read({ signal, clock }: CollectContext): Promise<Reading[]> {
      try {
        return await kept.use(signal, async (connection) => {
          const [time, ...types] = await connection.ask([
            ['TIME'],
            ...queues.map(({ name }): Command => ['TYPE', name]),
          ]);
          const now = serverTime(time) ?? clock.now();
          return await Promise.all(
            queues.map(async (queue, index): Promise<Reading> => {
              const question: Question = {
                queue: queue.name,
                now,
                ask: asker(connection, place, queue.name),
              };
              return readingOf(() => measure(place, queue, types[index], question));
            }),
          );
        });
      } catch (error) {
        throw signal.aborted ? lateFailure(place) : error;
      }
    },
    close: () => kept.close(),
  };
}

type Queue = Static<typeof queueConfig>;

async function measure(place: string, queue: Queue, typeReply: Reply | undefined, question: Question) {
  const { name } = queue;
  if (queue.kind === 'bullmq') return await kinds.bullmq.measure(question, queue);
  const [type] = valuesOf(place, name, [typeReply]);
  if (type === 'none') return empty(name);
  const kind = queue.kind ?? Object.keys(kinds).find((kind) => kind === type);
  const found = kind === undefined ? undefined : kinds[kind as KindName];
  if (found?.type !== type || !found) {
    const wanted = queue.kind ?? 'list, stream, zset or set';
    const fix = 'Correct the name or the kind in the configuration.';
    throw queueFailure(place, name, `the key holds a ${type}, not a ${wanted}`, fix);
  }
  return await found.measure(question, queue);
}

function asker(connection: RedisConnection, place: string, queue: string): Question['ask'] {
  return async (commands) => valuesOf(place, queue, await connection.ask(commands));
}

function valuesOf(place: string, queue: string, replies: readonly (Reply | undefined)[]): unknown[] {
  return replies.map((reply) => {
    if (reply && 'value' in reply) return reply.value;
    throw refused(place, queue, reply?.refusal ?? 'no answer');
  });
}

function refused(place: string, queue: string, refusal: string): InformerError {
  const fixes: Record<string, string> = {
    NOPERM: 'Let the ACL user read the key: ACL SETUSER NAME +@read +@connection +time ~KEY.',
    WRONGTYPE: 'Correct the name or the kind in the configuration.',
    MOVED: 'Name the node of the cluster that holds the key.',
  };
  const [code = ''] = refusal.split(' ', 1);
  return queueFailure(
    place,
    queue,
    `Redis answers: ${refusal}`,
    fixes[code] ?? 'Look up what Redis answers.',
  );
}

/** An ACL may forbid TIME; then the agent's clock has to do. */
function serverTime(reply: Reply | undefined): number | undefined {
  if (!reply || !('value' in reply)) return undefined;
  const [seconds, micros] = reply.value as [string, string];
  return Number(seconds) * 1000 + Number(micros) / 1000;
}
