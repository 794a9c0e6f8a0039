import type { Socket } from 'node:net';

const MAX_CONNECTIONS = 512;
const MAX_OF_CLIENT = 128;
/** Requests of one connection that were sent before the answer to the first. */
const MAX_PIPELINED = 16;
/** Requests of one client that wait for an answer, or for somebody to read it: each may take as much as a whole page. */
const MAX_IN_FLIGHT = 64;

interface Client {
  readonly key: string;
  /** The oldest first. */
  readonly connections: Set<Connection>;
  inFlight: number;
}

interface Connection {
  readonly client: Client;
  readonly close: () => void;
  inFlight: number;
  isUsed: boolean;
}

/** Who is connected, and makes room for who comes when there are too many. */
export class Connections {
  readonly #bySocket = new WeakMap<object, Connection>();
  /** By both ends, which are the same before and after a handshake. */
  readonly #byEnds = new Map<string, Connection>();
  readonly #clients = new Map<string, Client>();
  #count = 0;

  /**
   * Takes a connection in. Where there are too many, one ends of the client with the most: one that waits for
   * nothing, or else any if that client has more than this one.
   * @returns whether there was room
   */
  admit(socket: Socket, key: string): boolean {
    const client = this.#clients.get(key) ?? { key, connections: new Set(), inFlight: 0 };
    const own = client.connections.size;
    if (own >= MAX_OF_CLIENT && !this.#endOneOf(client, false)) return false;
    if (this.#count >= MAX_CONNECTIONS) {
      const largest = this.#largest() ?? client;
      if (!this.#endOneOf(largest, largest.connections.size > own + 1)) return false;
    }
    const connection: Connection = { client, close: () => socket.destroy(), inFlight: 0, isUsed: false };
    this.#bySocket.set(socket, connection);
    client.connections.add(connection);
    this.#clients.set(key, client);
    this.#count++;
    const ends = endsOf(socket);
    this.#byEnds.set(ends, connection);
    socket.once('close', () => {
      if (this.#byEnds.get(ends) === connection) this.#byEnds.delete(ends);
      this.#remove(connection);
    });
    return true;
  }

  /** What a handshake made of a connection is the same connection. */
  adopt(socket: Socket): void {
    const connection = this.#byEnds.get(endsOf(socket));
    if (connection) this.#bySocket.set(socket, connection);
  }

  /** A request begins, and ends later. @returns whether too many wait for an answer before it, and where */
  begin(socket: Socket): 'ok' | 'too many of the connection' | 'too many of the client' {
    const connection = this.#bySocket.get(socket);
    if (!connection) return 'ok';
    connection.isUsed = true;
    const ofConnection = ++connection.inFlight;
    const ofClient = ++connection.client.inFlight;
    if (ofConnection > MAX_PIPELINED) return 'too many of the connection';
    return ofClient > MAX_IN_FLIGHT ? 'too many of the client' : 'ok';
  }

  end(socket: Socket): void {
    const connection = this.#bySocket.get(socket);
    if (!connection) return;
    connection.inFlight--;
    connection.client.inFlight--;
  }

  /** Whether a request is being answered there. */
  isBusy(socket: object): boolean {
    return (this.#bySocket.get(socket)?.inFlight ?? 0) > 0;
  }

  #endOneOf({ connections }: Client, alsoBusy: boolean): boolean {
    const all = [...connections];
    const idle = all.filter(({ inFlight }) => inFlight === 0);
    const victim = idle.find(({ isUsed }) => !isUsed) ?? idle[0] ?? (alsoBusy ? all[0] : undefined);
    if (!victim) return false;
    this.#remove(victim);
    victim.close();
    return true;
  }

  #largest(): Client | undefined {
    let largest: Client | undefined;
    for (const client of this.#clients.values()) {
      if (client.connections.size > (largest?.connections.size ?? 0)) largest = client;
    }
    return largest;
  }

  #remove(connection: Connection): void {
    const { client } = connection;
    if (!client.connections.delete(connection)) return;
    this.#count--;
    if (client.connections.size === 0) this.#clients.delete(client.key);
  }
}

const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  [remoteAddress, remotePort, localAddress, localPort].join();
