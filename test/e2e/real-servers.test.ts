import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Nginx, startNginx } from '../support/nginx.ts';
import { program } from '../support/packages.ts';
import { type Pgbouncer, startPgbouncer } from '../support/pgbouncer.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type RunningInformer, informer as runInformer, startInformer } from '../support/program.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { type Rabbitmq, startRabbitmq } from '../support/rabbitmq.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { runProgram } from '../support/run-program.ts';
import { waitFor } from '../support/wait.ts';

// The whole way, with nothing in it that is not real: servers, agent and the Prometheus that scrapes it.

let nginx: Nginx;
let redis: Redis;
let rabbitmq: Rabbitmq;
let postgres: Postgres;
let pgbouncer: Pgbouncer;
let informer: RunningInformer;
let prometheus: Prometheus;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  [nginx, redis, rabbitmq, postgres] = await Promise.all([
    startNginx({
      server: 'location /health { return 200 "all is well\\n"; } location /gone { return 404; }',
    }),
    startRedis(),
    startRabbitmq(),
    startPostgres({ settings: { max_connections: '40' } }),
  ]);
  pgbouncer = await startPgbouncer({ postgres });
  for (const server of [nginx, redis, rabbitmq, postgres, pgbouncer]) stack.use(server);
  await redis.command('RPUSH', 'jobs', 'a', 'b', 'c');
  await redis.command('XADD', 'events', '*', 'k', 'v');
  await redis.command('XGROUP', 'CREATE', 'events', 'workers', '0');
  await rabbitmq.api('PUT', '/api/queues/%2F/orders', { durable: false });
  await rabbitmq.api('POST', '/api/exchanges/%2F/amq.default/publish', {
    routing_key: 'orders',
    payload: 'one',
    payload_encoding: 'string',
    properties: {},
  });
  informer = stack.use(
    await startInformer({
      files: { 'app.txt': 'GET /a 200 12ms\nGET /b 500 7ms\nGET /c 500 9ms\n', 'redis-url': redis.url },
      env: { AMQP_URL: rabbitmq.url, PG_URL: postgres.url },
      config: `
resources:
  web:
    plugin: http-probe
    labels: {team: shop}
    config: {targets: ['${nginx.url}/health', '${nginx.url}/gone'], body_matches: ['all is well']}
  redis:
    plugin: queue-depth
    config: {broker: redis, url: '\${file:redis-url}', queues: [jobs, {name: events, kind: stream}]}
  rabbit: {plugin: queue-depth, config: {broker: rabbitmq, url: '\${AMQP_URL}', queues: [orders]}}
  spool: {plugin: queue-depth, config: {broker: spool, path: '\${SPOOL:-spool}'}}
  pg: {plugin: db-pool, every: 1s, config: {engine: postgres, url: '\${PG_URL}'}}
  bouncer: {plugin: db-pool, config: {engine: pgbouncer, url: '${pgbouncer.adminUrl}'}}
  log:
    plugin: file-tail
    config:
      files: [app.txt]
      patterns:
        - match: '(?<method>[A-Z]+) (?<path>\\S+) (?<status>\\d+) (?<ms>\\d+)ms'
          metrics:
            - {name: app_requests_total, type: counter, help: Requests by status., labels: {status: status}}
  host: {plugin: host}
`,
    }),
  );
  await mkdir(join(informer.folder, 'spool'), { recursive: true });
  await writeFile(join(informer.folder, 'spool', 'job-1'), 'x'.repeat(100));
  prometheus = stack.use(
    await startPrometheus({
      scrapeInterval: '1s',
      scrapeConfigs: [
        { job_name: 'informer', static_configs: [{ targets: [`127.0.0.1:${informer.port}`] }] },
      ],
    }),
  );
}, 120_000);

afterAll(async () => {
  await stack.disposeAsync();
});

describe('the agent on real servers, scraped by a real Prometheus', () => {
  it('is up, with every resource up and no sample rejected', async () => {
    await prometheus.untilUp();
    await prometheus.queryUntilAny('informer_resource_up');
    const down = async () =>
      (await prometheus.query('informer_resource_up')).filter(({ value }) => value !== 1);
    await waitFor(async () => (await down()).length === 0, { what: 'every resource to be up' });
    const rejected = await prometheus.query(
      'scrape_samples_post_metric_relabeling{job="informer"} != scrape_samples_scraped{job="informer"}',
    );
    expect(rejected).toEqual([]);
    const bad = await prometheus.query(
      'prometheus_target_scrapes_sample_duplicate_timestamp_total > 0 or prometheus_target_scrapes_sample_out_of_order_total > 0',
    );
    expect(bad).toEqual([]);
  });

  it.each([
    ['probe_success{resource="web",team="shop",target=~".*/health"}', 1],
    ['probe_success{resource="web",target=~".*/gone"}', 0],
    ['probe_http_status_code{target=~".*/gone"}', 404],
    ['queue_depth{resource="redis",broker="redis",queue="jobs"}', 3],
    ['queue_depth{resource="redis",queue="events",state="ready"}', 1],
    ['queue_group_lag{queue="events",group="workers"}', 1],
    ['queue_depth{resource="rabbit",queue="orders",state="ready"}', 1],
    ['queue_depth{resource="spool",state="ready"}', 1],
    ['queue_bytes{resource="spool"}', 100],
    ['db_pool_max{resource="pg"}', 40],
    ['app_requests_total{status="500"}', 2],
    ['app_requests_total{status="200"}', 1],
    ['informer_resource_late == 1', undefined],
    ['up{job="informer"}', 1],
  ])('%s is %s', async (query, expected) => {
    if (expected === undefined) {
      expect(await prometheus.query(query)).toEqual([]);
      return;
    }
    await prometheus.queryUntilAny(query);
    expect((await prometheus.query(query)).map(({ value }) => value)).toEqual([expected]);
  });

  it('gives an exposition that neither promtool nor its own linter finds anything wrong with', async () => {
    const { text } = await informer.scrape();
    expect(await runInformer(['lint', '-'], { input: text })).toEqual({ code: 0, stdout: '', stderr: '' });
    const { stderr } = await runProgram(program('promtool'), ['check', 'metrics'], { input: text });
    // node_exporter's own names for /proc/meminfo are what people's dashboards ask for.
    const known = /^node_memory_\w+ metric names should be written in 'snake_case' not 'camelCase'$/;
    expect(stderr.split('\n').filter((line) => line !== '' && !known.test(line))).toEqual([]);
  });

  it('follows what happens: a server that goes is down with a reason, the others stay', async () => {
    await redis.stop();
    await prometheus.queryUntilAny('informer_resource_up{resource="redis"} == 0');
    expect(
      (await prometheus.query('informer_resource_up == 0')).map(({ metric }) => metric.resource),
    ).toEqual(['redis']);
    expect(await prometheus.query('queue_depth{resource="redis"}')).toEqual([]);
    const page = await (await fetch(`${informer.url}/plain`)).text();
    expect(page).toContain('1 of 8 resources are not up');
  });
});
