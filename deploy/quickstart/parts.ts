import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Children } from './children.ts';
import { createFolder, type Folder } from './folder.ts';
import { startJobApi } from './job-api.ts';
import { JobStore } from './job-store.ts';
import { startPostgres } from './postgres.ts';
import { reasonOf, say } from './say.ts';
import { startTraffic } from './traffic.ts';

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Flags that keep a small Node.js process small. */
export const SMALL = ['--max-semi-space-size=1', '--max-old-space-size=64'];

export interface Parts extends AsyncDisposable {
  readonly children: Children;
  readonly folder: Folder;
  /** What informer.yaml takes from the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves with whether PostgreSQL accepts connections and jobs come in. */
  readonly working: Promise<boolean>;
}

/**
 * Starts what the quickstart watches: a job API with its client in this process, a worker process, and a
 * PostgreSQL. It doesn't wait for PostgreSQL: what needs it says so until it is there.
 */
export async function startParts(): Promise<Parts> {
  await using stack = new AsyncDisposableStack();
  const folder = await createFolder();
  const children = stack.use(new Children(folder.path));
  const database = await startPostgres(children, folder);
  stack.defer(() => database.stop());
  const store = new JobStore(database.url, 'quickstart-api', 3);
  stack.defer(() => store.close());
  const api = await startJobApi(store, folder);
  stack.defer(() => api.stop());
  const env = {
    QUICKSTART_FOLDER: folder.path,
    QUICKSTART_SPOOL: folder.spool,
    QUICKSTART_ACCESS_LOG: folder.accessLog,
    QUICKSTART_STATE_DIR: folder.state,
    QUICKSTART_TOKEN_FILE: folder.tokenFile,
    QUICKSTART_SERVICE_URL: api.url,
    QUICKSTART_DATABASE_URL: database.url,
    QUICKSTART_DATABASE_PID_FILE: database.pidFile,
  };
  const worker = children.start(process.execPath, [...SMALL, beside('./worker.js')], {
    cwd: folder.path,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
  stack.defer(() => worker.stop('SIGTERM'));

  const ended = new AbortController();
  const working = (async () => {
    try {
      await database.ready;
      await store.createTable();
    } catch (error) {
      if (ended.signal.aborted) return false;
      say(`PostgreSQL can not be used, the rest goes on without it: ${reasonOf(error)}`);
    }
    if (ended.signal.aborted) return false;
    const content = await readFile(beside('../informer.yaml'), 'utf8');
    const traffic = startTraffic(api.url, content);
    ended.signal.addEventListener('abort', () => traffic.stop());
    return true;
  })();
  stack.defer(() => ended.abort());

  const owned = stack.move();
  return { children, folder, env, working, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
