import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { InformerError } from '@dynamic-informer/sdk';
import { formatListenAddress } from '../config/listen.ts';
import type { ListenAddress } from '../config/types.ts';
import type { TlsSettings } from '../config/web-access.ts';
import { LOCAL } from './access.ts';
import { answerBusy, answerClientError } from './client-error.ts';
import { Connections } from './connections.ts';
import { Gate, type GateParts } from './gate.ts';
import { ownerOnly, prepareSocket } from './unix-socket.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

interface Listener {
  readonly server: Server;
  /** The port that the system chose when 0 was asked for. */
  readonly port: number | undefined;
  /** What connections pass first; `undefined` for a unix socket, which only its owner can open. */
  readonly gate: Gate | undefined;
}

const STOP_GRACE_MS = 1_000;

/** What clients may take, in bytes and milliseconds. */
export interface HttpLimits {
  /** For everything before the body. */
  readonly maxHeaderSize: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** How long an answer that is ready may take to be read. */
  readonly readingTimeout: number;
  /** Longer than the interval at which most scrapers come again: a handshake costs more than a connection. */
  readonly keepAliveTimeout: number;
  /** How often the times are looked at. */
  readonly connectionsCheckingInterval: number;
  readonly maxRequestsPerSocket: number;
}

const LIMITS: HttpLimits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  readingTimeout: 30_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 2_000,
  maxRequestsPerSocket: 1_000,
};
const MAX_LOCAL_CONNECTIONS = 512;

/** The servers that hand requests to the routes, one an address. */
export class Listeners {
  readonly #handler: RequestHandler;
  readonly #access: GateParts['access'];
  readonly #limits: HttpLimits;
  readonly #connections = new Connections();
  readonly #listeners = new Map<string, Listener>();

  constructor(handler: RequestHandler, access: GateParts['access'], limits = LIMITS) {
    this.#handler = handler;
    this.#access = access;
    this.#limits = limits;
  }

  /** The TCP addresses, with real ports. */
  get addresses(): string[] {
    return [...this.#listeners].map(([text, { port }]) =>
      port === undefined ? text : text.replace(/:0$/, `:${port}`),
    );
  }

  /**
   * Binds what is new before it leaves what is gone, so that a bad address costs nothing. Open connections stay.
   * @throws a config error that names the address
   */
  async listen(addresses: readonly ListenAddress[], tls: TlsSettings | undefined): Promise<void> {
    const wanted = new Map(addresses.map((address) => [formatListenAddress(address), address]));
    const begun = new Map<string, Listener>();
    try {
      for (const [text, address] of wanted) {
        if (!this.#listeners.has(text)) begun.set(text, await this.#bind(address, tls));
      }
    } catch (error) {
      await Promise.all([...begun.values()].map(stop));
      throw error;
    }
    for (const { gate } of this.#listeners.values()) gate?.use(tls);
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

  async #bind(address: ListenAddress, tls: TlsSettings | undefined): Promise<Listener> {
    const isLocal = address.kind === 'unix';
    const server = createServer(this.#limits, (request, response) => this.#answer(request, response, gate));
    server.maxRequestsPerSocket = this.#limits.maxRequestsPerSocket;
    server.on('clientError', (error, socket) => {
      answerClientError(error, socket, this.#connections.isBusy(socket));
    });
    if (isLocal) server.maxConnections = MAX_LOCAL_CONNECTIONS;
    const parts = { connections: this.#connections, access: this.#access };
    const gate = isLocal ? undefined : new Gate(server, parts, tls);
    if (isLocal) await prepareSocket(address.path);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(address, error)));
    const listen = () =>
      server.listen(isLocal ? { path: address.path } : { host: address.host, port: address.port }, resolve);
    if (isLocal) ownerOnly(listen);
    else listen();
    await promise;
    server.on('error', () => undefined);
    if (isLocal) await chmod(address.path, 0o600);
    const bound = server.address();
    return { server, gate, port: typeof bound === 'object' && bound ? bound.port : undefined };
  }

  #answer(request: IncomingMessage, response: ServerResponse, gate: Gate | undefined): void {
    const { socket } = request;
    if (!gate) {
      (request as { [LOCAL]?: boolean })[LOCAL] = true;
    } else {
      const begun = this.#connections.begin(socket);
      response.once('close', () => this.#connections.end(socket));
      if (begun !== 'ok') {
        const detail = `Too many requests that are not answered yet: ${begun}.`;
        this.#access.refused('rate', socket.remoteAddress ?? '', detail);
        if (begun === 'too many of the client') answerBusy(response);
        else socket.destroy();
        return;
      }
      // A connection that would not be let in like this any more ends with this answer.
      if (!gate.wouldPass(socket)) response.setHeader('connection', 'close');
    }
    response.once('prefinish', () => {
      const timer = setTimeout(() => socket.destroy(), this.#limits.readingTimeout).unref();
      response.once('close', () => clearTimeout(timer));
    });
    this.#handler(request, response);
  }
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

async function stop({ server, gate }: Listener): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    server.closeAllConnections();
    gate?.close();
  }, STOP_GRACE_MS);
  await closed;
  clearTimeout(timer);
}
