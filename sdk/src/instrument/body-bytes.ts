import type { Readable } from 'node:stream';

/** What is written to: a response of a server, a request of a client, of HTTP/1 or HTTP/2. */
export interface BodyWriter {
  write(...args: never[]): unknown;
  end(...args: never[]): unknown;
}

type Method = (...args: unknown[]) => unknown;

/**
 * Counts the bytes of a body as they arrive, whether or not anybody reads them. It watches what is pushed: a listener
 * for `data` would make the stream flow.
 */
export function countReceived(stream: Readable): () => number {
  let bytes = stream.readableLength;
  const push = stream.push;
  stream.push = function (chunk: unknown, encoding?: BufferEncoding): boolean {
    bytes += sizeOf(chunk, encoding);
    return push.call(this, chunk, encoding);
  };
  return () => bytes;
}

/** Counts the bytes of a body as they are handed to `write` and `end`. */
export function countWritten(stream: BodyWriter): () => number {
  let bytes = 0;
  // HTTP/2's `end` calls `write` with its chunk.
  let ending = false;
  const write = stream.write as Method;
  const end = stream.end as Method;
  stream.write = function (this: unknown, ...args: unknown[]) {
    if (!ending) bytes += sizeOf(args[0], args[1]);
    return Reflect.apply(write, this, args);
  };
  stream.end = function (this: unknown, ...args: unknown[]) {
    if (!ending) bytes += sizeOf(args[0], args[1]);
    ending = true;
    return Reflect.apply(end, this, args);
  };
  return () => bytes;
}

/** Bytes of a chunk as streams take it; 0 for what is none, such as a callback in its place. */
export function sizeOf(chunk: unknown, encoding?: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  }
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
}
