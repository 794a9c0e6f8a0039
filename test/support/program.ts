import { chown, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Account } from './account.ts';
import { Exposition } from './agent.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { temporaryFolder } from './temp.ts';

/** The built command line's entry. */
export const INFORMER = fileURLToPath(new URL('../../agent/bin/informer.mjs', import.meta.url));

/** Runs the built command line to its end. */
export function informer(
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<ProgramResult> {
  return runProgram(process.execPath, [INFORMER, ...args], options);
}

export interface RunningInformer extends AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  readonly port: number;
  readonly process: RunningProcess;
  write(name: string, text: string): Promise<void>;
  configure(resources: string): Promise<void>;
  scrape(query?: string): Promise<Exposition>;
}

/** The built agent as a process of its own; `web` and `state_dir` are written for the test. */
export async function startInformer(options: {
  config: string;
  env?: Readonly<Record<string, string>>;
  args?: readonly string[];
  files?: Readonly<Record<string, string>>;
  /** More of `web`: `key: value, key: value`. */
  web?: string;
  outputLimit?: number;
  /** Puts the configuration where `args` say, instead of writing informer.yaml. */
  place?: (folder: string, text: string) => Promise<void>;
  /** The account to run as, which then owns the folder; without it, that of the test. */
  account?: Account | undefined;
  /** Milliseconds until an agent that is not ready is ended. */
  timeout?: number;
}): Promise<RunningInformer> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('run'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const web = options.web === undefined ? '' : `, ${options.web}`;
  const common = `web: {listen: ['127.0.0.1:${port}']${web}}\nstate_dir: state\n`;
  const write = async (name: string, text: string) => {
    const path = join(folder.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  for (const [name, text] of Object.entries(options.files ?? {})) await write(name, text);
  if (options.place) await options.place(folder.path, common + options.config);
  else await write('informer.yaml', common + options.config);
  const { account } = options;
  if (account) {
    for (const name of ['.', ...(await readdir(folder.path, { recursive: true }))]) {
      await chown(join(folder.path, name), account.uid, account.gid);
    }
  }
  const running = stack.use(
    await startProcess({
      command: process.execPath,
      args: [INFORMER, 'run', ...(options.args ?? [])],
      cwd: folder.path,
      ...(account && { account }),
      ...(options.env && { env: options.env }),
      ...(options.outputLimit !== undefined && { outputLimit: options.outputLimit }),
      ...(options.timeout !== undefined && { timeout: options.timeout }),
      ready: async () => (await fetch(`${url}/-/ready`)).ok,
    }),
  );
  const owned = stack.move();
  return {
    folder: folder.path,
    url,
    port,
    process: running,
    write,
    configure: (resources) => write('informer.yaml', common + resources),
    async scrape(query = '') {
      const response = await fetch(`${url}/metrics${query}`);
      if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
      return new Exposition(await response.text());
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
