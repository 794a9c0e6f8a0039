import type { Socket } from 'node:net';
import { createGzip } from 'node:zlib';
import { type LocalServer, startTcp } from './http-server.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n';
const MIB = 1024 * 1024;

/** By path: what the worst of servers answers. */
const ANSWERS: Readonly<Record<string, (socket: Socket, url: string) => void>> = {
  '/well': (socket) => socket.end(`${HEAD}Content-Length: 5\r\nConnection: close\r\n\r\nup 1\n`),
  '/endless-body': (socket) => {
    socket.write(`${HEAD}\r\n`);
    pour(socket, () => 'up 1\n'.repeat(20_000));
  },
  '/slow-headers': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket.write('X-Slow: 1\r\n'), 20);
    socket.once('close', () => clearInterval(timer));
  },
  '/endless-headers': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    pour(socket, () => `X-Long: ${'x'.repeat(100_000)}\r\n`);
  },
  '/gzip-bomb': (socket) => {
    socket.write(`${HEAD}Content-Encoding: gzip\r\nConnection: close\r\n\r\n`);
    const gzip = createGzip({ level: 9 });
    const zeros = Buffer.alloc(MIB);
    gzip.pipe(socket);
    let left = 1024;
    const write = () => {
      while (left-- > 0 && !socket.destroyed) if (!gzip.write(zeros)) return void gzip.once('drain', write);
      gzip.end();
    };
    socket.once('close', () => gzip.destroy());
    write();
  },
  '/body-too-short': (socket) => socket.end(`${HEAD}Content-Length: 1000\r\n\r\nup 1\n`),
  '/body-too-long': (socket) => socket.end(`${HEAD}Content-Length: 2\r\n\r\nup 1\nHTTP/1.1 200 OK\r\n\r\n`),
  '/redirect-loop': (socket, url) =>
    socket.end(`HTTP/1.1 302 Found\r\nLocation: ${url}/redirect-loop\r\nContent-Length: 0\r\n\r\n`),
  '/long-line': (socket) => {
    socket.write(`${HEAD}Content-Length: ${100 * MIB}\r\n\r\n`);
    let left = 100;
    pour(socket, () => (left-- > 0 ? Buffer.alloc(MIB, 'x') : undefined));
  },
  '/no-http': (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
  '/reset': (socket) => socket.resetAndDestroy(),
  '/silence': () => undefined,
};

/** The paths of `startHostileHttp`, and what is wrong with what they answer. */
export const HOSTILE_ANSWERS = Object.keys(ANSWERS).filter((path) => path !== '/well');

/** A server that answers as no server should, by path. `/well` is well. */
export async function startHostileHttp(): Promise<LocalServer> {
  const server: LocalServer = await startTcp((socket) => {
    let head = '';
    const read = (chunk: Buffer) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', read);
      // A client that goes on sending is not held up.
      socket.resume();
      const path = head.split(' ', 2)[1] ?? '';
      (ANSWERS[path] ?? ANSWERS['/reset'])?.(socket, server.url);
    };
    socket.on('data', read);
  });
  return server;
}

/** Writes as fast as the other side reads, until there is no more or nobody reads. */
function pour(socket: Socket, next: () => string | Buffer | undefined): void {
  while (!socket.destroyed) {
    const part = next();
    if (part === undefined) {
      socket.end();
      return;
    }
    if (!socket.write(part)) {
      socket.once('drain', () => pour(socket, next));
      return;
    }
  }
}
