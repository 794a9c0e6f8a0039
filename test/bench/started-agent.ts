import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/ports.ts';
import { type RunningProcess, startProcess } from '../support/process.ts';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';
import { BENCH_PLUGIN } from './bench-plugin.ts';

// From test/dist/bench, where this runs.
const INFORMER = fileURLToPath(new URL('../../../agent/bin/informer.mjs', import.meta.url));

export interface StartedAgent extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly process: RunningProcess;
  /** When the process was started, by `performance.now()`. */
  readonly startedAt: number;
  /** From the start of the process until /metrics answered. */
  readonly answeredMs: number;
  /** … until each resource had been opened or had failed. */
  readonly readyMs: number;
  /** Puts another configuration in the place of the one that there is, by renaming. */
  configure(resources: string): Promise<void>;
}

/** What is configured of a plugin. */
export interface PluginSettings {
  /** The bench's plugin stands at `./bench.mjs`. */
  readonly path?: string;
  readonly host?: 'shared' | 'own' | 'dedicated';
  readonly memory?: string;
  readonly nice?: number;
}

/** The built agent as a process of its own. `plugins` are settings by name; `bench` is there without any. */
export async function startAgent(
  resources: string,
  plugins: Readonly<Record<string, PluginSettings>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<StartedAgent> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('bench'));
  const port = await freePort();
  await writeFile(join(folder.path, 'bench.mjs'), BENCH_PLUGIN);
  const settings = JSON.stringify({ ...plugins, bench: { path: './bench.mjs', ...plugins.bench } });
  const configure = async (given: string) => {
    const file = join(folder.path, 'informer.yaml');
    const head = `web: {listen: ['127.0.0.1:${port}']}\nstate_dir: state\nplugins: ${settings}\n`;
    await writeFile(`${file}.new`, head + given);
    await rename(`${file}.new`, file);
  };
  await configure(resources);
  const startedAt = performance.now();
  const running = stack.use(
    await startProcess({
      command: process.execPath,
      args: [INFORMER, 'run'],
      cwd: folder.path,
      env,
      ready: () => true,
    }),
  );
  const ended = new AbortController();
  void running.exited.then((how) => {
    ended.abort(new Error(`The agent ended by itself (${how}); its output:\n${running.output()}`));
  });
  const since = async (path: string) => {
    const answers = async () => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      await response.arrayBuffer();
      return response.ok;
    };
    const what = `the agent to answer at ${path}`;
    await waitFor(answers, { what, timeout: 20_000, interval: 2, signal: ended.signal });
    return performance.now() - startedAt;
  };
  const answeredMs = await since('/metrics');
  const readyMs = await since('/-/ready');
  const owned = stack.move();
  return {
    pid: running.pid,
    port,
    process: running,
    startedAt,
    answeredMs,
    readyMs,
    configure,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
