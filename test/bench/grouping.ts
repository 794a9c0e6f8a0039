import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startHttp } from '../support/http-server.ts';
import { waitFor } from '../support/wait.ts';
import {
  type BenchOptions,
  compare,
  median,
  millisecondsOf,
  numbersOf,
  OURS,
  type Peer,
  type Result,
  resultOf,
  unprepared,
} from './harness.ts';
import { cpuMilliseconds, hasProc, MEMORY_FIELDS, type Memory, memoryOf, processTree } from './processes.ts';
import { Scraper } from './scraper.ts';
import { startAgent } from './started-agent.ts';
import type { Place } from './started-host.ts';

const PLUGINS = ['http-probe', 'queue-depth', 'process', 'host'] as const;
const RESOURCES_OF_EACH = 5;
const SCRAPES = 10;

interface Case {
  readonly configs: Readonly<Record<(typeof PLUGINS)[number], object>>;
  readonly resourcesOfEach: number;
  readonly idleMs: number;
}

interface Measured {
  /** From the start of the agent until a scrape had something of each resource. */
  readonly firstResultsMs: number;
  readonly memory: Memory;
  /** Of a core. */
  readonly idlePercent: number;
  readonly scrapeMs: readonly number[];
  /** Of all processes together. */
  readonly scrapeCpuMs: number;
}

/** The same resources of four built-in plugins in one host, in one for each plugin, in one for each resource. */
export async function* grouping({ folder }: Place, { quick }: BenchOptions): AsyncGenerator<Result> {
  // What these plugins read, and what is asked of the processes here, is in Linux' /proc.
  if (!hasProc) return;
  await using http = await startHttp((_request, response) => response.end('well\n'));
  const spool = join(folder, 'spool');
  await mkdir(spool);
  await writeFile(join(spool, 'one'), '');
  const configs = {
    'http-probe': { targets: [http.url] },
    'queue-depth': { broker: 'spool', path: spool },
    process: { processes: [{ name: 'node', match: 'node' }] },
    host: { collect: ['cpu', 'memory', 'load'] },
  };
  const given = {
    configs,
    resourcesOfEach: quick ? 1 : RESOURCES_OF_EACH,
    idleMs: quick ? 100 : 1500,
  };
  const measured = await compare(given, CONTESTANTS, { warmUp: 0, rounds: quick ? 1 : 3 });

  const about = (name: string, unit: string) => ({ bench: 'hosts', case: `grouping/${name}`, unit });
  const first = numbersOf(measured, ({ firstResultsMs }) => firstResultsMs);
  yield resultOf(first, median, about('first-results', 'ms'));
  for (const [name, field] of MEMORY_FIELDS) {
    const values = numbersOf(measured, ({ memory }) => memory[field]);
    yield resultOf(values, median, about(name, 'MiB'));
  }
  const idle = numbersOf(measured, ({ idlePercent }) => idlePercent);
  yield resultOf(idle, median, about('idle-cpu', '% of a core'));
  const scrape = numbersOf(measured, ({ scrapeMs }) => scrapeMs);
  yield resultOf(scrape, median, about('scrape/p50', 'ms'));
  const cpu = numbersOf(measured, ({ scrapeCpuMs }) => scrapeCpuMs);
  yield resultOf(cpu, median, about('scrape/cpu', 'ms'));
}

const CONTESTANTS: readonly Peer<Case, Measured>[] = [
  unprepared(OURS, (given) => measure(given, 'shared')),
  unprepared('own', (given) => measure(given, 'own')),
  unprepared('dedicated', (given) => measure(given, 'dedicated')),
];

async function measure(
  { configs, resourcesOfEach, idleMs }: Case,
  host: 'shared' | 'own' | 'dedicated',
): Promise<Measured> {
  const resources = PLUGINS.flatMap((plugin) =>
    Array.from({ length: resourcesOfEach }, (_, index) => [
      `${plugin}-${index}`,
      { plugin, config: configs[plugin] },
    ]),
  );
  await using agent = await startAgent(
    `resources: ${JSON.stringify(Object.fromEntries(resources))}\n`,
    Object.fromEntries(PLUGINS.map((plugin) => [plugin, { host }])),
  );
  await using scraper = new Scraper(agent.port);
  const allAreUp = async () => {
    const text = (await scraper.fetch('identity')).toString();
    return (text.match(/^informer_resource_up\{.*\} 1$/gm) ?? []).length === resources.length;
  };
  await waitFor(allAreUp, { what: `${resources.length} resources to be up`, timeout: 30_000, interval: 2 });
  const firstResultsMs = performance.now() - agent.startedAt;

  const tree = processTree(agent.pid);
  const all = tree.map(memoryOf);
  const memory = {
    pssMiB: all.reduce((sum, { pssMiB }) => sum + pssMiB, 0),
    anonymousMiB: all.reduce((sum, { anonymousMiB }) => sum + anonymousMiB, 0),
  };

  const beforeScrapes = cpuMilliseconds(tree);
  const scrapeMs: number[] = [];
  for (let i = 0; i < SCRAPES; i++) scrapeMs.push(await millisecondsOf(() => scraper.fetch('identity')));
  const beforeIdle = cpuMilliseconds(tree);
  const start = performance.now();
  await pause(idleMs);
  const idleShare = (cpuMilliseconds(tree) - beforeIdle) / (performance.now() - start);
  return {
    firstResultsMs,
    memory,
    idlePercent: idleShare * 100,
    scrapeMs,
    scrapeCpuMs: (beforeIdle - beforeScrapes) / SCRAPES,
  };
}
