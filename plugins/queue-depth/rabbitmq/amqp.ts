import { type InformerError, type Static, targetError } from '@dynamic-informer/sdk';
import type { Channel, ChannelModel } from 'amqplib';
import type { Address } from '../address.ts';
import { authFailure, connectionFailure, lateFailure, queueFailure } from '../failure.ts';
import type { Connection } from '../kept.ts';
import { type tlsConfig, tlsOptions } from '../tls.ts';

export interface AmqpTarget {
  /** With username and password. */
  readonly address: Address;
  readonly vhost: string;
  readonly tls: Static<typeof tlsConfig> | undefined;
  readonly directory: string;
}

/** What a passive declare tells of a queue. */
export interface Declared {
  readonly ready: number;
  readonly consumers: number;
}

/** How long a broker may take to confirm the end of a connection. */
const CLOSE_GRACE_MS = 200;

/** One AMQP connection with the channels that its questions need. */
export class AmqpConnection implements Connection {
  readonly #model: ChannelModel;
  readonly #socket: AbortController;
  readonly #place: string;
  /** Channels that wait for the next question. */
  readonly #idle: Channel[] = [];
  #broken: unknown;
  #alive = true;

  private constructor(model: ChannelModel, socket: AbortController, place: string) {
    this.#model = model;
    this.#socket = socket;
    this.#place = place;
    model.on('error', (error) => {
      this.#broken ??= error;
      this.#alive = false;
    });
    model.on('close', (error) => {
      this.#broken ??= error;
      this.#alive = false;
    });
  }

  static async open(target: AmqpTarget, signal: AbortSignal): Promise<AmqpConnection> {
    const { address, vhost } = target;
    const { scheme, host, port, username = '', password = '', place } = address;
    const socket = new AbortController();
    const [{ connect }, tls] = await Promise.all([
      import('amqplib'),
      scheme === 'amqps' ? tlsOptions(target.tls, target.directory) : {},
    ]);
    if (signal.aborted) throw lateFailure(place);
    const options = {
      ...tls,
      // amqplib hands what it does not know to the socket.
      signal: socket.signal,
      noDelay: true,
      clientProperties: { connection_name: 'dynamic-informer' },
    };
    const destroy = () => socket.abort();
    signal.addEventListener('abort', destroy, { once: true });
    try {
      const model = await connect(
        { protocol: scheme, hostname: host, port, username, password, vhost },
        options,
      );
      return new AmqpConnection(model, socket, place);
    } catch (error) {
      socket.abort();
      throw signal.aborted ? lateFailure(place) : handshakeFailure(place, vhost, error);
    } finally {
      signal.removeEventListener('abort', destroy);
    }
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Rejects with the queue's own error, unless the connection is no longer alive. */
  async declarePassively(queue: string): Promise<Declared> {
    try {
      const channel = this.#idle.pop() ?? (await this.#openChannel());
      const { messageCount, consumerCount } = await channel.checkQueue(queue);
      this.#idle.push(channel);
      return { ready: messageCount, consumers: consumerCount };
    } catch (error) {
      // The broker answers a refusal by closing the channel, so that it is not put back.
      const code = (error as { code?: unknown }).code;
      if (this.#alive && typeof code === 'number') throw refusal(this.#place, queue, code, String(error));
      this.destroy();
      throw connectionFailure(this.#place, this.#broken ?? error);
    }
  }

  destroy(): void {
    this.#alive = false;
    this.#socket.abort();
  }

  async close(): Promise<void> {
    const killer = setTimeout(() => this.destroy(), CLOSE_GRACE_MS);
    // It rejects when the connection breaks meanwhile, which is as good an end.
    await this.#model.close().catch(() => undefined);
    clearTimeout(killer);
    this.destroy();
  }

  async #openChannel(): Promise<Channel> {
    const channel = await this.#model.createChannel();
    // The same error rejects the question that caused it.
    channel.on('error', () => undefined);
    return channel;
  }
}

function refusal(place: string, queue: string, code: number, text: string): InformerError {
  const known: Record<number, [fact: string, fix: string]> = {
    403: ['access is refused', 'Give the user permission on the queue: rabbitmqctl set_permissions.'],
    404: [
      'there is no such queue',
      'Create the queue, or correct its name or the vhost in the configuration.',
    ],
    405: ['it is exclusive to another connection', 'Read it through the management API (an http:// URL).'],
  };
  const [fact, fix] = known[code] ?? [text, "Look into the broker's log."];
  return queueFailure(place, queue, fact, fix);
}

/** amqplib tells how a handshake failed in words only, and of a refused vhost not why. */
function handshakeFailure(place: string, vhost: string, error: unknown): InformerError {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('ACCESS-REFUSED')) return authFailure(place, 'refuses the login');
  if (text.includes('Expected ConnectionOpenOk; got <ConnectionClose')) {
    return targetError(`${place}: refuses the vhost "${vhost}"`, {
      code: 'TARGET_REFUSED',
      fix: 'Look whether the vhost exists and the user has permission on it: rabbitmqctl list_permissions -p VHOST.',
    });
  }
  if (typeof (error as { code?: unknown }).code === 'string') return connectionFailure(place, error);
  const closed = text.includes('Socket closed abruptly');
  return targetError(
    `${place}: ${closed ? 'closed the connection during the' : 'does not keep to the'} AMQP handshake`,
    {
      code: 'TARGET_UNREACHABLE',
      fix: 'Look whether the port is the one for AMQP, and into the log of the broker.',
      cause: error,
    },
  );
}
