import { join } from 'node:path';
import { missingOf, program } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/process.ts';
import { outputOf } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temp.ts';
import { type BenchOptions, compare, OURS, type Peer, type Result, resultOf } from './harness.ts';
import { startAgent } from './started-agent.ts';

const NODE_EXPORTER = 'prometheus-node-exporter';
/** What the scraper allows. */
const SCRAPE_TIMEOUT_SECONDS = 2;

/** How many scrapes are answered in time while one collector hangs on a file that never has anything to read. */
export async function* hungCollector({ quick }: BenchOptions): AsyncGenerator<Result> {
  const measured = await compare(undefined, [AGENT, PEER], { warmUp: 0, rounds: quick ? 1 : 3 });
  const about = { bench: 'hosts', case: 'hung-collector/answered', unit: '% of scrapes' };
  yield resultOf(measured, (values) => 100 * mean(values), { ...about, better: 'higher' });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const AGENT: Peer<undefined> = {
  name: OURS,
  available: () => true,
  async run() {
    await using stack = new AsyncDisposableStack();
    const fifo = join(stack.use(await temporaryFolder('hung')).path, 'fifo');
    await outputOf('mkfifo', [fifo]);
    const hung = `{plugin: bench, config: ${JSON.stringify({ misdeed: 'block', fifo })}}`;
    const { port } = stack.use(await startAgent(`resources: {hung: ${hung}}\n`));
    const owned = stack.move();
    return { round: () => answered(port), [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
};

/** Its textfile collector reads all files `*.prom` of a folder. */
const PEER: Peer<undefined> = {
  name: 'node_exporter',
  available: () => missingOf([NODE_EXPORTER]).length === 0,
  async run() {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await temporaryFolder('hung')).path;
    const port = await freePort();
    stack.use(
      await startProcess({
        command: program(NODE_EXPORTER),
        args: [
          `--web.listen-address=127.0.0.1:${port}`,
          '--collector.disable-defaults',
          '--collector.textfile',
          `--collector.textfile.directory=${folder}`,
        ],
        ready: async () => (await answered(port)) === 1,
      }),
    );
    await outputOf('mkfifo', [join(folder, 'hung.prom')]);
    const owned = stack.move();
    return { round: () => answered(port), [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
};

/** 1 if a scrape brings an exposition within what the scraper allows, else 0. */
async function answered(port: number): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
      headers: { 'x-prometheus-scrape-timeout-seconds': String(SCRAPE_TIMEOUT_SECONDS) },
      signal: AbortSignal.timeout(SCRAPE_TIMEOUT_SECONDS * 1000),
    });
    await response.arrayBuffer();
    return response.ok ? 1 : 0;
  } catch {
    return 0;
  }
}
