import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { processesIn } from './left-behind.ts';
import { startNats } from './nats.ts';
import { startNginx } from './nginx.ts';
import { startPgbouncer } from './pgbouncer.ts';
import { startPostgres } from './postgres.ts';
import { promtoolCheckMetrics, startPrometheus } from './prometheus.ts';
import { startRabbitmq } from './rabbitmq.ts';
import { startRedis } from './redis.ts';
import { type TemporaryFolder, temporaryFolder } from './temp.ts';
import { waitFor } from './wait.ts';

let home: TemporaryFolder;

beforeEach(async () => {
  home = await temporaryFolder('servers');
  // PostgreSQL under its own account has to reach its folder.
  await chmod(home.path, 0o755);
  vi.stubEnv('TMPDIR', home.path);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await home[Symbol.asyncDispose]();
});

async function stopsWholly(server: { stop(): Promise<void> }): Promise<void> {
  expect(processesIn(home.path)).not.toEqual([]);
  await server.stop();
  expect(processesIn(home.path)).toEqual([]);
  expect(readdirSync(home.path)).toEqual([]);
}

test('PostgreSQL answers SQL with its own settings', async () => {
  await using server = await startPostgres({ settings: { max_connections: '17' } });
  expect(await server.query('show max_connections')).toBe('17');
  await expect(server.query('select nothing')).rejects.toThrow(/column "nothing" does not exist/);
  await stopsWholly(server);
});

test('pgbouncer pools the connections to PostgreSQL', async () => {
  await using postgres = await startPostgres();
  await using server = await startPgbouncer({ postgres, settings: { pool_mode: 'transaction' } });
  expect(await server.query('select 40 + 2')).toBe('42');
  expect(await server.admin('show pools')).toMatch(/^postgres\|postgres\|.*\|transaction$/m);
  await server.stop();
  await stopsWholly(postgres);
});

test('Redis answers commands, with a password too', async () => {
  await using server = await startRedis({ password: 'top secret' });
  expect(await server.command('rpush', 'jobs', 'a', 'b')).toBe('2');
  await expect(server.command('lpush', 'jobs')).rejects.toThrow(/wrong number of arguments/);
  expect(server.url).toBe(`redis://:top%20secret@127.0.0.1:${server.port}`);
  await stopsWholly(server);
});

test('RabbitMQ takes a message through its management API and listens for AMQP', async () => {
  await using server = await startRabbitmq();
  await server.api('PUT', '/api/queues/%2F/orders', { durable: true });
  const message = { properties: {}, routing_key: 'orders', payload: 'x', payload_encoding: 'string' };
  expect(await server.api('POST', '/api/exchanges/%2F/amq.default/publish', message)).toEqual({
    routed: true,
  });
  await expect(server.api('GET', '/api/queues/%2F/none')).rejects.toThrow(/HTTP 404/);

  const amqp = connect(server.port, '127.0.0.1');
  amqp.write('AMQP\0\0\x09\x01', 'latin1');
  const [connectionStart] = (await once(amqp, 'data')) as [Buffer];
  expect(connectionStart.toString('latin1')).toContain('RabbitMQ');
  amqp.destroy();
  await stopsWholly(server);
});

test('NATS greets its clients and has JetStream', async () => {
  await using server = await startNats();
  const client = connect(server.port, '127.0.0.1');
  const [greeting] = (await once(client, 'data')) as [Buffer];
  expect(greeting.toString()).toMatch(/^INFO \{.*"jetstream":true/);
  client.destroy();
  expect(await (await fetch(`${server.monitoringUrl}/jsz`)).json()).toMatchObject({ streams: 0 });
  await stopsWholly(server);
});

test('nginx serves its snippet and its files', async () => {
  await using server = await startNginx({
    server: 'location = /health { return 204; } location /pages/ { root files; }',
    files: { 'files/pages/a.txt': 'page a' },
  });
  expect((await fetch(`${server.url}/health`)).status).toBe(204);
  expect(await (await fetch(`${server.url}/pages/a.txt`)).text()).toBe('page a');
  await stopsWholly(server);
});

test('nginx that rejects its configuration says why', async () => {
  await expect(startNginx({ server: 'nonsense;' })).rejects.toThrow(/unknown directive "nonsense"/);
  expect(processesIn(home.path)).toEqual([]);
  expect(readdirSync(home.path)).toEqual([]);
});

test('Prometheus scrapes a target and answers queries', async () => {
  const target = createServer((_, response) => {
    response
      .setHeader('content-type', 'text/plain; version=0.0.4')
      .end('# TYPE depth gauge\ndepth{q="a"} 7\n');
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
  await using server = await startPrometheus({
    scrapeConfigs: [{ job_name: 'agent', static_configs: [{ targets: [address] }] }],
  });
  expect(await server.untilUp()).toMatchObject([{ scrapeUrl: `http://${address}/metrics`, lastError: '' }]);
  expect(await server.queryUntilAny('depth')).toMatchObject([{ metric: { q: 'a', job: 'agent' }, value: 7 }]);

  target.close();
  target.closeAllConnections();
  await waitFor(async () => (await server.query('up'))[0]?.value === 0, { what: 'up to become 0' });
  await expect(server.query('depth{')).rejects.toThrow(/parse error/);
  await stopsWholly(server);
});

test('promtool tells a clean exposition from one that is not', async () => {
  const clean = '# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total 1\n';
  expect(await promtoolCheckMetrics(clean)).toMatchObject({ code: 0, stderr: '' });
  const unclean = await promtoolCheckMetrics(clean.replaceAll('jobs_total', 'jobs'));
  expect(unclean).toMatchObject({ code: 3, stderr: expect.stringContaining('_total') });
});
