import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { accountFor } from './account.ts';
import { program } from './packages.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { outputOf } from './run-program.ts';
import { type RunningServer, running } from './server.ts';
import { temporaryFolder } from './temp.ts';

export interface PostgresOptions {
  port?: number;
  /** Of postgresql.conf: `{ max_connections: '20' }`. */
  settings?: Readonly<Record<string, string>>;
}

export interface Postgres extends RunningServer {
  readonly port: number;
  /** As the superuser `postgres`, who needs no password. */
  readonly url: string;
  readonly process: RunningProcess;
  /** Runs SQL through psql; gives the rows as lines, columns split by `|`. */
  query(sql: string): Promise<string>;
}

/** A PostgreSQL with an empty cluster of its own, that forgets everything when it stops. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('pg'));
  const port = options.port ?? (await freePort());
  // initdb and postgres refuse to run as root.
  const account = await accountFor('postgres');
  const data = join(folder.path, 'data');
  await mkdir(data, { mode: 0o700 });
  if (account) for (const path of [folder.path, data]) await chown(path, account.uid, account.gid);

  const cluster = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C'];
  await outputOf(program('initdb'), [...cluster, '--no-sync', '--no-instructions'], {
    cwd: folder.path,
    account,
  });

  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder.path,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '16MB',
    dynamic_shared_memory_type: 'mmap',
    ...options.settings,
  };
  const server = stack.use(
    await startProcess({
      command: program('postgres'),
      args: [
        '-D',
        data,
        '-p',
        String(port),
        ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
      ],
      cwd: folder.path,
      account,
      ready: (output) => output.includes('database system is ready to accept connections'),
      // Its fast shutdown: clients are sent away, not waited for.
      stopSignal: 'SIGINT',
    }),
  );
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return running(stack, {
    port,
    url,
    process: server,
    query: (sql: string) =>
      outputOf(program('psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', sql]),
  });
}
