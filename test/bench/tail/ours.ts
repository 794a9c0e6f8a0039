import { readFileSync } from 'node:fs';
import { processTree } from '../processes.ts';
import { Scraper } from '../scraper.ts';
import { startAgent } from '../started-agent.ts';
import { informerPatterns, type TailPattern } from './patterns.ts';

/** A program that follows files and can be scraped. */
export interface RunningTail extends AsyncDisposable {
  /** Its exposition as text. */
  scrape(): Promise<string>;
  /** All processes that belong to it. */
  readonly pids: readonly number[];
}

export interface OurTail extends RunningTail {
  /** The process that reads the files. */
  readonly host: number;
  readonly agent: number;
}

/** An agent with one resource, opened; its defaults, but room for as many series as a case has. */
export async function startOurs(glob: string, patterns: readonly TailPattern[]): Promise<OurTail> {
  await using stack = new AsyncDisposableStack();
  const config = `{files: ['${glob}'], max_label_values: 10000, patterns: ${informerPatterns(patterns)}}`;
  const resource = `{plugin: file-tail, timeout: 60s, max_series: 50000, max_bytes: 32MiB, config: ${config}}`;
  const agent = stack.use(await startAgent(`resources: {log: ${resource}}\n`));
  const scraper = stack.use(new Scraper(agent.port));
  const scrape = async () => (await scraper.fetch('identity')).toString();
  // The first one comes after the resource was opened, or says that it was not.
  const page = await scrape();
  if (!/^informer_resource_up\{.*resource="log".*\} 1$/m.test(page)) {
    throw new Error(`file-tail did not open; the agent's output:\n${agent.process.output()}`);
  }
  const tree = processTree(agent.pid);
  const host = tree.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('\0file-tail\0'));
  if (host === undefined) throw new Error('No process of the agent is named after its host "file-tail".');
  const owned = stack.move();
  return { scrape, pids: tree, host, agent: agent.pid, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
