import { type CollectContext, type Sample, Type } from '@dynamic-informer/sdk';
import { type Address, addressOf, addressProblems } from '../address.ts';
import {
  type Broker,
  defineBroker,
  duplicateQueues,
  mapLimited,
  queueObject,
  type Reading,
  readingOf,
} from '../broker.ts';
import { lateFailure, queueFailure } from '../failure.ts';
import { Kept } from '../kept.ts';
import { bytes, consumers, depth, oldestAge } from '../metrics.ts';
import { tlsConfig } from '../tls.ts';
import { AmqpConnection, type Declared } from './amqp.ts';
import type { Management, QueueStatus } from './management.ts';

const config = Type.Object({
  broker: Type.Literal('rabbitmq', { description: 'Queues, over AMQP or through the management API.' }),
  url: Type.String({
    description:
      'amqp://HOST:PORT/VHOST or amqps:// to ask over AMQP; http:// or https:// of the management API to learn more.',
  }),
  username: Type.Optional(Type.String({ description: 'User; guest by default.' })),
  password: Type.Optional(Type.String({ secret: true, description: 'Password; guest by default.' })),
  vhost: Type.Optional(Type.String({ description: "Virtual host; by default the AMQP url's, or /." })),
  tls: Type.Optional(tlsConfig),
  queues: Type.Array(
    Type.Union([
      Type.String({ minLength: 1 }),
      Type.Object({ name: Type.String({ minLength: 1, description: 'The name of the queue.' }) }),
    ]),
    { minItems: 1, description: 'Names of the queues to read.' },
  ),
});

const PORTS = { amqp: 5672, amqps: 5671, http: 80, https: 443 };
const EXAMPLE = 'amqp://127.0.0.1:5672 or http://127.0.0.1:15672';
/** How many queues are asked for at one time. */
const LANES = 8;

const broker = 'rabbitmq';

export const rabbitmq = defineBroker({
  config,
  *validate(config) {
    yield* addressProblems(config, PORTS, EXAMPLE);
    yield* duplicateQueues(config.queues);
    const url = URL.canParse(config.url) ? new URL(config.url) : undefined;
    if (config.vhost !== undefined && url?.protocol.startsWith('amqp') && url.pathname.length > 1) {
      yield { path: ['vhost'], message: 'vhost is given here and in url', fix: 'Give it in one place.' };
    }
  },
  async open(config, context) {
    const address = withDefaultUser(addressOf(config, PORTS));
    const queues = config.queues.map((queue) => queueObject(queue).name);
    const { tls } = config;
    const { directory } = context;
    if (address.scheme.startsWith('http')) {
      const { Management } = await import('./management.ts');
      const vhost = config.vhost ?? '/';
      return openManagement(new Management({ address, vhost, tls, directory }), address.place, queues);
    }
    await import('amqplib');
    const vhost = config.vhost ?? (address.path.length > 1 ? address.path.slice(1) : '/');
    const kept = new Kept((signal) => AmqpConnection.open({ address, vhost, tls, directory }, signal));
    return openAmqp(kept, address.place, queues);
  },
});

/** What RabbitMQ's own clients use when nobody is named. */
function withDefaultUser(address: Address): Address {
  return { username: 'guest', password: 'guest', ...address };
}

function openAmqp(kept: Kept<AmqpConnection>, place: string, queues: readonly string[]): Broker {
  return {
    async read({ signal }: CollectContext): Promise<Reading[]> {
      try {
        return await kept.use(signal, (connection) =>
          mapLimited(queues, LANES, (queue) =>
            readingOf(async () => declaredSamples(queue, await connection.declarePassively(queue))),
          ),
        );
      } catch (error) {
        throw signal.aborted ? lateFailure(place) : error;
      }
    },
    close: () => kept.close(),
  };
}

function declaredSamples(queue: string, declared: Declared): Sample[] {
  return [
    depth.sample(declared.ready, { broker, queue, state: 'ready' }),
    consumers.sample(declared.consumers, { broker, queue }),
  ];
}

function openManagement(management: Management, place: string, queues: readonly string[]): Broker {
  return {
    async read({ signal, clock }: CollectContext): Promise<Reading[]> {
      await management.connect();
      return await mapLimited(queues, LANES, (queue) =>
        readingOf(async () =>
          statusSamples(place, queue, await management.status(queue, signal), clock.now()),
        ),
      );
    },
    close: async () => management.close(),
  };
}

function statusSamples(place: string, queue: string, status: QueueStatus, now: number): Sample[] {
  const { messages_ready: ready, messages_unacknowledged: unacked } = status;
  if (ready === undefined || unacked === undefined) {
    const fix = 'Wait for the next statistics (5 s); a queue that stays so is down: look at its node.';
    throw queueFailure(place, queue, 'the management API has no statistics of it', fix);
  }
  const samples = [
    depth.sample(ready, { broker, queue, state: 'ready' }),
    depth.sample(unacked, { broker, queue, state: 'unacked' }),
  ];
  if (status.consumers !== undefined) samples.push(consumers.sample(status.consumers, { broker, queue }));
  if (status.message_bytes !== undefined) samples.push(bytes.sample(status.message_bytes, { broker, queue }));
  if (typeof status.head_message_timestamp === 'number') {
    const age = Math.max(0, now / 1000 - status.head_message_timestamp);
    samples.push(oldestAge.sample(age, { broker, queue }));
  }
  return samples;
}
