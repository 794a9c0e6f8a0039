import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { InformerError } from '@dynamic-informer/sdk';
import { formatListenAddress } from '../config/listen.ts';
import type { ListenAddress } from '../config/types.ts';
import { LOCAL } from './access.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

interface Listener {
  readonly server: Server;
  /** The port that the system chose when 0 was asked for. */
  readonly port: number | undefined;
}

const STOP_GRACE_MS = 1_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 512;

/** The servers that hand requests to the routes, one an address. */
export class Listeners {
  readonly #handler: RequestHandler;
  readonly #listeners = new Map<string, Listener>();

  constructor(handler: RequestHandler) {
    this.#handler = handler;
  }

  /** The TCP addresses, with real ports. */
  get addresses(): string[] {
    return [...this.#listeners].map(([text, { port }]) =>
      port === undefined ? text : text.replace(/:0$/, `:${port}`),
    );
  }

  /**
   * Binds what is new before it leaves what is gone, so that a bad address costs nothing.
   * @throws a config error that names the address
   */
  async listen(addresses: readonly ListenAddress[]): Promise<void> {
    const wanted = new Map(addresses.map((address) => [formatListenAddress(address), address]));
    const begun = new Map<string, Listener>();
    try {
      for (const [text, address] of wanted) {
        if (!this.#listeners.has(text)) begun.set(text, await this.#bind(address));
      }
    } catch (error) {
      await Promise.all([...begun.values()].map(stop));
      throw error;
    }
    for (const [text, listener] of begun) this.#listeners.set(text, listener);
    const gone = [...this.#listeners].filter(([text]) => !wanted.has(text));
    for (const [text] of gone) this.#listeners.delete(text);
    await Promise.all(gone.map(([, listener]) => stop(listener)));
  }

  async close(): Promise<void> {
    const all = [...this.#listeners.values()];
    this.#listeners.clear();
    await Promise.all(all.map(stop));
  }

  async #bind(address: ListenAddress): Promise<Listener> {
    const local = address.kind === 'unix';
    const server = createServer((request, response) => {
      if (local) (request as { [LOCAL]?: boolean })[LOCAL] = true;
      this.#handler(request, response);
    });
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.maxConnections = MAX_CONNECTIONS;
    if (local) await prepareSocket(address.path);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(address, error)));
    server.listen(local ? { path: address.path } : { host: address.host, port: address.port }, resolve);
    await promise;
    server.on('error', () => undefined);
    if (local) await chmod(address.path, 0o600);
    const bound = server.address();
    return { server, port: typeof bound === 'object' && bound ? bound.port : undefined };
  }
}

/** Removes the socket that an earlier agent left, but not one that somebody answers on. */
async function prepareSocket(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (!alive) await rm(path, { force: true });
}

function bindError(address: ListenAddress, error: NodeJS.ErrnoException): InformerError {
  const text = formatListenAddress(address);
  const [message, fix] =
    error.code === 'EADDRINUSE'
      ? [`${text} is in use by another process`, 'stop that one, or choose another address']
      : error.code === 'EACCES'
        ? [`${text} may not be opened by this user`, 'choose a port above 1023, or another folder']
        : [`${text} can't be listened on: ${error.message}`, 'choose an address of this machine'];
  return new InformerError('config', message, { code: 'CONFIG_LISTEN_FAILED', fix, path: ['listen'] });
}

async function stop({ server }: Listener): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
  await closed;
  clearTimeout(timer);
}
