import { promisify } from 'node:util';
import { crc32, deflateRaw, constants as zlib, zstdCompress } from 'node:zlib';
import { lengthOf } from '../exposition/formats.ts';

/** Below this a compressed answer saves nothing worth its time. */
export const MIN_COMPRESSED_BYTES = 1024;

/** What an answer can be compressed with. */
export type ContentCoding = 'gzip' | 'zstd';

const deflate = promisify(deflateRaw);
const zstd = promisify(zstdCompress);

/** What is compressed at one time, or kept: smaller blocks would compress less, larger ones be kept less often. */
const BLOCK_BYTES = 512 * 1024;
/** A block, and what the part that completes it has beyond that. */
const BUFFER_BYTES = BLOCK_BYTES + 128 * 1024;
/** A block when it is compressed most often comes in one piece of this; more would be got from the system each time. */
const OUTPUT_BYTES = 96 * 1024;

/** Blocks that are compressed at one time: the thread pool has four threads unless it is told otherwise. */
const AT_ONE_TIME = 4;
const DEFLATE_OPTIONS = {
  level: zlib.Z_BEST_SPEED,
  finishFlush: zlib.Z_FULL_FLUSH,
  chunkSize: OUTPUT_BYTES,
};
const ZSTD_OPTIONS = { chunkSize: OUTPUT_BYTES, params: { [zlib.ZSTD_c_compressionLevel]: 1 } };

/** RFC 1952: magic number, deflate, no flags, no time, fastest, unknown system. */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255);
/** An empty last block of fixed Huffman codes: RFC 1951, 3.2.3. */
const DEFLATE_END = Uint8Array.of(3, 0);

interface Block {
  readonly parts: readonly Uint8Array[];
  readonly compressed: Promise<Uint8Array>;
}

/**
 * Compresses expositions, and keeps what it compressed: parts that come again, as the same objects, are not
 * compressed again. Blocks of gzip are raw deflate that ends in a full flush, within one member, because
 * some readers stop after the first; zstd's are frames, which may follow each other.
 */
export class Compressor {
  readonly #blocks: Record<ContentCoding, WeakMap<Uint8Array, Block>> = {
    gzip: new WeakMap(),
    zstd: new WeakMap(),
  };
  /** Buffers that blocks are put together in: new ones for each scrape would keep the garbage collector busy. */
  readonly #buffers: Buffer[] = [];

  /** The parts have to stay as they are until it resolves. */
  async compress(parts: readonly Uint8Array[], coding: ContentCoding): Promise<Uint8Array> {
    const blocks = group(parts);
    const compressed: Uint8Array[] = [];
    let next = 0;
    let crc = 0;
    let length = 0;
    const work = async () => {
      while (next < blocks.length) {
        const index = next++;
        const block = blocks[index] as [Uint8Array, ...Uint8Array[]];
        const started = this.#block(block, coding);
        // Blocks begin in their order, so the sum goes over all bytes in theirs.
        for (const part of coding === 'gzip' ? block : []) {
          crc = crc32(part, crc);
          length += part.byteLength;
        }
        compressed[index] = await started;
      }
    };
    await Promise.all(Array.from({ length: AT_ONE_TIME }, work));
    if (coding === 'zstd') return Buffer.concat(compressed);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc, 0);
    trailer.writeUInt32LE(length % 2 ** 32, 4);
    return Buffer.concat([GZIP_HEADER, ...compressed, DEFLATE_END, trailer]);
  }

  #block(parts: readonly [Uint8Array, ...Uint8Array[]], coding: ContentCoding): Promise<Uint8Array> {
    const blocks = this.#blocks[coding];
    const [first] = parts;
    const known = blocks.get(first);
    if (known !== undefined && isSame(known.parts, parts)) return known.compressed;
    const compressed = this.#compressed(parts, coding);
    blocks.set(first, { parts, compressed });
    return compressed;
  }

  async #compressed(parts: readonly Uint8Array[], coding: ContentCoding): Promise<Uint8Array> {
    const length = lengthOf(parts);
    const buffer = this.#take(length);
    let end = 0;
    for (const part of parts) {
      buffer.set(part, end);
      end += part.byteLength;
    }
    try {
      const bytes = buffer.subarray(0, length);
      return coding === 'zstd' ? await zstd(bytes, ZSTD_OPTIONS) : await deflate(bytes, DEFLATE_OPTIONS);
    } finally {
      if (buffer.length === BUFFER_BYTES && this.#buffers.length < 2 * AT_ONE_TIME)
        this.#buffers.push(buffer);
    }
  }

  #take(length: number): Buffer {
    if (length > BUFFER_BYTES) return Buffer.allocUnsafeSlow(length);
    return this.#buffers.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }
}

/** Parts in their order, so many at a time that they make a block. */
function group(parts: readonly Uint8Array[]): [Uint8Array, ...Uint8Array[]][] {
  const blocks: [Uint8Array, ...Uint8Array[]][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    if (part.byteLength === 0) continue;
    const last = blocks.at(-1);
    if (last === undefined || bytes >= BLOCK_BYTES) {
      blocks.push([part]);
      bytes = part.byteLength;
    } else {
      last.push(part);
      bytes += part.byteLength;
    }
  }
  return blocks;
}

const isSame = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((part, i) => part === b[i]);

/** What an `Accept-Encoding` header allows, the best first; of equal weights gzip, which all scrapers read. */
export function acceptedCoding(header: string | string[] | undefined): ContentCoding | undefined {
  const weights = new Map<string, number>();
  for (const part of String(header ?? '')
    .slice(0, 4096)
    .split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const weight = parameters.find((text) => text.startsWith('q='))?.slice(2);
    weights.set(name, weight === undefined ? 1 : Number(weight) || 0);
  }
  const gzip = weights.get('gzip') ?? weights.get('*') ?? 0;
  const zstdWeight = weights.get('zstd') ?? 0;
  if (zstdWeight > gzip) return 'zstd';
  return gzip > 0 ? 'gzip' : undefined;
}
