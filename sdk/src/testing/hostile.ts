import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Where a plugin's configuration is to point. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** `http://HOST:PORT`, for plugins that take a URL of that scheme. */
  readonly url: string;
}

/** Ways in which a server fails who asks it. */
export type HostileWay = 'refuses' | 'resets' | 'closes' | 'hangs' | 'garbage' | 'half' | 'stalls' | 'echoes';

/** A server that fails its clients; it ends when it is disposed of. */
export interface HostileServer extends AsyncDisposable {
  readonly target: Target;
  /** Resolves when a client has connected. */
  readonly connected: Promise<void>;
}

const HOST = '127.0.0.1';

/** Bytes that are no protocol's: no text, no length that can be met. The same ones each time. */
const GARBAGE = Buffer.from(Array.from({ length: 256 }, (_, i) => (i * 151 + 255) & 0xff));

/** The beginning of an answer for plugins that speak HTTP. */
export const HALF_HTTP_ANSWER =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4096\r\n\r\n{"status": "o';

/**
 * A TCP server that fails its clients in one way. `half` is the beginning of a good answer, which `half` cuts
 * off and `stalls` leaves hanging; `echoes` answers an HTTP error that quotes the whole request.
 */
export async function startHostile(
  way: HostileWay,
  half: string | Uint8Array = HALF_HTTP_ANSWER,
): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const connected = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    connected.resolve();
    behave(socket, way, half);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  // A port that was free a moment ago refuses.
  if (way === 'refuses') await close();
  return {
    target: { host: HOST, port, url: `http://${HOST}:${port}` },
    connected: connected.promise,
    [Symbol.asyncDispose]: close,
  };
}

function behave(socket: Socket, way: HostileWay, half: string | Uint8Array): void {
  switch (way) {
    case 'refuses':
      break;
    case 'resets':
      socket.resetAndDestroy();
      break;
    case 'closes':
      socket.end();
      break;
    case 'hangs':
      socket.resume();
      break;
    case 'garbage':
      answer(socket, () => socket.end(GARBAGE));
      break;
    case 'half':
      answer(socket, () => socket.end(half));
      break;
    case 'stalls':
      answer(socket, () => socket.write(half));
      break;
    case 'echoes':
      answer(socket, (request) => {
        const head = `HTTP/1.1 500 Server Error\r\nContent-Length: ${request.length}\r\n\r\n`;
        socket.end(Buffer.concat([Buffer.from(head), request]));
      });
  }
}

/** Answers once: what the client says first, or a client that waits for the server to speak. */
function answer(socket: Socket, speak: (request: Buffer) => void): void {
  const greet = setTimeout(() => begin(Buffer.alloc(0)), 20);
  const begin = (request: Buffer) => {
    clearTimeout(greet);
    socket.off('data', begin);
    socket.resume();
    if (!socket.destroyed) speak(request);
  };
  socket.once('close', () => clearTimeout(greet));
  socket.on('data', begin);
}
