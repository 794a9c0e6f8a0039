import type { Readable } from 'node:stream';
import { RateLimit } from '../rate-limit.ts';

const BYTES_PER_SECOND = 8 * 1024 * 1024;
const BURST_BYTES = 1024 * 1024;

/**
 * Reads what a process prints, though not faster than the agent can bear: who floods it waits in its own
 * write. @returns a function that lets the rest come at once, when the process has ended
 */
export function readPaced(stream: Readable, onChunk: (chunk: Buffer) => void): () => void {
  const limit = new RateLimit(BYTES_PER_SECOND, BURST_BYTES);
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  stream.on('data', (chunk: Buffer) => {
    onChunk(chunk);
    const waitMs = limit.spend(chunk.byteLength);
    if (waitMs === 0 || hasEnded) return;
    stream.pause();
    timer = setTimeout(() => stream.resume(), waitMs);
  });
  return () => {
    hasEnded = true;
    clearTimeout(timer);
    stream.resume();
  };
}
