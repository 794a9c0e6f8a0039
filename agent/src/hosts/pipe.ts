import type { Duplex } from 'node:stream';
import { configError, InformerError } from '@dynamic-informer/sdk';
import { RateLimit } from '../rate-limit.ts';
import type { FrameRoom } from './frame-room.ts';
import {
  encodeFrame,
  type Frame,
  FrameError,
  FrameReader,
  MAX_FRAME_BYTES,
  MAX_HEAD_BYTES,
} from './frames.ts';
import { errorOf, type Message, type Method } from './protocol.ts';

/** After its deadline a collect has this long to return what it has; then its host is killed. */
export const GRACE_MS = 250;

/** What is read of one host before others get their turn: so many chunks of what one read gives at most. */
const CHUNKS_A_TURN = 8;
const FULL_CHUNK = 64 * 1024;
/** The largest frame from a host that was asked nothing. */
const UNASKED_FRAME_BYTES = 256 * 1024;
/** What a host may say unasked in a second, one for each frame and one for each KiB of it. */
const UNASKED_PER_SECOND = 2_000;
const UNASKED_BURST = 4_000;
/** What may wait for a host that does not read. */
const UNREAD_BYTES = MAX_FRAME_BYTES;

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
  /** The host does what a host does not do, as a sentence. Nothing more of it is read. */
  broken(message: string): void;
  /** The host has closed its end, maybe because it is ending. */
  ended(): void;
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
  readonly #room: FrameRoom;
  readonly #reader: FrameReader;
  readonly #pending = new Map<number, Pending>();
  readonly #unasked = new RateLimit(UNASKED_PER_SECOND, UNASKED_BURST);
  /** How often it may say what is secret: it does so once for a configuration that it is given. */
  #secretsAllowed = 0;
  #outgoing: Uint8Array[] = [];
  #nextId = 1;
  #fullChunks = 0;

  constructor(stream: Duplex, room: FrameRoom, events: PipeEvents) {
    this.#stream = stream;
    this.#room = room;
    this.#events = events;
    this.#reader = new FrameReader((frame, bytes) => this.#receive(frame, bytes), {
      headBytes: MAX_HEAD_BYTES,
      frameBytes: () => (this.#pending.size > 0 ? MAX_FRAME_BYTES : UNASKED_FRAME_BYTES),
    });
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('end', () => events.ended());
    stream.on('error', () => undefined);
  }

  /** Settles when the host has answered, or with the error that the pipe is closed with: never before. */
  request(args: readonly unknown[], asked: Asked): Promise<Answer> {
    const id = this.#nextId++;
    const { method, timeoutMs } = asked;
    try {
      this.#write(encodeFrame({ id, method, args, timeoutMs }, [], MAX_FRAME_BYTES));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      return Promise.reject(tooLarge(error));
    }
    if (method === 'validate' || method === 'open') this.#secretsAllowed++;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => this.#judge(id), timeoutMs + GRACE_MS);
    this.#pending.set(id, { asked, timer, resolve, reject });
    return promise;
  }

  /** When it is the agent that was held up, the answer may have arrived and is read before this. */
  #judge(id: number): void {
    setImmediate(() => {
      const pending = this.#pending.get(id);
      if (pending) this.#events.overdue(pending.asked);
    });
  }

  /** The host is gone: what was asked of it rejects. */
  close(error: Error): void {
    this.#stop();
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
  }

  /** What is asked in one turn leaves in one write: it is the system call, and the host's waking up, that costs. */
  #write(frame: readonly Uint8Array[]): void {
    if (this.#outgoing.length === 0) process.nextTick(() => this.#flush());
    this.#outgoing.push(...frame);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    if (this.#stream.destroyed) return;
    this.#stream.write(bytes);
    if (this.#stream.writableLength > UNREAD_BYTES) this.#break('It does not read what it is asked.');
  }

  #take(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#break(`It sent ${(error as Error).message}.`);
      return;
    }
    this.#fullChunks = chunk.byteLength < FULL_CHUNK ? 0 : this.#fullChunks + 1;
    const mayRead = this.#room.hold(this, this.#reader.heldBytes, () => this.#stream.resume());
    if (!mayRead) this.#stream.pause();
    else if (this.#fullChunks === CHUNKS_A_TURN) this.#pauseForATurn();
  }

  #pauseForATurn(): void {
    this.#fullChunks = 0;
    this.#stream.pause();
    setImmediate(() => this.#stream.resume());
  }

  #break(message: string): void {
    this.#stop();
    this.#events.broken(message);
  }

  #stop(): void {
    this.#stream.destroy();
    this.#room.release(this);
  }

  #receive({ head, body }: Frame, bytes: number): void {
    const message = head as Message | null;
    if (message?.kind === 'reply') {
      const pending = this.#pending.get(message.id);
      if (pending) {
        this.#pending.delete(message.id);
        clearTimeout(pending.timer);
        if (message.error) pending.reject(fromInfo(message.error));
        else pending.resolve({ value: message.value, body });
        return;
      }
    }
    if (message?.kind === 'secrets' && this.#secretsAllowed > 0) {
      this.#secretsAllowed--;
      this.#events.said(message);
      return;
    }
    if (!this.#unasked.take(1 + bytes / 1024))
      throw new FrameError(`more than the ${UNASKED_PER_SECOND} messages a second that it may send unasked`);
    if (message?.kind === 'overdue') {
      const pending = this.#pending.get(message.id);
      if (pending) pending.asked.isNoticed = true;
    } else if (message && message.kind !== 'reply') this.#events.said(message);
  }
}

function fromInfo(value: unknown): InformerError {
  const { class: errorClass, message, ...rest } = errorOf(value);
  return new InformerError(errorClass, message, rest);
}

function tooLarge({ message }: FrameError): InformerError {
  return configError(`Its configuration makes ${message}, where ${MAX_FRAME_BYTES} bytes are allowed.`, {
    code: 'CONFIG_BAD_VALUE',
    fix: 'Spread it over several resources.',
  });
}
