/**
 * The framed pipe between the agent and a host. A frame is: its length without these four bytes, the
 * length of its JSON head, the head, then raw bytes. Lengths are unsigned 32-bit little-endian.
 */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** What the agent parses in one go: a megabyte of JSON holds the event loop for some milliseconds. */
export const MAX_HEAD_BYTES = 1024 * 1024;
/** What is set aside for a frame before anything of it has come. */
const FIRST_BYTES = 64 * 1024;
const GROWTH = 4;

export interface Frame {
  readonly head: unknown;
  readonly body: Uint8Array;
}

/** What the other side may send. */
export interface FrameCaps {
  readonly headBytes: number;
  /** Of the next frame, without its first four bytes. */
  frameBytes(): number;
}

const STANDARD_CAPS: FrameCaps = { headBytes: MAX_HEAD_BYTES, frameBytes: () => MAX_FRAME_BYTES };

export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** The parts of a frame, to be written in order. @throws FrameError if it is larger than any may be */
export function encodeFrame(
  head: unknown,
  bodies: readonly Uint8Array[] = [],
  maxHeadBytes = MAX_HEAD_BYTES,
): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(head));
  const bodyBytes = bodies.reduce((sum, body) => sum + body.byteLength, 0);
  const length = 4 + json.byteLength + bodyBytes;
  if (json.byteLength > maxHeadBytes) throw new FrameError(`a head of ${json.byteLength} bytes`);
  if (length > MAX_FRAME_BYTES) throw new FrameError(`a frame of ${length} bytes`);
  const lengths = Buffer.allocUnsafe(8);
  lengths.writeUInt32LE(length, 0);
  lengths.writeUInt32LE(json.byteLength, 4);
  return [lengths, json, ...bodies];
}

/** Cuts a stream of bytes into frames. @throws FrameError for anything that the other side must not send */
export class FrameReader {
  readonly #onFrame: (frame: Frame, bytes: number) => void;
  readonly #caps: FrameCaps;
  readonly #lengthBytes = Buffer.alloc(4);
  /** Of the frame that is arriving; 0 while its length is. */
  #length = 0;
  /** What is being filled: a length, or as much of a frame as its bytes that have come make room for. */
  #target = this.#lengthBytes;
  #filled = 0;

  /** `onFrame` gets each frame and its whole size. */
  constructor(onFrame: (frame: Frame, bytes: number) => void, caps = STANDARD_CAPS) {
    this.#onFrame = onFrame;
    this.#caps = caps;
  }

  /** What is set aside for the frame that is arriving. */
  get heldBytes(): number {
    return this.#length === 0 ? 0 : this.#target.byteLength;
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
    if (this.#length > bytes.byteLength) {
      this.#grow();
      return;
    }
    this.#filled = 0;
    if (this.#length > 0) {
      this.#length = 0;
      this.#target = this.#lengthBytes;
      this.#finish(bytes);
      return;
    }
    const length = bytes.readUInt32LE(0);
    const most = this.#caps.frameBytes();
    if (length < 4 || length > most) {
      throw new FrameError(`a frame of ${length} bytes, where 4 to ${most} are allowed`);
    }
    this.#length = length;
    // Of its own, because what is in it may be kept for long.
    this.#target = Buffer.allocUnsafeSlow(Math.min(length, FIRST_BYTES));
  }

  /** Memory is taken as bytes arrive: an announced length alone takes none. */
  #grow(): void {
    const before = this.#target;
    this.#target = Buffer.allocUnsafeSlow(Math.min(this.#length, before.byteLength * GROWTH));
    this.#target.set(before);
  }

  #finish(bytes: Buffer): void {
    const headLength = bytes.readUInt32LE(0);
    if (headLength > bytes.byteLength - 4 || headLength > this.#caps.headBytes) {
      throw new FrameError(`a head of ${headLength} bytes in a frame of ${bytes.byteLength}`);
    }
    let head: unknown;
    try {
      head = JSON.parse(bytes.toString('utf8', 4, 4 + headLength));
    } catch {
      throw new FrameError('a head that is not JSON');
    }
    this.#onFrame({ head, body: bytes.subarray(4 + headLength) }, bytes.byteLength);
  }
}
