import { setTimeout as pause } from 'node:timers/promises';
import { type BenchOptions, compare, median, OURS, type Peer, type Result, resultOf } from './harness.ts';
import { mainThreadMilliseconds } from './processes.ts';
import { Scraper } from './scraper.ts';
import { type StartedAgent, startAgent } from './started-agent.ts';

/** Of each resource; every one is in a family of its own, which is the hardest for the agent. */
const SERIES = 10;
const INTERVAL_MS = 250;

interface Crowd {
  readonly resources: number;
  /** Own hosts that they are spread over. */
  readonly hosts: number;
}

/** What the agent's main thread does for one collect of a small resource whose values stay the same. */
export async function* collectOverhead({ quick }: BenchOptions): AsyncGenerator<Result> {
  const resources = quick ? 10 : 200;
  for (const hosts of [1, 5]) {
    const crowd = { resources, hosts };
    const name = `collect-overhead/${resources}${hosts === 1 ? '' : `/${hosts}-hosts`}`;
    const rounds = (count: number) => (quick ? { warmUp: 0, rounds: 1 } : { warmUp: 3, rounds: count });
    const about = { bench: 'agent', unit: 'µs' };
    const byScrapes = await compare(crowd, [scraped(quick ? 1 : 20)], rounds(7));
    yield resultOf(byScrapes, median, { ...about, case: name });
    const byClock = await compare(crowd, [clocked(quick ? 4 * INTERVAL_MS : 2_000)], rounds(5));
    yield resultOf(byClock, median, { ...about, case: `${name}/interval` });
  }
}

/** All are collected at each scrape; what a scrape costs without collects is taken off. */
const scraped = (scrapes: number): Peer<Crowd> => ({
  name: OURS,
  available: () => true,
  async run(crowd) {
    await using stack = new AsyncDisposableStack();
    const start = async (every: string) => {
      const agent = stack.use(await startCrowd(crowd, every));
      return { agent, scraper: stack.use(new Scraper(agent.port)) };
    };
    const collecting = await start('scrape');
    const resting = await start('1h');
    const costOf = async ({ agent, scraper }: typeof collecting) => {
      const before = mainThreadMilliseconds(agent.pid);
      for (let i = 0; i < scrapes; i++) await scraper.fetch('identity');
      return (mainThreadMilliseconds(agent.pid) - before) / scrapes;
    };
    const owned = stack.move();
    return {
      async round() {
        const milliseconds = (await costOf(collecting)) - (await costOf(resting));
        return (milliseconds * 1000) / crowd.resources;
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
});

/** Each is collected on its own clock, away from the others, and nobody scrapes. */
const clocked = (milliseconds: number): Peer<Crowd> => ({
  name: OURS,
  available: () => true,
  async run(crowd) {
    await using stack = new AsyncDisposableStack();
    const agent = stack.use(await startCrowd(crowd, `${INTERVAL_MS}ms`));
    const scraper = stack.use(new Scraper(agent.port));
    const owned = stack.move();
    return {
      async round() {
        const collectsBefore = await collects(scraper);
        const before = mainThreadMilliseconds(agent.pid);
        await pause(milliseconds);
        const used = mainThreadMilliseconds(agent.pid) - before;
        return (used * 1000) / ((await collects(scraper)) - collectsBefore);
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
});

async function startCrowd({ resources, hosts }: Crowd, every: string): Promise<StartedAgent> {
  const names = Array.from({ length: hosts }, (_, index) => `bench${index}`);
  const plugins = Object.fromEntries(names.map((name) => [name, { path: './bench.mjs' }]));
  const lines = Array.from({ length: resources }, (_, index) => {
    const plugin = names[index % hosts];
    return `  r${index}: {plugin: ${plugin}, every: ${every}, config: {series: ${SERIES}}}\n`;
  });
  return startAgent(`resources:\n${lines.join('')}`, plugins);
}

/** How many there have been, all of which ended well. */
async function collects(scraper: Scraper): Promise<number> {
  const page = (await scraper.fetch('identity')).toString();
  let sum = 0;
  for (const [, outcome, value] of page.matchAll(
    /^informer_collects_total\{.*outcome="(\w+)".*\} (\d+)$/gm,
  )) {
    if (outcome !== 'ok') throw new Error(`A collect ended as ${outcome}.`);
    sum += Number(value);
  }
  return sum;
}
