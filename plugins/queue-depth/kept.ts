/** A connection to a server, as `Kept` needs it. */
export interface Connection {
  /** False once it is closed or broken. */
  readonly alive: boolean;
  /** Ends it now, whatever the peer does; what is under way on it rejects. */
  destroy(): void;
  /** Ends it in the protocol's own way, within the grace. */
  close(): Promise<void>;
}

/** One connection that is kept between collects and opened again when it broke. */
export class Kept<C extends Connection> {
  readonly #open: (signal: AbortSignal) => Promise<C>;
  #connection: C | undefined;

  /** `open` gives up, and leaves nothing open, when its signal aborts. */
  constructor(open: (signal: AbortSignal) => Promise<C>) {
    this.#open = open;
  }

  /** Runs `work` on the connection, which is destroyed if the signal aborts meanwhile. */
  async use<T>(signal: AbortSignal, work: (connection: C) => Promise<T>): Promise<T> {
    const kept = this.#connection?.alive ? this.#connection : undefined;
    const connection = kept ?? (await this.#open(signal));
    this.#connection = connection;
    const destroy = () => connection.destroy();
    signal.addEventListener('abort', destroy, { once: true });
    try {
      signal.throwIfAborted();
      return await work(connection);
    } catch (error) {
      if (!kept || connection.alive || signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', destroy);
      if (signal.aborted) destroy();
    }
    // It had broken since the last collect, which only using it shows: that says nothing of the server now.
    return await this.use(signal, work);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection?.alive) await connection.close();
  }
}
