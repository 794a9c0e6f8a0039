import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions as HttpsOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { type RunningServer, running } from './server.ts';

export interface LocalServer extends RunningServer {
  readonly port: number;
  /** Without a slash at the end. */
  readonly url: string;
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>;
  /** Connections so far. */
  readonly accepted: readonly Socket[];
}

/** A server of Node.js in the test's process. */
export async function startHttp(listener: RequestListener, host = '127.0.0.1'): Promise<LocalServer> {
  return listen(createHttpServer(listener), 'http', host);
}

export async function startHttps(
  options: HttpsOptions,
  listener: RequestListener,
  host = '127.0.0.1',
): Promise<LocalServer> {
  return listen(createHttpsServer(options, listener), 'https', host);
}

/** A server that does with each connection what no HTTP server would. */
export async function startTcp(
  onConnection: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<LocalServer> {
  return listen(createTcpServer(onConnection), 'http', host);
}

async function listen(server: Server, scheme: string, host: string): Promise<LocalServer> {
  await using stack = new AsyncDisposableStack();
  const open = new Set<Socket>();
  const accepted: Socket[] = [];
  server.on('connection', (socket) => {
    accepted.push(socket);
    open.add(socket);
    // A client that resets its connection is no fault of the server.
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  stack.defer(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return running(stack, { port, url, open, accepted });
}
