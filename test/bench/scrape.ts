import { promisify } from 'node:util';
import { gunzip, gzipSync, constants as zlib } from 'node:zlib';
import { freePort } from '../support/ports.ts';
import {
  CLIENT_GOLANG,
  CLIENT_REGISTRIES,
  type Contestant,
  OUR_REGISTRY,
  type RegistrySetting,
} from './contestants.ts';
import { digestOf } from './digest.ts';
import {
  type Bench,
  compare,
  median,
  millisecondsOf,
  OURS,
  type Peer,
  quantile,
  type Result,
  type Rounds,
  type Running,
  resultOf,
} from './harness.ts';
import { type Encoding, Scraper } from './scraper.ts';
import { type StartedAgent, startAgent } from './started-agent.ts';

interface Case {
  readonly series: number;
  readonly encoding: Encoding;
  /** Whether every tenth series changes before each scrape. */
  readonly changing: boolean;
}

/** A scrape over HTTP, from the request to the last byte. A peer renders its registry at each scrape. */
export const scrape: Bench = {
  name: 'scrape',
  async *run({ quick }) {
    if (quick) {
      yield* unchanged({ label: '100', series: 100, warmUp: 0, rounds: 2 });
      yield* changing({ label: '100', series: 100, warmUp: 0, rounds: 2 });
      return;
    }
    yield* unchanged({ label: '10k', series: 10_000, warmUp: 30, rounds: 200 });
    yield* changing({ label: '10k', series: 10_000, warmUp: 10, rounds: 50 });
    yield* changing({ label: '100k', series: 100_000, warmUp: 3, rounds: 15 });
  },
};

/** What the agent is called among the contestants where our library is one too. */
const AGENT = 'agent';

interface Size extends Rounds {
  readonly label: string;
  readonly series: number;
}

/** The agent's resource has its own schedule, so that what counts is its merging and writing. */
async function* unchanged({ label, series, ...rounds }: Size): AsyncGenerator<Result> {
  for (const encoding of ['identity', 'gzip'] as const) {
    const measured = await compare({ series, encoding, changing: false }, CONTESTANTS, rounds);
    const name = `text/${label}/${encoding === 'gzip' ? 'gzip' : 'plain'}`;
    yield resultOf(measured, median, { bench: 'scrape', case: `${name}/p50`, unit: 'ms' });
    yield resultOf(measured, quantile(0.99), { bench: 'scrape', case: `${name}/p99`, unit: 'ms' });
  }
}

/**
 * Libraries against libraries, each in the process that holds the values; and our agent against the same: it
 * collects at each scrape, in the resource's process, which is all that its users wait for.
 */
async function* changing({ label, series, ...rounds }: Size): AsyncGenerator<Result> {
  const contestants = [serverOf(OUR_REGISTRY), { ...OUR_AGENT, name: AGENT }, ...SERVERS];
  const measured = await compare({ series, encoding: 'gzip', changing: true }, contestants, rounds);
  const name = `scrape/${label}/10pct/A`;
  const { [AGENT]: agentTook = [], ...libraries } = Object.fromEntries(measured);
  const about = { bench: 'scrape', unit: 'ms' };
  yield resultOf(new Map(Object.entries(libraries)), median, { ...about, case: `${name}/gzip-p50` });
  const withAgent = new Map(Object.entries({ ...libraries, [OURS]: agentTook }));
  yield resultOf(withAgent, median, { ...about, case: `${name}/agent-gzip-p50` });

  await using served = await startMix({ series, changing: true });
  await using scraper = new Scraper(served.port);
  await scraper.fetch('gzip');
  const ours = (await scraper.fetch('gzip')).length;
  const fastest = gzipSync(await scraper.fetch('identity'), { level: zlib.Z_BEST_SPEED }).length;
  const sizes = new Map([
    [OURS, [ours]],
    ['zlib level 1', [fastest]],
  ]);
  yield resultOf(sizes, median, { bench: 'scrape', case: `${name}/gzip-size`, unit: 'B' });
}

const OUR_AGENT: Peer<Case> = {
  name: OURS,
  available: () => true,
  async run(given) {
    const agent = await startMix(given);
    const change = async (round: number) => {
      const response = await fetch(`http://127.0.0.1:${agent.control}/${round}`, { method: 'POST' });
      await response.arrayBuffer();
    };
    return running(agent.port, given, change, agent);
  },
};

async function startMix({
  series,
  changing,
}: Pick<Case, 'series' | 'changing'>): Promise<StartedAgent & { readonly control: number }> {
  const control = await freePort();
  const every = changing ? 'scrape' : '1h';
  const config = `{series: ${series}, control: ${control}}`;
  const mix = `{plugin: bench, every: ${every}, timeout: 60s, max_series: 200000, max_bytes: 32MiB, config: ${config}}`;
  // As much room as the peers have, and no less of the processor.
  const plugins = { bench: { memory: '1GiB', nice: 0 } };
  const agent = await startAgent(`limits: {series: 200000}\nresources: {mix: ${mix}}\n`, plugins);
  return { ...agent, control };
}

const SERVERS = [...CLIENT_REGISTRIES, CLIENT_GOLANG].map(serverOf);
const CONTESTANTS = [OUR_AGENT, ...SERVERS];

function serverOf({ name, available, start }: Contestant<RegistrySetting>): Peer<Case> {
  return {
    name,
    available,
    async run(given) {
      await using stack = new AsyncDisposableStack();
      const server = stack.use(await start({ mix: 'A', series: given.series, changed: '10pct' }));
      const port = await server.ask({ do: 'serve' });
      const change = async (round: number) => void (await server.ask({ do: 'change', round }));
      return running(port, given, change, stack.move());
    },
  };
}

function running(
  port: number,
  { series, encoding, changing }: Case,
  change: (round: number) => Promise<void>,
  server: AsyncDisposable,
): Running {
  const scraper = new Scraper(port);
  return {
    async round(number) {
      // Round 0 is the registry's first filling.
      if (changing) await change(number + 1);
      return millisecondsOf(() => scraper.fetch(encoding));
    },
    async digest() {
      const body = await scraper.fetch(encoding);
      return digestOf(encoding === 'gzip' ? await promisify(gunzip)(body) : body, series);
    },
    async [Symbol.asyncDispose]() {
      await scraper[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
