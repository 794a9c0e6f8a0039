import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from './packages.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { type RunningServer, running } from './server.ts';
import { temporaryFolder } from './temp.ts';
import { waitFor } from './wait.ts';

export interface PrometheusOptions {
  /** Prometheus' own `scrape_configs`, as an object: `[{ job_name: 'agent', static_configs: [...] }]`. */
  scrapeConfigs: readonly Readonly<Record<string, unknown>>[];
  port?: number;
  /** Of `global`; default 250ms, so that tests need not wait. */
  scrapeInterval?: string;
  /** More command line flags. */
  args?: readonly string[];
}

export interface InstantSample {
  metric: Readonly<Record<string, string>>;
  value: number;
}

export interface ScrapeTarget {
  labels: Readonly<Record<string, string>>;
  scrapeUrl: string;
  health: 'up' | 'down' | 'unknown';
  lastError: string;
}

export interface Prometheus extends RunningServer {
  readonly port: number;
  readonly url: string;
  readonly process: RunningProcess;
  /** An instant query; the expression has to give a vector. */
  query(promql: string): Promise<InstantSample[]>;
  /** Waits until the query gives at least one sample, and gives them all. */
  queryUntilAny(promql: string): Promise<InstantSample[]>;
  targets(): Promise<ScrapeTarget[]>;
  /** Waits until the last scrape of every target succeeded. */
  untilUp(): Promise<ScrapeTarget[]>;
}

/** A Prometheus that scrapes what it is told. Its first scrape comes 5 s after it started, and nothing changes that. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('prom'));
  const port = options.port ?? (await freePort());
  const interval = options.scrapeInterval ?? '250ms';
  const file = join(folder.path, 'prometheus.yml');
  // JSON is YAML.
  await writeFile(
    file,
    JSON.stringify({
      global: { scrape_interval: interval, scrape_timeout: interval },
      scrape_configs: options.scrapeConfigs,
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  const storage = ['--storage.tsdb.path', join(folder.path, 'data'), '--no-storage.tsdb.wal-compression'];
  const server = stack.use(
    await startProcess({
      command: program('prometheus'),
      args: [
        ...['--config.file', file, '--web.listen-address', `127.0.0.1:${port}`],
        ...storage,
        ...(options.args ?? []),
      ],
      cwd: folder.path,
      ready: async () => (await fetch(`${url}/-/ready`)).ok,
    }),
  );
  const query = async (promql: string) => {
    const { result } = await ask<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
      `${url}/api/v1/query?${new URLSearchParams({ query: promql })}`,
    );
    return result.map(({ metric, value }) => ({ metric, value: parseValue(value[1]) }));
  };
  const targets = async () =>
    (await ask<{ activeTargets: ScrapeTarget[] }>(`${url}/api/v1/targets?state=active`)).activeTargets;
  return running(stack, {
    port,
    url,
    process: server,
    query,
    targets,
    queryUntilAny: (promql: string) =>
      waitFor(
        async () => {
          const samples = await query(promql);
          return samples.length > 0 && samples;
        },
        { what: `Prometheus to have ${promql}` },
      ),
    untilUp: () => untilUp(targets),
  });
}

/** What `promtool check metrics` says about an exposition in the text format; code 0 and no output is clean. */
export function promtoolCheckMetrics(exposition: string): Promise<ProgramResult> {
  return runProgram(program('promtool'), ['check', 'metrics'], { input: exposition });
}

async function untilUp(targets: () => Promise<ScrapeTarget[]>): Promise<ScrapeTarget[]> {
  return await waitFor(
    async () => {
      const found = await targets();
      const down = found.find(({ health }) => health !== 'up');
      if (down)
        throw new Error(`${down.scrapeUrl} is ${down.health}: ${down.lastError || 'not scraped yet'}`);
      return found.length > 0 && found;
    },
    { what: "all of Prometheus' targets to be up", timeout: 20_000 },
  );
}

function parseValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}

async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url);
  const body = (await response.json()) as { status: string; data: T; error?: string };
  if (body.status !== 'success') throw new Error(`Prometheus answered ${url} with: ${body.error}`);
  return body.data;
}
