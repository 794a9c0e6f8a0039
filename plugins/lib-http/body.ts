import type { IncomingMessage } from 'node:http';
import { addAbortSignal, pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

export class BodyTooLarge extends Error {
  constructor(limit: number) {
    super(`the body is longer than ${limit} bytes`);
  }
}

/** A body, as far as it was read. */
export class Body {
  readonly #limit: number;
  readonly #keeps: boolean;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor({ maxBodyBytes, keepBody }: { readonly maxBodyBytes: number; readonly keepBody: boolean }) {
    this.#limit = maxBodyBytes;
    this.#keeps = keepBody;
  }

  /** Its length after decoding. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Empty unless it was to be kept. */
  get content(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Reads to the end. @throws BodyTooLarge when there is more than may be read */
  async read(response: IncomingMessage, signal: AbortSignal): Promise<void> {
    for await (const chunk of decoded(addAbortSignal(signal, response)) as AsyncIterable<Buffer>) {
      const taken = chunk.subarray(0, this.#limit - this.#bytes);
      this.#bytes += taken.length;
      if (this.#keeps) this.#chunks.push(taken);
      if (taken.length < chunk.length) throw new BodyTooLarge(this.#limit);
    }
  }
}

/** A body comes encoded only if the request's `Accept-Encoding` asked for it, or the server does not care. */
function decoded(response: IncomingMessage): Readable {
  const decoder = decoderFor(response.headers['content-encoding']);
  // The reader of the decoder hears of every error, so the callback has nothing to do.
  return decoder ? pipeline(response, decoder, () => {}) : response;
}

function decoderFor(encoding: string | undefined): Transform | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      return undefined;
  }
}
