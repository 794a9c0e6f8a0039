import { createServer } from 'node:net';
import { join } from 'node:path';
import { openForTest } from '@dynamic-informer/sdk/testing';
import { expect, it } from 'vitest';
import { freePort } from '../../../test/support/ports.ts';
import { startRedis } from '../../../test/support/redis.ts';
import { temporaryFolder } from '../../../test/support/temp.ts';
import { waitFor } from '../../../test/support/wait.ts';
import plugin from '../index.ts';
import { selfSigned } from '../testing/certificate.ts';

const open = (config: object, directory?: string) =>
  openForTest(plugin, { broker: 'redis', ...config }, directory === undefined ? {} : { directory });

async function collectOnce(config: object, directory?: string) {
  await using collector = await open(config, directory);
  return await collector.collect();
}

const ready = (queue: string) => ({ broker: 'redis', queue, state: 'ready' });

it('follows a list, as redis-cli sees it', async () => {
  await using redis = await startRedis();
  await using collector = await open({ url: redis.url, queues: ['orders'] });
  const depth = async () => (await collector.collect()).value('queue_depth', ready('orders'));

  expect(await depth()).toBe(0);
  await redis.command('LPUSH', 'orders', 'a', 'b', 'c');
  expect(await depth()).toBe(Number(await redis.command('LLEN', 'orders')));
  await redis.command('RPOP', 'orders');
  expect(await depth()).toBe(2);
});

it('says how far a consumer group is behind, and forgets nothing that waits for an acknowledgement', async () => {
  await using redis = await startRedis();
  const { command } = redis;
  await using collector = await open({ url: redis.url, queues: ['events'] });
  const hourAgo = Date.now() - 3_600_000;
  await command('XADD', 'events', `${hourAgo}-0`, 'n', '1');
  await command('XADD', 'events', '*', 'n', '2');
  await command('XGROUP', 'CREATE', 'events', 'mail', '0');
  const labels = { broker: 'redis', queue: 'events', group: 'mail' };
  const look = async () => {
    const { value } = await collector.collect();
    const [lag, pending, consumers, age] = ['lag', 'pending', 'consumers', 'oldest_age_seconds'].map((name) =>
      value(`queue_group_${name}`, labels),
    );
    return { lag, pending, consumers, hours: Math.floor((age ?? Number.NaN) / 3600) };
  };

  expect(await look()).toEqual({ lag: 2, pending: 0, consumers: 0, hours: 1 });
  await command('XREADGROUP', 'GROUP', 'mail', 'one', 'COUNT', '2', 'STREAMS', 'events', '>');
  expect(await look()).toEqual({ lag: 0, pending: 2, consumers: 1, hours: 1 });
  await command('XACK', 'events', 'mail', `${hourAgo}-0`);
  expect(await look()).toEqual({ lag: 0, pending: 1, consumers: 1, hours: 0 });
  await command('XADD', 'events', '*', 'n', '3');
  const deleted = await command('XADD', 'events', '*', 'n', '4');
  await command('XADD', 'events', '*', 'n', '5');
  expect((await look()).lag).toBe(3);
  // With a hole in what is still to be delivered, Redis does not know the lag.
  await command('XDEL', 'events', deleted);
  expect(await command('XINFO', 'GROUPS', 'events')).toMatch(/lag\n$/);
  expect((await look()).lag).toBeUndefined();
});

it('gives no age to entries whose ids are not times', async () => {
  await using redis = await startRedis();
  await redis.command('XADD', 'events', '7-1', 'n', '1');
  const { exposition } = await collectOnce({ url: redis.url, queues: ['events'] });
  expect(exposition).toContain('queue_depth');
  expect(exposition).not.toContain('age');
});

it('keeps the queues that it can read when one is of the wrong type', async () => {
  await using redis = await startRedis();
  await redis.command('SET', 'greeting', 'hello');
  await redis.command('RPUSH', 'orders', 'a');
  const { outcome, errors, value } = await collectOnce({ url: redis.url, queues: ['greeting', 'orders'] });
  expect(outcome).toBe('partial');
  expect(errors).toMatchObject([
    {
      code: 'TARGET_QUEUE',
      message: `${redis.url}: queue "greeting": the key holds a string, not a list, stream, zset or set`,
      fix: 'Correct the name or the kind in the configuration.',
    },
  ]);
  expect(value('queue_depth', ready('orders'))).toBe(1);
});

it('logs in with a password from the url or beside it, and never shows one', async () => {
  const password = 'p@ss/wörd%';
  await using redis = await startRedis({ password });
  const url = `redis://127.0.0.1:${redis.port}`;
  const queues = ['orders'];
  expect((await collectOnce({ url: redis.url, queues })).outcome).toBe('ok');
  expect((await collectOnce({ url, password, queues })).outcome).toBe('ok');
  expect((await collectOnce({ url, username: 'default', password, queues })).outcome).toBe('ok');

  const wrong = await collectOnce({ url: url.replace('//', '//:hunter2@'), queues });
  expect(wrong.errors).toMatchObject([
    {
      code: 'TARGET_AUTH',
      message: `${url}: refuses the login: WRONGPASS invalid username-password pair or user is disabled.`,
    },
  ]);
  const none = await collectOnce({ url, queues });
  expect(none.errors).toMatchObject([{ code: 'TARGET_AUTH', message: `${url}: wants a password` }]);
  expect(JSON.stringify([wrong, none])).not.toContain('hunter2');
});

it('reads what an ACL user may read, and says what it may not', async () => {
  await using redis = await startRedis();
  await redis.command('ACL', 'SETUSER', 'informer', 'on', '>secret', '~orders', '+@read', '+@connection');
  await redis.command('RPUSH', 'orders', 'a');
  const { value, errors, outcome } = await collectOnce({
    url: redis.url,
    username: 'informer',
    password: 'secret',
    queues: ['orders', 'payroll'],
  });
  expect(outcome).toBe('partial');
  expect(value('queue_depth', ready('orders'))).toBe(1);
  expect(errors).toMatchObject([
    { code: 'TARGET_QUEUE', message: expect.stringContaining('"payroll": Redis answers: NOPERM') },
  ]);
});

it('keeps one connection, and opens another when that was closed meanwhile', async () => {
  await using redis = await startRedis();
  const ids = async () =>
    [...(await redis.command('CLIENT', 'LIST')).matchAll(/id=(\d+) .*name=dynamic-informer/g)].map(
      ([, id]) => id,
    );
  {
    await using collector = await open({ url: redis.url, queues: ['orders'] });
    await collector.collect();
    const [first, ...others] = await ids();
    expect(others).toEqual([]);
    await collector.collect();
    expect(await ids()).toEqual([first]);
    await redis.command('CLIENT', 'KILL', 'ID', String(first));
    expect((await collector.collect()).outcome).toBe('ok');
    expect(await ids()).not.toEqual([first]);
  }
  await waitFor(async () => (await ids()).length === 0, { what: 'the connection to be closed' });
});

it('is a failed target while the server is down, and reads it again when it is back', async () => {
  const port = await freePort();
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await startRedis({ port }));
  const collector = stack.use(await open({ url: first.url, queues: ['orders'] }));
  expect((await collector.collect()).outcome).toBe('ok');

  first.process.signal('SIGKILL');
  await first.process.exited;
  const { outcome, errors, exposition } = await collector.collect();
  expect([outcome, exposition]).toEqual(['target', '']);
  expect(errors).toMatchObject([
    { code: 'TARGET_UNREACHABLE', message: `${first.url}: refuses the connection` },
  ]);

  const second = stack.use(await startRedis({ port }));
  await second.command('RPUSH', 'orders', 'a');
  expect((await collector.collect()).value('queue_depth', ready('orders'))).toBe(1);
});

it('gives up at its deadline on a server that hangs, connected or not', async () => {
  await using redis = await startRedis();
  await using connected = await open({ url: redis.url, queues: ['orders'] });
  await using fresh = await open({ url: redis.url, queues: ['orders'] });
  await connected.collect();
  redis.process.signal('SIGSTOP');
  for (const collector of [connected, fresh]) {
    expect((await collector.collect({ timeoutMs: 100 })).outcome).toBe('timeout');
  }
  redis.process.signal('SIGCONT');
  for (const collector of [connected, fresh]) expect((await collector.collect()).outcome).toBe('ok');
});

it('says that a server is busy with a script', async () => {
  await using redis = await startRedis({ args: ['--busy-reply-threshold', '1'] });
  const script = redis.command('EVAL', 'while true do end', '0');
  const ended = script.then(
    () => 'ended',
    () => 'killed',
  );
  await waitFor(
    () =>
      redis.command('PING').then(
        () => false,
        (error) => String(error).includes('BUSY'),
      ),
    {
      what: 'the server to be busy',
    },
  );
  const { errors } = await collectOnce({ url: redis.url, queues: ['orders'] });
  expect(errors).toMatchObject([
    { code: 'TARGET_NOT_READY', message: `${redis.url}: is busy running a script` },
  ]);
  await redis.command('SCRIPT', 'KILL');
  expect(await ended).toBe('killed');
});

it('says that a server is loading its data, or lost its master', async () => {
  await using loading = await startRedis({
    args: [
      '--enable-debug-command',
      'local',
      '--key-load-delay',
      '2000',
      '--loading-process-events-interval-bytes',
      '1024',
    ],
  });
  await using collector = await open({ url: loading.url, queues: ['orders'] });
  await loading.command('DEBUG', 'POPULATE', '2000');
  const reload = loading.command('DEBUG', 'RELOAD').catch(String);
  const { errors } = await waitFor(
    async () => {
      const result = await collector.collect();
      return result.outcome !== 'ok' && result;
    },
    { what: 'the server to load its data' },
  );
  expect(errors).toMatchObject([
    { code: 'TARGET_NOT_READY', message: `${loading.url}: is still loading its data` },
  ]);
  loading.process.signal('SIGKILL');
  await reload;

  await using orphan = await startRedis({
    args: ['--replicaof', '127.0.0.1 1', '--replica-serve-stale-data', 'no'],
  });
  expect((await collectOnce({ url: orphan.url, queues: ['orders'] })).errors).toMatchObject([
    {
      code: 'TARGET_NOT_READY',
      message: `${orphan.url}: is a replica that lost its master, and serves no stale data`,
    },
  ]);
});

it('reads the database that is asked for, and says when there is none', async () => {
  await using redis = await startRedis();
  await redis.command('-n', '3', 'RPUSH', 'orders', 'a');
  for (const where of [{ url: `${redis.url}/3` }, { url: redis.url, db: 3 }]) {
    expect((await collectOnce({ ...where, queues: ['orders'] })).value('queue_depth')).toBe(1);
  }
  const { errors } = await collectOnce({ url: `${redis.url}/99`, queues: ['orders'] });
  expect(errors).toMatchObject([
    {
      code: 'TARGET_REFUSED',
      message: `${redis.url}/99: database 99 can not be used: ERR DB index is out of range`,
    },
  ]);
});

it('speaks TLS and checks the certificate, or uses a unix socket', async () => {
  await using folder = await temporaryFolder('tls');
  const at = (name: string) => join(folder.path, name);
  const { certFile, keyFile } = await selfSigned(folder.path);
  const port = await freePort();
  const certificate = ['--tls-cert-file', certFile, '--tls-key-file', keyFile];
  await using redis = await startRedis({
    args: [
      '--tls-port',
      String(port),
      ...certificate,
      '--tls-auth-clients',
      'no',
      '--unixsocket',
      at('redis.sock'),
    ],
  });
  await redis.command('RPUSH', 'orders', 'a');
  const url = `rediss://localhost:${port}`;
  const queues = ['orders'];

  const trusted = await collectOnce({ url, tls: { ca_file: 'cert.pem' }, queues }, folder.path);
  expect(trusted.value('queue_depth')).toBe(1);
  expect((await collectOnce({ url: `unix://${at('redis.sock')}`, queues })).value('queue_depth')).toBe(1);
  expect((await collectOnce({ url, tls: { insecure_skip_verify: true }, queues })).outcome).toBe('ok');

  const errorsOf = async (config: object) => (await collectOnce({ queues, ...config })).errors;
  expect(await errorsOf({ url })).toMatchObject([
    { code: 'TARGET_TLS', message: `${url}: TLS: self-signed certificate` },
  ]);
  expect(await errorsOf({ url, tls: { ca_file: at('none.pem') } })).toMatchObject([
    { code: 'TARGET_TLS', message: `${at('none.pem')}: can not be read (ENOENT)` },
  ]);
});

it('says so when something else than Redis answers', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  try {
    const url = `redis://127.0.0.1:${port}`;
    const { outcome, errors } = await collectOnce({ url, queues: ['orders'] });
    expect(outcome).toBe('target');
    expect(errors).toMatchObject([{ code: 'TARGET_UNREACHABLE', message: `${url}: closed the connection` }]);
  } finally {
    server.close();
  }
});
