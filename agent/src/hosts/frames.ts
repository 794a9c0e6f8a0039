/**
 * The framed pipe between the agent and a host. A frame is: its length without these four bytes, the
 * length of its JSON head, the head, then raw bytes. Lengths are unsigned 32-bit little-endian.
 */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** What the agent parses in one go: a megabyte of JSON holds the event loop for some milliseconds. */
export const MAX_HEAD_BYTES = 1024 * 1024;

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
  readonly #length = Buffer.alloc(4);
  /** What is being filled: a length, or a frame of its own. */
  #target = this.#length;
  #filled = 0;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Uint8Array): void {
    let position = 0;
    while (position < chunk.byteLength) {
      const end = Math.min(chunk.byteLength, position + this.#target.byteLength - this.#filled);
      this.#target.set(
        position === 0 && end === chunk.byteLength ? chunk : chunk.subarray(position, end),
        this.#filled,
      );
      this.#filled += end - position;
      position = end;
      if (this.#filled === this.#target.byteLength) this.#complete();
    }
  }

  #complete(): void {
    const bytes = this.#target;
    this.#filled = 0;
    if (bytes !== this.#length) {
      this.#target = this.#length;
      this.#finish(bytes);
      return;
    }
    const length = bytes.readUInt32LE(0);
    if (length < 4 || length > MAX_FRAME_BYTES) {
      throw new FrameError(`a frame of ${length} bytes, where 4 to ${MAX_FRAME_BYTES} are allowed`);
    }
    // Of its own, because what is in it may be kept for long.
    this.#target = Buffer.allocUnsafeSlow(length);
  }

  #finish(bytes: Buffer): void {
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
}
