import { once } from 'node:events';
import { Agent as ConnectionPool, get, type IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { startProcess } from '../support/process.ts';
import { digestOf } from './digest.ts';
import {
  type Bench,
  compare,
  millisecondsOf,
  OURS,
  type Peer,
  quantile,
  type Running,
  resultOf,
} from './harness.ts';
import { CLIENT_PACKAGES } from './registries.ts';
import { startAgent } from './started-agent.ts';

const SERVER = fileURLToPath(new URL('./scrape-server.js', import.meta.url));
const SERIES = 10_000;
const QUICK_SERIES = 100;

interface Case {
  readonly series: number;
  readonly encoding: 'identity' | 'gzip';
}

/**
 * A scrape over HTTP, from the request to the last byte. The agent's resource has its own schedule, so
 * that what counts is its merging and writing; a peer renders its registry at each scrape.
 */
export const scrape: Bench = {
  name: 'scrape',
  async *run({ quick }) {
    const series = quick ? QUICK_SERIES : SERIES;
    const label = quick ? '100' : '10k';
    const rounds = quick ? { warmUp: 0, rounds: 2 } : { warmUp: 30, rounds: 200 };
    for (const encoding of ['identity', 'gzip'] as const) {
      const measured = await compare({ series, encoding }, CONTESTANTS, rounds);
      for (const [name, q] of [
        ['p50', 0.5],
        ['p99', 0.99],
      ] as const) {
        const about = {
          bench: 'scrape',
          case: `text/${label}/${encoding === 'gzip' ? 'gzip' : 'plain'}/${name}`,
          unit: 'ms',
        };
        yield resultOf(measured, quantile(q), about);
      }
    }
  },
};

const OUR_AGENT: Peer<Case> = {
  name: OURS,
  available: () => true,
  async run({ series, encoding }) {
    const agent = await startAgent(
      `limits: {series: 200000}\nresources: {mix: {plugin: bench, every: 1h, max_series: 100000, config: {series: ${series}}}}\n`,
    );
    return scraperOf(agent.port, { series, encoding }, agent);
  },
};

const SERVERS = CLIENT_PACKAGES.map(
  (name): Peer<Case> => ({
    name,
    available: () => true,
    async run({ series, encoding }) {
      const isPort = (output: string) => /^\d+\n/.test(output);
      const args = [SERVER, name, String(series)];
      const server = await startProcess({ command: process.execPath, args, ready: isPort });
      return scraperOf(Number.parseInt(server.output(), 10), { series, encoding }, server);
    },
  }),
);

const CONTESTANTS = [OUR_AGENT, ...SERVERS];

function scraperOf(port: number, { series, encoding }: Case, server: AsyncDisposable): Running {
  const pool = new ConnectionPool({ keepAlive: true, maxSockets: 1 });
  const fetchOnce = async (): Promise<Buffer> => {
    const headers = { 'accept-encoding': encoding };
    const request = get({ host: '127.0.0.1', port, path: '/metrics', agent: pool, headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const isGzip = response.headers['content-encoding'] === 'gzip';
    if (response.statusCode !== 200 || isGzip !== (encoding === 'gzip')) {
      throw new Error(`HTTP ${response.statusCode} instead of an exposition as ${encoding}.`);
    }
    return Buffer.concat(chunks);
  };
  return {
    round: () => millisecondsOf(fetchOnce),
    async digest() {
      const body = await fetchOnce();
      return digestOf(encoding === 'gzip' ? await promisify(gunzip)(body) : body, series);
    },
    async [Symbol.asyncDispose]() {
      pool.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}
