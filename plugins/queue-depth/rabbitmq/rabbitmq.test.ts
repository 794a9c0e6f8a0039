import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { openForTest, testPlugin } from '@dynamic-informer/sdk/testing';
import { type Channel, connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../test/support/ports.ts';
import { type Rabbitmq, startRabbitmq } from '../../../test/support/rabbitmq.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/support/temp.ts';
import { waitFor } from '../../../test/support/wait.ts';
import plugin from '../index.ts';
import { selfSigned } from '../testing/certificate.ts';

let rabbitmq: Rabbitmq;
let folder: TemporaryFolder;
let tlsPort: number;
let tlsManagementPort: number;
let application: { channel: Channel; close(): Promise<void> };

beforeAll(async () => {
  folder = await temporaryFolder('rmq-tls');
  const { certFile, keyFile } = await selfSigned(folder.path);
  tlsPort = await freePort();
  tlsManagementPort = await freePort();
  rabbitmq = await startRabbitmq({
    config: [
      'collect_statistics_interval = 1000',
      `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
      `ssl_options.certfile = ${certFile}`,
      `ssl_options.keyfile = ${keyFile}`,
      'management.ssl.ip = 127.0.0.1',
      `management.ssl.port = ${tlsManagementPort}`,
      `management.ssl.certfile = ${certFile}`,
      `management.ssl.keyfile = ${keyFile}`,
    ].join('\n'),
  });
  application = await startApplication(rabbitmq.url);
  const settled = async () => {
    const orders = await statistics('orders');
    const mail = await statistics('mail');
    return (
      orders.messages_ready === 3 &&
      orders.message_bytes === 25 &&
      orders.consumers === 1 &&
      mail.messages_ready === 0
    );
  };
  await waitFor(settled, { what: 'the statistics of the queues' });
});
afterAll(async () => {
  await application.close();
  await rabbitmq.stop();
  await folder[Symbol.asyncDispose]();
});

const statistics = async (queue: string) =>
  (await rabbitmq.api('GET', `/api/queues/%2F/${queue}`)) as Record<string, unknown>;

/** Five orders of five bytes, an hour old, of which a consumer holds two unacknowledged. */
async function startApplication(url: string) {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.assertQueue('orders', { durable: false });
  await channel.assertQueue('mail', { durable: false });
  const timestamp = Math.floor(Date.now() / 1000) - 3600;
  for (let n = 0; n < 5; n++) channel.sendToQueue('orders', Buffer.from('12345'), { timestamp });
  await channel.prefetch(2);
  await channel.consume('orders', () => undefined);
  return { channel, close: () => connection.close() };
}

const open = (config: object) => openForTest(plugin, { broker: 'rabbitmq', ...config });

async function collectOnce(config: object) {
  await using collector = await open(config);
  return await collector.collect();
}

const ready = (queue: string) => ({ broker: 'rabbitmq', queue, state: 'ready' });

describe('the conformance suite', () => {
  for (const url of ['url', 'managementUrl'] as const) {
    const checks = testPlugin(plugin, {
      folder: url === 'url' ? import.meta.dirname : `${import.meta.dirname}/none`,
      config: () => ({ broker: 'rabbitmq', url: rabbitmq[url], queues: ['orders', 'mail'] }),
      configFor: ({ host, port }) => {
        const scheme = url === 'url' ? 'amqp' : 'http';
        return { broker: 'rabbitmq', url: `${scheme}://${host}:${port}`, queues: ['orders', 'mail'] };
      },
      // The beginning of the frame with which a broker greets.
      ...(url === 'url' && { halfAnswer: Buffer.from([1, 0, 0, 0, 0, 1, 0xff, 0, 10, 0, 10]) }),
      variables: () => ({
        AMQP_URL: rabbitmq.url,
        MANAGEMENT_URL: rabbitmq.managementUrl,
        MANAGEMENT_BARE_URL: `http://127.0.0.1:${rabbitmq.managementPort}`,
      }),
    });
    for (const check of checks) it(`${url}: ${check.name}`, { timeout: check.timeout }, check.run);
  }
});

it('says how old the first message is, where publishers date them', async () => {
  const { value } = await collectOnce({ url: rabbitmq.managementUrl, queues: ['orders'] });
  const age = value('queue_oldest_age_seconds', { queue: 'orders' });
  expect(Math.floor((age ?? Number.NaN) / 3600)).toBe(1);
});

it('follows a queue over one connection, a missing one beside it', async () => {
  const { channel } = application;
  await channel.assertQueue('work', { durable: false });
  await using collector = await open({ url: rabbitmq.url, queues: ['gone', 'work', 'gone too'] });
  for (const expected of [0, 1, 2]) {
    const { outcome, errors, value } = await collector.collect();
    expect(outcome).toBe('partial');
    expect(errors.map(({ code, message }) => `${code} ${message}`).sort()).toEqual([
      `TARGET_QUEUE amqp://127.0.0.1:${rabbitmq.port}: queue "gone too": there is no such queue`,
      `TARGET_QUEUE amqp://127.0.0.1:${rabbitmq.port}: queue "gone": there is no such queue`,
    ]);
    expect(value('queue_depth', ready('work'))).toBe(expected);
    channel.sendToQueue('work', Buffer.from('x'));
    // Answered once the broker has taken what was published before it on the channel.
    await channel.checkQueue('work');
  }
  const connections = async () => {
    const all = (await rabbitmq.api('GET', '/api/connections')) as {
      client_properties: { connection_name?: string };
    }[];
    return all.filter(({ client_properties: { connection_name: name } }) => name === 'dynamic-informer');
  };
  await waitFor(async () => (await connections()).length === 1, {
    what: 'the statistics of the one connection',
  });
});

it('names a refused login, a missing vhost and a vhost without permission', async () => {
  const bare = `amqp://127.0.0.1:${rabbitmq.port}`;
  await rabbitmq.api('PUT', '/api/vhosts/private');
  await rabbitmq.api('PUT', '/api/users/informer', { password: 'secret', tags: '' });
  const queues = ['orders'];
  const errorOf = async (config: object) => {
    const { outcome, errors } = await collectOnce({ queues, ...config });
    expect(JSON.stringify(errors)).not.toMatch(/hunter2|secret/);
    return `${outcome} ${errors[0]?.code} ${errors[0]?.message}`;
  };
  expect(await errorOf({ url: bare.replace('//', '//guest:hunter2@') })).toBe(
    `target TARGET_AUTH ${bare}: refuses the login`,
  );
  expect(await errorOf({ url: bare, vhost: 'nowhere' })).toBe(
    `target TARGET_REFUSED ${bare}: refuses the vhost "nowhere"`,
  );
  const informer = { username: 'informer', password: 'secret' };
  expect(await errorOf({ url: `${bare}/private`, ...informer })).toBe(
    `target TARGET_REFUSED ${bare}/private: refuses the vhost "private"`,
  );
  const api = { url: `http://127.0.0.1:${rabbitmq.managementPort}`, ...informer };
  expect(await errorOf(api)).toMatch(/^target TARGET_(AUTH|QUEUE) /);
  await rabbitmq.api('PUT', '/api/permissions/private/informer', { configure: '', write: '', read: '' });
  expect(await errorOf({ url: `${bare}/private`, ...informer })).toMatch(
    /TARGET_QUEUE .*(no such queue|access is refused)$/,
  );
});

it('is a failed target while nothing answers, and reads again over a new connection', async () => {
  await using wire = await tcpProxy(rabbitmq.port);
  for (const scheme of ['amqp', 'http']) {
    wire.to(scheme === 'amqp' ? rabbitmq.port : rabbitmq.managementPort);
    const url = `${scheme}://127.0.0.1:${wire.port}`;
    await using collector = await open({ url, queues: ['orders'] });
    expect((await collector.collect()).outcome).toBe('ok');
    wire.cut();
    expect((await collector.collect()).outcome, 'a connection that broke while it was not used').toBe('ok');
    await wire.close();
    expect(await collector.collect()).toMatchObject({
      outcome: 'target',
      errors: [{ code: 'TARGET_UNREACHABLE', message: `${url}: refuses the connection` }],
    });
    await wire.listen();
    expect((await collector.collect()).value('queue_depth', ready('orders'))).toBe(3);
  }
});

it('speaks TLS and checks the certificate', async () => {
  for (const url of [`amqps://localhost:${tlsPort}`, `https://localhost:${tlsManagementPort}`]) {
    const asked = { url, queues: ['orders'] };
    const trusted = await collectOnce({ ...asked, tls: { ca_file: `${folder.path}/cert.pem` } });
    expect(trusted.value('queue_depth', ready('orders'))).toBe(3);
    const { outcome, errors } = await collectOnce(asked);
    expect([outcome, errors[0]?.code, errors[0]?.message]).toEqual([
      'target',
      'TARGET_TLS',
      `${url}: TLS: self-signed certificate`,
    ]);
  }
});

// Two brokers start one after the other, which takes some seconds each.
it('is a failed target when the broker is killed, and reads the one that comes after it', async () => {
  const [port, managementPort] = [await freePort(), await freePort()];
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await startRabbitmq({ port, managementPort }));
  const collectors = [first.url, first.managementUrl].map((url) => open({ url, queues: ['jobs'] }));
  const [amqp, management] = (await Promise.all(collectors)).map((collector) => stack.use(collector));
  await first.api('PUT', '/api/queues/%2F/jobs', {});
  expect((await amqp?.collect())?.value('queue_depth', ready('jobs'))).toBe(0);

  first.process.signal('SIGKILL');
  await first.process.exited;
  for (const collector of [amqp, management]) {
    expect(await collector?.collect()).toMatchObject({
      outcome: 'target',
      errors: [{ code: 'TARGET_UNREACHABLE' }],
    });
  }
  await first.stop();

  const second = stack.use(await startRabbitmq({ port, managementPort }));
  expect((await amqp?.collect())?.errors).toMatchObject([{ code: 'TARGET_QUEUE' }]);
  await second.api('PUT', '/api/queues/%2F/jobs', {});
  await second.api('POST', '/api/exchanges/%2F/amq.default/publish', {
    properties: {},
    routing_key: 'jobs',
    payload: 'x',
    payload_encoding: 'string',
  });
  expect((await amqp?.collect())?.value('queue_depth', ready('jobs'))).toBe(1);
  const known = async () => (await management?.collect())?.value('queue_depth', ready('jobs')) === 1;
  await waitFor(known, { what: 'the statistics of the new broker', timeout: 20_000 });
}, 90_000);

it('gives up at its deadline on a server that hangs, connected or not', async () => {
  const stalled = rabbitmq.process;
  const tls = { insecure_skip_verify: true };
  for (const where of [
    { url: rabbitmq.url },
    { url: rabbitmq.managementUrl },
    { url: `amqps://127.0.0.1:${tlsPort}`, tls },
    { url: `https://127.0.0.1:${tlsManagementPort}`, tls },
  ]) {
    await using connected = await open({ ...where, queues: ['orders', 'mail'] });
    await using fresh = await open({ ...where, queues: ['orders'] });
    await connected.collect();
    stalled.signal('SIGSTOP');
    try {
      for (const collector of [connected, fresh]) {
        expect((await collector.collect({ timeoutMs: 100 })).outcome).toBe('timeout');
      }
    } finally {
      stalled.signal('SIGCONT');
    }
    for (const collector of [connected, fresh]) expect((await collector.collect()).outcome).toBe('ok');
  }
});

it('says so when something else than RabbitMQ answers', async () => {
  const errorOf = async (config: object) => {
    const { outcome, errors } = await collectOnce({ queues: ['orders'], ...config });
    return `${outcome} ${errors[0]?.message}`;
  };
  const { port, managementPort } = rabbitmq;
  const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const webPort = await freePort();
  await new Promise<void>((resolve) => web.listen(webPort, '127.0.0.1', resolve));
  expect(await errorOf({ url: `amqp://127.0.0.1:${webPort}` })).toMatch(
    /^target amqp:\/\/127\.0\.0\.1:\d+: .*handshake/,
  );
  web.close();
  expect(await errorOf({ url: `http://127.0.0.1:${port}` })).toMatch(/^target http:\/\/127\.0\.0\.1:\d+: /);
  expect(await errorOf({ url: `amqps://127.0.0.1:${port}` })).toBe(
    `target amqps://127.0.0.1:${port}: the server does not speak TLS on this port`,
  );
  expect(await errorOf({ url: `http://127.0.0.1:${managementPort}/elsewhere` })).toMatch(/HTTP 40\d/);
});

/** A wire to a port that can be cut: a RabbitMQ that is killed takes many seconds to come back. */
async function tcpProxy(target: number) {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let upstream = target;
  const server = createServer((socket) => {
    const other = connectTcp(upstream, '127.0.0.1');
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const listen = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const close = () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    cut();
    return closed;
  };
  await listen();
  const to = (port: number) => {
    upstream = port;
  };
  return { port, to, listen, cut, close, [Symbol.asyncDispose]: close };
}
