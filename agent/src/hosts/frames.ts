/**
 * The framed pipe between the agent and a host. A frame is: its length without these four bytes, the
 * length of its JSON head, the head, then raw bytes. Lengths are unsigned 32-bit little-endian.
 */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** What the agent parses in one go: a megabyte of JSON holds the event loop for some milliseconds. */
export const MAX_HEAD_BYTES = 1024 * 1024;

const NOTHING = new Uint8Array(0);

export interface Frame {
  readonly head: unknown;
  readonly body: Uint8Array;
}

export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** The parts of a frame, to be written in order. */
export function encodeFrame(head: unknown, bodies: readonly Uint8Array[] = []): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(head));
  const bodyBytes = bodies.reduce((sum, body) => sum + body.byteLength, 0);
  const lengths = Buffer.allocUnsafe(8);
  lengths.writeUInt32LE(4 + json.byteLength + bodyBytes, 0);
  lengths.writeUInt32LE(json.byteLength, 4);
  return [lengths, json, ...bodies];
}

/** Cuts a stream of bytes into frames. @throws FrameError for anything that the other side must not send */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #wanted = 4;
  #inFrame = false;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.byteLength;
    while (this.#buffered >= this.#wanted) {
      const bytes = this.#take(this.#wanted);
      if (this.#inFrame) this.#finish(bytes);
      else this.#begin(bytes.readUInt32LE(0));
    }
  }

  #begin(length: number): void {
    if (length < 4 || length > MAX_FRAME_BYTES) {
      throw new FrameError(`a frame of ${length} bytes, where 4 to ${MAX_FRAME_BYTES} are allowed`);
    }
    this.#wanted = length;
    this.#inFrame = true;
  }

  #finish(bytes: Buffer): void {
    this.#wanted = 4;
    this.#inFrame = false;
    const headLength = bytes.readUInt32LE(0);
    if (headLength > bytes.byteLength - 4 || headLength > MAX_HEAD_BYTES) {
      throw new FrameError(`a head of ${headLength} bytes in a frame of ${bytes.byteLength}`);
    }
    let head: unknown;
    try {
      head = JSON.parse(bytes.toString('utf8', 4, 4 + headLength));
    } catch {
      throw new FrameError('a head that is not JSON');
    }
    this.#onFrame({ head, body: bytes.subarray(4 + headLength) });
  }

  #take(length: number): Buffer {
    const first = this.#chunks[0] ?? NOTHING;
    this.#buffered -= length;
    if (first.byteLength > length) {
      this.#chunks[0] = first.subarray(length);
      return Buffer.from(first.buffer, first.byteOffset, length);
    }
    if (first.byteLength === length) {
      this.#chunks.shift();
      return Buffer.from(first.buffer, first.byteOffset, length);
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks = all.byteLength > length ? [all.subarray(length)] : [];
    return all.subarray(0, length);
  }
}
