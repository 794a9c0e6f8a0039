import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import type { HostAccount } from '../contract.ts';
import { findProgram } from './os-limits.ts';

/** How a program is started so that the kernel holds it to what a host may be. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: {
    readonly env: NodeJS.ProcessEnv;
    readonly cwd?: string;
    readonly uid?: number;
    readonly gid?: number;
  };
}

/**
 * What the operator's own environment may overrule: certificates are checked against the system's store too,
 * as Go programs do, and a name server that hangs does not keep the other look-ups of a host waiting.
 */
const HOST_ENVIRONMENT = { NODE_USE_SYSTEM_CA: '1', UV_THREADPOOL_SIZE: '16' };

/** What a host that runs as another user gets of the agent's environment, where secrets may stand. */
const SHARED_VARIABLES =
  /^(PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ|TZDIR|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA|UV_THREADPOOL_SIZE)$/;

let setpriv: Promise<string | undefined> | undefined;

/**
 * The path of util-linux' setpriv, or `undefined` where there is none that can do what is needed: the one of
 * busybox can't, nor can that of util-linux before 2.33.
 */
export function findSetpriv(): Promise<string | undefined> {
  setpriv ??= probeSetpriv();
  return setpriv;
}

async function probeSetpriv(): Promise<string | undefined> {
  const path = findProgram('setpriv');
  if (path === undefined || realpathSync(path).endsWith('busybox')) return undefined;
  const help = await new Promise<string | undefined>((resolve) => {
    const options = { env: { LC_ALL: 'C' }, timeout: 5_000 };
    execFile(path, ['--help'], options, (error, stdout) => resolve(error ? undefined : stdout));
  });
  // It could not be asked now, as when too many files are open; the next host asks again.
  if (help === undefined) setpriv = undefined;
  return help?.includes('--pdeathsig') ? path : undefined;
}

/**
 * How to start a command as a host: it ends with the agent, however the agent ends, and runs as the account
 * if there is one. The signal comes last in what setpriv does, for the kernel forgets it when a process
 * changes its user.
 */
export async function launchAs(
  account: HostAccount | undefined,
  command: readonly [string, ...string[]],
): Promise<Launch> {
  const program = await findSetpriv();
  const [first, ...rest] = command;
  if (account === undefined) {
    const options = { env: { ...HOST_ENVIRONMENT, ...process.env } };
    return program === undefined
      ? { command: first, args: rest, options }
      : { command: program, args: ['--pdeathsig=KILL', '--', ...command], options };
  }
  const { uid, gid, home } = account;
  const options = { env: environmentOf(account), cwd: '/' };
  // Without setpriv, Node.js changes the user and drops all further groups.
  if (program === undefined) return { command: first, args: rest, options: { ...options, uid, gid } };
  const groups = home === undefined ? '--clear-groups' : '--init-groups';
  const limits = [`--reuid=${uid}`, `--regid=${gid}`, groups, '--inh-caps=-all', '--no-new-privs'];
  return { command: program, args: [...limits, '--pdeathsig=KILL', '--', ...command], options };
}

function environmentOf({ name, home }: HostAccount): NodeJS.ProcessEnv {
  const shared = Object.entries(process.env).filter(([variable]) => SHARED_VARIABLES.test(variable));
  return {
    ...HOST_ENVIRONMENT,
    ...Object.fromEntries(shared),
    HOME: home ?? '/',
    USER: name,
    LOGNAME: name,
  };
}
