import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../supervisor.sh', import.meta.url));
/** How long a process may take to end after it was asked to. */
const GRACE_MS = 10_000;

export interface Child {
  readonly process: ChildProcess;
  /** How it ended: an exit code, or the signal's usual code. Rejects if it could not be started. */
  readonly ended: Promise<number>;
  /** Asks it to end, kills it after ten seconds, and waits until it has ended. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Starts processes that end with this one: a shell of a megabyte waits at the other end of a pipe and ends
 * them when this process can't do so any more.
 */
export class Children {
  readonly #supervisor: ChildProcess;

  /** @param folder what is removed when all have ended */
  constructor(folder: string) {
    this.#supervisor = spawn('/bin/sh', [SCRIPT, folder], {
      cwd: '/',
      stdio: ['pipe', 'inherit', 'inherit'],
      // A session of its own, or a signal to the terminal's group would end it first.
      detached: true,
    });
    this.#supervisor.stdin?.on('error', () => {
      // It was ended by somebody else; what it stood for ends with this process as far as it can.
    });
  }

  start(command: string, args: readonly string[], options: SpawnOptions): Child {
    const child = spawn(command, args, { ...options, detached: true });
    const failed = once(child, 'error').then(([error]) => Promise.reject(error));
    const ended = Promise.race([exitOf(child), failed]);
    // Whoever waits for it gets the rejection; nobody has to.
    ended.catch(() => {});
    if (child.pid !== undefined) {
      this.#tell(`+${child.pid}`);
      child.once('exit', () => this.#tell(`-${child.pid}`));
    }
    return { process: child, ended, stop: (signal) => stop(child, ended, signal) };
  }

  /** Ends what still runs, removes the folder, and waits for both. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#supervisor.exitCode !== null || this.#supervisor.signalCode !== null) return;
    const ended = once(this.#supervisor, 'exit');
    this.#supervisor.stdin?.end();
    await ended;
  }

  #tell(line: string): void {
    this.#supervisor.stdin?.write(`${line}\n`);
  }
}

async function exitOf(child: ChildProcess): Promise<number> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? (signal === 'SIGINT' ? 130 : 143);
}

async function stop(child: ChildProcess, ended: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(killer);
}
