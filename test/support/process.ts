import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Account } from './account.ts';
import { waitFor } from './wait.ts';

export interface ProcessOptions {
  command: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** The account to run as; without it, that of the test. */
  account?: Account | undefined;
  /** Looked at until it gives true; a throw counts as not yet. */
  ready: (output: string) => boolean | Promise<boolean>;
  /** Milliseconds until a process that is not ready is ended. */
  timeout?: number;
  /** How much of its output is kept, in characters; 64 KiB unless told otherwise. */
  outputLimit?: number;
  stopSignal?: NodeJS.Signals;
  /** Milliseconds between the stop signal and SIGKILL. */
  grace?: number;
}

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** Gives how it ended, once it did: "exit code 1". */
  readonly exited: Promise<string>;
  /** The end of stdout and stderr together, as much as `outputLimit` keeps. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end, kills it after the grace, and leaves nothing of its process group. */
  stop(): Promise<void>;
}

const OUTPUT_LIMIT = 65_536;
const SETPRIV = '/usr/bin/setpriv';

/** Starts a program, in a process group of its own, and waits until it is ready. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const name = basename(options.command);
  const child = launch(options);
  let text = '';
  const keep = (chunk: string) => {
    text = (text + chunk).slice(-(options.outputLimit ?? OUTPUT_LIMIT));
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);

  const ended = new AbortController();
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // 'close' comes after the last output; a grandchild that keeps the pipes open must not delay it.
    child.once('exit', (code, signal) => {
      child.once('close', () => resolve(signal ?? `exit code ${code}`));
      setTimeout(() => resolve(signal ?? `exit code ${code}`), 200).unref();
    });
  });
  const withOutput = (fact: string) => `${fact}; its output:\n${text.trimEnd() || '(none)'}`;
  void exited.then((how) => ended.abort(new Error(withOutput(`${name} ended (${how}) before it was ready`))));

  const stop = () => end(child, exited, ended.signal, options);
  try {
    await waitFor(() => options.ready(text), {
      what: `${name} to be ready`,
      timeout: options.timeout ?? 20_000,
      signal: ended.signal,
    });
  } catch (error) {
    await stop();
    if (error === ended.signal.reason) throw error;
    throw new Error(withOutput(error instanceof Error ? error.message : String(error)), { cause: error });
  }
  return {
    pid: child.pid ?? 0,
    exited,
    output: () => text,
    signal: (signal) => void child.kill(signal),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function launch({ command, args = [], env = {}, cwd, account, stopSignal = 'SIGTERM' }: ProcessOptions) {
  // The kernel ends the child when the test's process dies, however it dies.
  const tied = existsSync(SETPRIV);
  const signalName = stopSignal.replace(/^SIG/, '');
  return spawn(
    tied ? SETPRIV : command,
    tied ? ['--pdeathsig', signalName, '--', command, ...args] : [...args],
    {
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
}

async function end(
  child: ChildProcess,
  exited: Promise<string>,
  ended: AbortSignal,
  { stopSignal = 'SIGTERM', grace = 5_000 }: ProcessOptions,
): Promise<void> {
  if (child.pid === undefined) return;
  if (!ended.aborted) {
    child.kill(stopSignal);
    // A stopped process would not see the signal until it is continued.
    child.kill('SIGCONT');
    const killer = setTimeout(() => child.kill('SIGKILL'), grace);
    await exited;
    clearTimeout(killer);
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
