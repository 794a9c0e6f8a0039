import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { plainAddress } from '../config/networks.ts';
import type { TlsSettings } from '../config/web-access.ts';
import type { Access } from './access.ts';
import { clientKey } from './client-address.ts';
import type { Connections } from './connections.ts';
import { createTlsServer } from './tls-server.ts';

type Serve = (this: Server, socket: Socket) => void;

export interface GateParts {
  readonly connections: Connections;
  readonly access: Pick<Access, 'mayConnect' | 'refused'>;
}

/** What a connection over TCP passes before the server sees it: the network, the limits, and TLS if that is wanted. */
export class Gate {
  readonly #server: Server;
  readonly #parts: GateParts;
  /** What Node.js' own server does with a connection. */
  readonly #serve: Serve | undefined;
  /** Those with TLS, under a handshake or after it. */
  readonly #encrypted = new Set<Socket>();
  /** The settings that a connection was let in with. */
  readonly #letInWith = new WeakMap<Socket, TlsSettings | undefined>();
  #tls: TlsSettings | undefined;
  #handshakes: TlsServer | undefined;

  constructor(server: Server, parts: GateParts, tls: TlsSettings | undefined) {
    this.#server = server;
    this.#parts = parts;
    [this.#serve] = server.listeners('connection') as Serve[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => this.#arrived(socket));
    this.use(tls);
  }

  /** For who comes from now on; who is connected stays so. */
  use(tls: TlsSettings | undefined): void {
    if (isDeepStrictEqual(tls, this.#tls)) return;
    this.#tls = tls;
    this.#handshakes =
      tls &&
      createTlsServer(tls, {
        connected: (socket) => {
          this.#parts.connections.adopt(socket);
          this.#pass(socket, tls);
        },
        refused: (address, detail) => this.#parts.access.refused('certificate', address, detail),
      });
  }

  /** Whether a connection would still be let in like this. A certificate of ours that was renewed makes no difference. */
  wouldPass(socket: Socket): boolean {
    const before = this.#letInWith.get(socket);
    return before === this.#tls || isDeepStrictEqual(policyOf(before), policyOf(this.#tls));
  }

  /** Ends connections that the server may not know of yet. */
  close(): void {
    for (const socket of this.#encrypted) socket.destroy();
  }

  #arrived(socket: Socket): void {
    const { connections, access } = this.#parts;
    const address = socket.remoteAddress ?? '';
    // Without TLS the client is told why, by the hook that looks at requests.
    if (this.#handshakes && !access.mayConnect(address)) {
      access.refused('network', address, `${plainAddress(address)} is not in web.allow.`);
      socket.destroy();
    } else if (!connections.admit(socket, clientKey(plainAddress(address)))) {
      access.refused('rate', address, 'Too many connections are open from this address.');
      socket.destroy();
    } else if (this.#handshakes) {
      this.#encrypted.add(socket);
      socket.once('close', () => this.#encrypted.delete(socket));
      // As with a server for TLS alone, the end of what a client sends is the end of the connection.
      socket.allowHalfOpen = false;
      this.#handshakes.emit('connection', socket);
    } else {
      this.#pass(socket, undefined);
    }
  }

  #pass(socket: Socket, tls: TlsSettings | undefined): void {
    this.#letInWith.set(socket, tls);
    this.#serve?.call(this.#server, socket);
  }
}

const policyOf = (tls: TlsSettings | undefined) =>
  tls && [tls.clientAuth, tls.clientCa, tls.allowedSans, tls.minVersion, tls.maxVersion, tls.ciphers];
