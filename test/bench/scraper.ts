import { once } from 'node:events';
import { Agent as ConnectionPool, get, type IncomingMessage } from 'node:http';

export type Encoding = 'identity' | 'gzip';

/** Asks a server for its metrics over one connection that stays open, as Prometheus does. */
export class Scraper implements AsyncDisposable {
  readonly #port: number;
  readonly #pool = new ConnectionPool({ keepAlive: true, maxSockets: 1 });

  constructor(port: number) {
    this.#port = port;
  }

  /** The body as it came over the wire. @throws if it is not in the encoding that was asked for */
  async fetch(encoding: Encoding): Promise<Buffer> {
    const headers = { 'accept-encoding': encoding, 'x-prometheus-scrape-timeout-seconds': '60' };
    const request = get({
      host: '127.0.0.1',
      port: this.#port,
      path: '/metrics',
      agent: this.#pool,
      headers,
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const isGzip = response.headers['content-encoding'] === 'gzip';
    if (response.statusCode !== 200 || isGzip !== (encoding === 'gzip')) {
      throw new Error(`HTTP ${response.statusCode} instead of an exposition as ${encoding}.`);
    }
    return Buffer.concat(chunks);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pool.destroy();
  }
}
