import type { Socket } from 'node:net';

const MAX_CONNECTIONS = 512;
const MAX_OF_CLIENT = 128;
/** Requests of one connection that were sent before the answer to the first. */
const MAX_PIPELINED = 16;

interface Connection {
  readonly client: string;
  readonly close: () => void;
  inFlight: number;
  isUsed: boolean;
}

/** Who is connected, and makes room for who comes when there are too many. */
export class Connections {
  readonly #bySocket = new WeakMap<object, Connection>();
  /** By both ends, which are the same before and after a handshake. */
  readonly #byEnds = new Map<string, Connection>();
  /** By client; the oldest connection of each is first. */
  readonly #clients = new Map<string, Set<Connection>>();
  #count = 0;

  /**
   * Takes a connection in. Where there are too many, one that waits for nothing ends, of the client with the most.
   * @returns whether there was room
   */
  admit(socket: Socket, client: string): boolean {
    const own = this.#clients.get(client);
    if (own && own.size >= MAX_OF_CLIENT && !this.#endOneOf(own)) return false;
    if (this.#count >= MAX_CONNECTIONS && !this.#endOneOf(this.#largest())) return false;
    const connection: Connection = { client, close: () => socket.destroy(), inFlight: 0, isUsed: false };
    this.#bySocket.set(socket, connection);
    const connections = this.#clients.get(client) ?? new Set();
    this.#clients.set(client, connections.add(connection));
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

  /** A request begins. @returns whether it may: not behind too many on its connection that wait for an answer */
  begin(socket: Socket): boolean {
    const connection = this.#bySocket.get(socket);
    if (!connection) return true;
    connection.isUsed = true;
    return ++connection.inFlight <= MAX_PIPELINED;
  }

  end(socket: Socket): void {
    const connection = this.#bySocket.get(socket);
    if (connection) connection.inFlight--;
  }

  /** Whether a request is being answered there. */
  isBusy(socket: object): boolean {
    return (this.#bySocket.get(socket)?.inFlight ?? 0) > 0;
  }

  #endOneOf(connections: ReadonlySet<Connection>): boolean {
    const idle = [...connections].filter(({ inFlight }) => inFlight === 0);
    const victim = idle.find(({ isUsed }) => !isUsed) ?? idle[0];
    if (!victim) return false;
    this.#remove(victim);
    victim.close();
    return true;
  }

  #largest(): ReadonlySet<Connection> {
    let largest: ReadonlySet<Connection> = new Set();
    for (const connections of this.#clients.values()) {
      if (connections.size > largest.size) largest = connections;
    }
    return largest;
  }

  #remove(connection: Connection): void {
    const connections = this.#clients.get(connection.client);
    if (!connections?.delete(connection)) return;
    this.#count--;
    if (connections.size === 0) this.#clients.delete(connection.client);
  }
}

const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  [remoteAddress, remotePort, localAddress, localPort].join();
