import type { Duplex } from 'node:stream';
import { InformerError } from '@dynamic-informer/sdk';
import { encodeFrame, type Frame, FrameReader } from './frames.ts';
import { errorOf, type Message, type Method } from './protocol.ts';

/** After its deadline a collect has this long to return what it has; then its host is killed. */
export const GRACE_MS = 250;

/** What a host was asked, for who has to say that it did not answer. */
export interface Asked {
  readonly method: Method;
  readonly timeoutMs: number;
  /** The collector that the request is about, if it is about one. */
  readonly collector?: string | undefined;
  /** The host has said that the request's time is up: its event loop is not blocked. */
  isNoticed?: boolean;
}

/** What a host answers: a value, and raw bytes that belong to it. */
export interface Answer {
  readonly value: unknown;
  readonly body: Uint8Array;
}

export interface PipeEvents {
  /** The host said something that answers no request. */
  said(message: Exclude<Message, { kind: 'reply' | 'overdue' }>): void;
  /** A request is not answered, and its timeout and the grace are over. It stays pending. */
  overdue(asked: Asked): void;
  /** The host sent what a host does not send. Nothing more of it is read. */
  broken(message: string): void;
}

interface Pending {
  readonly asked: Asked;
  readonly timer: NodeJS.Timeout;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** The agent's end of the pipe to a host: requests go out, and answers find who asked. */
export class HostPipe {
  readonly #stream: Duplex;
  readonly #events: PipeEvents;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(stream: Duplex, events: PipeEvents) {
    this.#stream = stream;
    this.#events = events;
    const reader = new FrameReader((frame) => this.#receive(frame));
    stream.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        events.broken((error as Error).message);
        stream.destroy();
      }
    });
    stream.on('error', () => undefined);
  }

  /** Settles when the host has answered, or with the error that the pipe is closed with: never before. */
  request(args: readonly unknown[], asked: Asked): Promise<Answer> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => this.#events.overdue(asked), asked.timeoutMs + GRACE_MS);
    this.#pending.set(id, { asked, timer, resolve, reject });
    const { method, timeoutMs } = asked;
    for (const part of encodeFrame({ id, method, args, timeoutMs })) this.#stream.write(part);
    return promise;
  }

  /** The host is gone: what was asked of it rejects. */
  close(error: Error): void {
    this.#stream.destroy();
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
  }

  #receive({ head, body }: Frame): void {
    const message = head as Message | null;
    if (message?.kind !== 'reply' && message?.kind !== 'overdue') {
      if (message) this.#events.said(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (message.kind === 'overdue') {
      if (pending) pending.asked.isNoticed = true;
      return;
    }
    if (!pending) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if (message.error) pending.reject(fromInfo(message.error));
    else pending.resolve({ value: message.value, body });
  }
}

function fromInfo(value: unknown): InformerError {
  const { class: errorClass, message, ...rest } = errorOf(value);
  return new InformerError(errorClass, message, rest);
}
