import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  Agent,
  processHosts,
  RecentLog,
  Redactor,
  type ReloadResult,
  type ResourceStatus,
} from '@dynamic-informer/agent';
import { type LogLevel, makeLogger } from '@dynamic-informer/sdk';
import { ask } from './ask.ts';
import { temporaryFolder } from './temp.ts';
import { waitFor } from './wait.ts';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface AgentUnderTest extends AsyncDisposable {
  readonly agent: Agent;
  readonly folder: string;
  readonly logs: readonly LogLine[];
  /** What the first load came to. */
  readonly started: ReloadResult;
  /** Replaces the configuration as careful editors do: write another file, rename. */
  configure(text: string): Promise<void>;
  /** Writes a file in the configuration's folder. */
  write(name: string, text: string): Promise<void>;
  /** The exposition, as lines. */
  scrape(query?: string, headers?: Record<string, string>): Promise<Exposition>;
  status(name: string): ResourceStatus;
  until(what: string, condition: () => unknown, timeout?: number): Promise<void>;
}

/** An exposition that can be asked for its values. */
export class Exposition {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Lines of a family, comments left out. */
  lines(name: string): string[] {
    return this.text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  }

  /** The value of the one series of that name with these labels at least. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const found = this.lines(name).filter((line) => wanted.every((pair) => line.includes(pair)));
    if (found.length > 1) throw new Error(`${found.length} series of ${name} match ${wanted.join()}`);
    return found[0] === undefined ? undefined : Number(found[0].slice(found[0].lastIndexOf(' ')));
  }
}

/**
 * An agent in this process, with its hosts as child processes, on a configuration and plugins of the
 * test's. It listens on no TCP address unless told to; `web` and `state_dir` are written for the test.
 */
export async function startAgent(options: {
  config: string;
  /** By file name, under `plugins/`. */
  plugins?: Readonly<Record<string, string>>;
  environment?: Readonly<Record<string, string>>;
  /** More addresses, such as `127.0.0.1:0`. */
  listen?: readonly string[];
  /** Files in the configuration's folder, by name. */
  files?: Readonly<Record<string, string>>;
  /** More of `web`: `key: value, key: value`. */
  web?: string;
  /** Where an earlier agent ran, instead of a new folder. */
  folder?: string;
  /** `false` for one that looks only when it is told to. */
  watch?: boolean;
}): Promise<AgentUnderTest> {
  const folder = options.folder === undefined ? await temporaryFolder('agent') : { path: options.folder };
  const file = join(folder.path, 'informer.yaml');
  const listen = JSON.stringify([`unix:${folder.path}/web.sock`, ...(options.listen ?? [])]);
  const common = `web: {listen: ${listen}${options.web === undefined ? '' : `, ${options.web}`}}\nstate_dir: ${folder.path}/state\nplugin_dirs: [plugins]\n`;
  const write = async (name: string, text: string) => {
    const path = join(folder.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  for (const [name, source] of Object.entries(options.plugins ?? {}))
    await write(join('plugins', name), source);
  for (const [name, text] of Object.entries(options.files ?? {})) await write(name, text);
  await mkdir(join(folder.path, 'plugins'), { recursive: true });
  await write('informer.yaml', common + options.config);

  const logs: LogLine[] = [];
  const redactor = new Redactor();
  const recentLog = new RecentLog(redactor);
  const log = makeLogger((level, message, fields) => {
    logs.push({ level, message, fields });
    recentLog.add(level, message, fields);
  });
  const agent = new Agent({
    configFile: file,
    log,
    redactor,
    recentLog,
    startHost: processHosts(log, { redactor }),
    environment: options.environment ?? {},
    ...(options.watch !== undefined && { watch: options.watch }),
  });
  const until = async (what: string, condition: () => unknown, timeout = 15_000) => {
    await waitFor(async () => (await condition()) as boolean, { what, timeout });
  };
  const started = await agent.start();
  // Over the socket, which needs no credentials.
  const socketPath = join(folder.path, 'state/agent.sock');
  const ready = async () => (await ask('http://localhost/-/ready', { socketPath })).status === 200;
  if (started.successful) await until('the agent to be ready', ready);
  return {
    agent,
    folder: folder.path,
    logs,
    started,
    configure: (text) => write('informer.yaml', common + text),
    write,
    async scrape(query = '', headers = {}) {
      const response = await agent.inject({ url: `/metrics${query}`, headers });
      if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}: ${response.body}`);
      return new Exposition(response.body);
    },
    status(name) {
      const found = agent.status().resources.find((resource) => resource.name === name);
      if (!found) throw new Error(`There is no resource ${name}.`);
      return found;
    },
    until,
    async [Symbol.asyncDispose]() {
      await agent.stop();
      await rm(folder.path, { recursive: true, force: true });
    },
  };
}
