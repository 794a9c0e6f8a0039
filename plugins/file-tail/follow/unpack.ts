import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import { targetError } from '@dynamic-informer/sdk';
import { EMPTY, HEAD_BYTES } from './print.ts';

const CHUNK_BYTES = 65_536;
/** What is asked for again are the bytes before a position, and the head. */
const KEPT_BYTES = HEAD_BYTES;
/** Window sizes beyond 8 MiB (`zstd --ultra`, `--long`) are refused: they are memory that the packer chooses. */
const MAX_WINDOW_LOG = 23;
/** Of so many bytes, and more than this for each packed one, no log consists. */
const SUSPICIOUS_BYTES = 16 * 1024 * 1024;
const SUSPICIOUS_RATIO = 2000;

function unpackerOf(path: string): Transform {
  const options = { chunkSize: CHUNK_BYTES };
  if (path.endsWith('.gz')) return createGunzip(options);
  if (path.endsWith('.br')) return createBrotliDecompress(options);
  return createZstdDecompress({ ...options, params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG } });
}

/** The content of a compressed file, read like a file from front to back; going back starts again. */
export class Unpacked {
  readonly #handle: FileHandle;
  readonly #path: string;
  #chunks: AsyncIterator<Buffer> | undefined;
  /** What was unpacked last, and where it begins. */
  #window: Buffer = EMPTY;
  #start = 0;
  #packedBytes = 0;
  #failure: Error | undefined;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** Why it could be unpacked no further: it is damaged, or a bomb. What comes before that is read like any other. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  async read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number; buffer: Buffer }> {
    if (position < this.#start) await this.#rewind();
    while (this.#start + this.#window.length < position + length) {
      if (!(await this.#unpackMore(position))) break;
    }
    const from = position - this.#start;
    const bytesRead = from < 0 ? 0 : this.#window.copy(buffer, offset, from, from + length);
    return { bytesRead, buffer };
  }

  stat(options: { bigint: true }): Promise<BigIntStats> {
    return this.#handle.stat(options);
  }

  async close(): Promise<void> {
    await this.#rewind();
    await this.#handle.close();
  }

  async #rewind(): Promise<void> {
    await this.#chunks?.return?.();
    this.#chunks = undefined;
    this.#window = EMPTY;
    this.#start = 0;
  }

  async #unpackMore(needed: number): Promise<boolean> {
    if (this.#failure) return false;
    this.#chunks ??= await this.#unpack();
    const chunk = await this.#chunks.next().catch((error: Error) => this.#fail(error.message));
    if (chunk.done) return false;
    const end = this.#start + this.#window.length;
    const from = Math.max(this.#start, Math.min(end, needed - KEPT_BYTES));
    this.#window = Buffer.concat([this.#window.subarray(from - this.#start), chunk.value]);
    this.#start = from;
    const unpacked = end + chunk.value.length;
    if (unpacked > SUSPICIOUS_BYTES && unpacked > SUSPICIOUS_RATIO * this.#packedBytes) {
      this.#fail(`it unpacks to more than ${SUSPICIOUS_RATIO} times its size`);
    }
    return true;
  }

  async #unpack(): Promise<AsyncIterator<Buffer>> {
    this.#packedBytes = (await this.#handle.stat()).size;
    const unpacker = unpackerOf(this.#path);
    // An error arrives where the chunks are asked for.
    pipeline(packedBytes(this.#handle), unpacker, () => {});
    return unpacker[Symbol.asyncIterator]();
  }

  #fail(reason: string): { done: true; value: undefined } {
    this.#failure = targetError(`${this.#path}: can not be unpacked: ${reason}.`, {
      fix: 'Look at it with the program that packed it; its further lines are not counted.',
    });
    return { done: true, value: undefined };
  }
}

async function* packedBytes(handle: FileHandle): AsyncIterable<Buffer> {
  let position = 0;
  for (;;) {
    const { buffer, bytesRead } = await handle.read(
      Buffer.allocUnsafe(CHUNK_BYTES),
      0,
      CHUNK_BYTES,
      position,
    );
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
