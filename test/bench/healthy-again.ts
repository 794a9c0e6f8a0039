import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAgent } from '../support/agent.ts';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';
import { BENCH_PLUGIN } from './bench-plugin.ts';
import { type BenchOptions, compare, median, OURS, type Result, resultOf, unprepared } from './harness.ts';

const INNOCENT = 20;

/** Who ends the shared host: a resource beyond its deadline, or a signal out of nowhere. */
type End = 'culprit-known' | 'culprit-unknown';

/** From the death of a shared host until a scrape has the results of all innocent resources that were in it. */
export async function* healthyAgain({ quick }: BenchOptions): AsyncGenerator<Result> {
  for (const end of ['culprit-known', 'culprit-unknown'] as const) {
    const measured = await compare(end, [AGENT], { warmUp: 0, rounds: quick ? 1 : 5 });
    yield resultOf(measured, median, { bench: 'hosts', case: `healthy-again/${end}`, unit: 'ms' });
  }
}

const AGENT = unprepared(OURS, async (end: End) => {
  const innocent = Array.from({ length: INNOCENT }, (_, index) => `  r${index}: {plugin: bench}\n`).join('');
  await using folder = await temporaryFolder('again');
  const from = join(folder.path, 'from-now-on');
  await using agent = await startAgent({
    config: `plugins: {bench: {host: shared}}
resources:
${innocent}  bad: {plugin: bench, timeout: 100ms, config: ${JSON.stringify({ misdeed: 'spin', from })}}
`,
    plugins: { 'bench.mjs': BENCH_PLUGIN },
  });
  const areInnocentThere = async () => {
    const lines = (await agent.scrape()).lines('bench_one');
    return lines.filter((line) => !line.includes('resource="bad"')).length === INNOCENT;
  };
  const areThere = { what: 'all innocent resources to be there', timeout: 20_000, interval: 1 };
  await waitFor(areInnocentThere, areThere);

  let scraped: Promise<boolean> | undefined;
  if (end === 'culprit-known') {
    await writeFile(from, '');
    // The scrape that ends the host holds the results of those that are collected again.
    scraped = areInnocentThere();
  } else {
    process.kill(agent.status('r0').hostPid ?? 0, 'SIGKILL');
  }
  const hasEnded = () => agent.logs.some(({ message }) => message === 'host ended');
  await waitFor(hasEnded, { what: 'the shared host to end', interval: 1 });
  const died = performance.now();
  if (!(await scraped)) await waitFor(areInnocentThere, areThere);
  return performance.now() - died;
});
