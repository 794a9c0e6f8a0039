import { startHttp } from '../support/http-server.ts';
import { missingOf } from '../support/packages.ts';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { note } from './harness.ts';
import type { Opened } from './started-host.ts';

export interface BuiltIns extends AsyncDisposable {
  readonly plugins: readonly Opened[];
}

/** Built-in plugins with servers to look at; those of which the server is not installed are left out. */
export async function startBuiltIns(): Promise<BuiltIns> {
  await using stack = new AsyncDisposableStack();
  const http = stack.use(await startHttp((_request, response) => response.end('well\n')));
  const plugins: Opened[] = [{ plugin: 'http-probe', config: { targets: [http.url] } }];
  if (isInstalled('redis-server')) {
    const redis = stack.use(await startRedis());
    await redis.command('RPUSH', 'orders', 'one');
    const config = { broker: 'redis', url: redis.url, queues: ['orders'] };
    plugins.push({ plugin: 'queue-depth', config });
  }
  if (isInstalled('postgresql')) {
    const { url } = stack.use(await startPostgres());
    plugins.push({ plugin: 'db-pool', config: { engine: 'postgres', url } });
  }
  const owned = stack.move();
  return { plugins, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function isInstalled(name: string): boolean {
  const isThere = missingOf([name]).length === 0;
  if (!isThere) note(`hosts: ${name} is not installed; what needs it is left out.`);
  return isThere;
}
