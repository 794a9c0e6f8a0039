import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Logger } from '@dynamic-informer/sdk';

/**
 * Begins with the process groups of its arguments, and keeps the list by lines of `+ PGID` and `- PGID`. Only the agent holds the other end of the
 * pipe, so its end is the agent's, however that came; then the groups that are still listed are killed.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM
groups=$*
while read -r change group; do
  case $change in
    +) groups="$groups $group" ;;
    -)
      kept=
      for one in $groups; do [ "$one" = "$group" ] || kept="$kept $one"; done
      groups=$kept
      ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`;

/** One that ends again and again is not started more often than this. */
const PAUSE_MS = 1_000;

/**
 * Ends what plugins have started when the agent ends without being able to: one small shell for all hosts,
 * in a session of its own. It runs while there are hosts.
 */
export class Watchdog {
  readonly #log: Logger;
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;
  #startedAt = Number.NEGATIVE_INFINITY;
  #restart: NodeJS.Timeout | undefined;
  #hasTold = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** From now on the group ends with the agent. */
  add(group: number): void {
    this.#groups.add(group);
    if (this.#shell) this.#shell.stdin?.write(`+ ${group}\n`);
    else this.#start();
  }

  /** To be called when the group's leader has been reaped: its number may be another's soon. */
  remove(group: number): void {
    if (!this.#groups.delete(group)) return;
    this.#shell?.stdin?.write(`- ${group}\n`);
    if (this.#groups.size > 0) return;
    clearTimeout(this.#restart);
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #start(): void {
    clearTimeout(this.#restart);
    this.#startedAt = performance.now();
    try {
      this.#shell = this.#spawn();
    } catch (error) {
      this.#tell((error as Error).message);
    }
  }

  #spawn(): ChildProcess {
    // What there is stands in the command line: the agent may end before it can write anything.
    const groups = [...this.#groups].map(String);
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'informer-watchdog', ...groups], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
      env: {},
    });
    shell.unref();
    // Where files can't be opened any more, there is a child without pipes, in spite of its type.
    const input = shell.stdin as Socket | undefined;
    input?.unref();
    // It ended already, which its exit event reports.
    input?.on('error', () => undefined);
    shell.once('error', (error) => {
      if (shell === this.#shell) this.#shell = undefined;
      this.#tell(error.message);
    });
    shell.once('exit', (code, signal) => this.#ended(shell, signal ?? `exit code ${code}`));
    return shell;
  }

  #ended(shell: ChildProcess, how: string): void {
    if (shell !== this.#shell) return;
    this.#shell = undefined;
    this.#tell(how);
    const wait = Math.max(0, this.#startedAt + PAUSE_MS - performance.now());
    this.#restart = setTimeout(() => this.#start(), wait);
    this.#restart.unref();
  }

  /** It can happen again with every host that starts, and says nothing new then. */
  #tell(reason: string): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    this.#log.warn('the watchdog does not run, it is started again', {
      reason,
      effect: 'while there is none, processes that plugins have started outlive an agent that is killed',
    });
  }
}
