import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountFor } from './account.ts';
import { program } from './packages.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { outputOf } from './run-program.ts';
import { type RunningServer, running } from './server.ts';
import { temporaryFolder } from './temp.ts';

export interface PgbouncerOptions {
  /** The PostgreSQL behind it, on 127.0.0.1. */
  postgres: { readonly port: number };
  port?: number;
  /** Of the section `[pgbouncer]`: `{ pool_mode: 'transaction' }`. */
  settings?: Readonly<Record<string, string>>;
}

export interface Pgbouncer extends RunningServer {
  readonly port: number;
  /** The database `postgres` through the pool. */
  readonly url: string;
  /** The admin console, which answers `SHOW POOLS`. */
  readonly adminUrl: string;
  readonly process: RunningProcess;
  /** Runs SQL through the pool; gives the rows as lines, columns split by `|`. */
  query(sql: string): Promise<string>;
  /** Runs a command of the admin console. */
  admin(command: string): Promise<string>;
}

/** A pgbouncer in front of a PostgreSQL; everyone is the user `postgres`, without a password. */
export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('pgb'));
  const port = options.port ?? (await freePort());
  // It refuses to run as root.
  const account = await accountFor('postgres');
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: join(folder.path, 'users.txt'),
    admin_users: 'postgres',
    ignore_startup_parameters: 'extra_float_digits',
    ...options.settings,
  };
  const config = [
    '[databases]',
    `* = host=127.0.0.1 port=${options.postgres.port} user=postgres`,
    '[pgbouncer]',
    ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`),
  ];
  const file = join(folder.path, 'pgbouncer.ini');
  await writeFile(file, `${config.join('\n')}\n`);
  await writeFile(settings.auth_file, '"postgres" ""\n');
  if (account) await chown(folder.path, account.uid, account.gid);

  const server = stack.use(
    await startProcess({
      command: program('pgbouncer'),
      args: [file],
      cwd: folder.path,
      account,
      ready: (output) => output.includes('process up'),
      // SIGINT would wait for the clients.
      stopSignal: 'SIGTERM',
    }),
  );
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const psql = (database: string, sql: string) =>
    outputOf(program('psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url(database), '-c', sql]);
  return running(stack, {
    port,
    url: url('postgres'),
    adminUrl: url('pgbouncer'),
    process: server,
    query: (sql: string) => psql('postgres', sql),
    admin: (command: string) => psql('pgbouncer', command),
  });
}
