import { type Readable, Readable as Streams } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type ErrorInfo, InformerError, targetError, toErrorInfo } from '../errors.ts';
import type { ReplayInput } from '../replay.ts';

/** How far an input has been read. */
export interface InputProgress {
  /** As they are in the file: before gzip is undone. */
  readonly bytes: number;
}

/** How compressed files begin, and the program that undoes it; gzip is undone here. */
const COMPRESSED: readonly (readonly [program: string, magic: readonly number[]])[] = [
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];
const GZIP = [0x1f, 0x8b];

/** A stream of bytes as a plugin replays it. It can be ended at any time; then it is as if nothing more had come. */
export class StreamInput implements ReplayInput {
  readonly name: string;
  readonly #stream: Readable;
  #bytes = 0;
  #isEnded = false;
  #error: ErrorInfo | undefined;

  constructor(name: string, stream: Readable) {
    this.name = name;
    this.#stream = stream;
  }

  get progress(): InputProgress {
    return { bytes: this.#bytes };
  }

  /** Somebody has ended it before its end. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Why it could not be read to its end. */
  get error(): ErrorInfo | undefined {
    return this.#error;
  }

  end(): void {
    this.#isEnded = true;
    this.#stream.destroy();
  }

  /** What can't be read ends it, so that what came before it counts; `error` says so. */
  async *chunks(): AsyncIterable<Buffer> {
    try {
      for await (const chunk of this.#decoded()) {
        yield chunk;
        if (this.#isEnded) return;
      }
    } catch (error) {
      if (!this.#isEnded) this.#error = toErrorInfo(this.#explained(error));
    }
  }

  async *#decoded(): AsyncIterable<Buffer> {
    const raw = this.#raw()[Symbol.asyncIterator]();
    let head: Buffer = Buffer.alloc(0);
    // A pipe may give its first bytes one by one.
    while (head.length < 6) {
      const { value, done } = await raw.next();
      if (done) break;
      head = Buffer.concat([head, value]);
    }
    const [program] = COMPRESSED.find(([, magic]) => beginsWith(head, magic)) ?? [];
    if (program !== undefined) {
      throw targetError(`${this.name} is compressed with ${program}, and only gzip is undone here.`, {
        fix: `Decompress it, and replay stdin: ${program} -dc FILE | informer collect … --replay -`,
      });
    }
    const whole = startingWith(head, raw);
    yield* beginsWith(head, GZIP) ? gunzipped(whole) : whole;
  }

  async *#raw(): AsyncGenerator<Buffer, undefined> {
    for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
      this.#bytes += chunk.length;
      yield chunk;
    }
    return undefined;
  }

  #explained(error: unknown): unknown {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (error instanceof InformerError) return error;
    const reason = code.startsWith('Z_') ? 'its gzip data is damaged or cut off' : message;
    return targetError(`${this.name} could not be read to its end, after ${this.#bytes} bytes: ${reason}.`, {
      fix: 'What came before that is counted.',
      cause: error,
    });
  }
}

async function* startingWith(
  head: Buffer,
  rest: AsyncGenerator<Buffer, undefined>,
): AsyncGenerator<Buffer, undefined> {
  if (head.length > 0) yield head;
  yield* rest;
  return undefined;
}

async function* gunzipped(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const from = Streams.from(source, { objectMode: false });
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  from.on('error', (error) => gunzip.destroy(error));
  try {
    yield* from.pipe(gunzip) as AsyncIterable<Buffer>;
  } finally {
    from.destroy();
  }
}

const beginsWith = (bytes: Buffer, magic: readonly number[]): boolean =>
  magic.every((byte, index) => bytes[index] === byte);
