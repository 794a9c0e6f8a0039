import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { type HttpLimits, Listeners, type RequestHandler } from './listeners.ts';

const LIMITS: HttpLimits = {
  maxHeaderSize: 1_024,
  headersTimeout: 300,
  requestTimeout: 600,
  readingTimeout: 300,
  keepAliveTimeout: 300,
  connectionsCheckingInterval: 50,
  maxRequestsPerSocket: 3,
};
const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n';

/** Listens with short times, and connects one client. */
async function start(handler: RequestHandler = (_request, response) => response.end('hello')) {
  const stack = new AsyncDisposableStack();
  const listeners = new Listeners(handler, { mayConnect: () => true, refused: () => undefined }, LIMITS);
  stack.defer(() => listeners.close());
  await listeners.listen([{ kind: 'tcp', host: '127.0.0.1', port: 0 }], undefined);
  const port = Number(listeners.addresses[0]?.split(':').at(-1));
  const client = connect(port, '127.0.0.1');
  stack.defer(() => void client.destroy());
  client.on('error', () => undefined);
  return { port, client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Everything that a client is sent until the connection ends. */
async function received(client: Socket): Promise<string> {
  let text = '';
  client.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(client, 'close');
  return text;
}

const isAnswered = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).ok;

it('ends a head that never ends, however it trickles in', async () => {
  await using run = await start();
  run.client.write(GET);
  const drip = setInterval(() => run.client.write('X-Slow: 1\r\n'), 50);
  const answer = received(run.client);
  expect(await isAnswered(run.port)).toBe(true);
  expect(await answer).toMatch(/^HTTP\/1\.1 408 .*"code":"HTTP_BAD_REQUEST"/s);
  clearInterval(drip);
});

it('ends a connection that says nothing', async () => {
  await using run = await start();
  await received(run.client);
  expect(await isAnswered(run.port)).toBe(true);
});

it('ends a request whose body does not come', async () => {
  await using run = await start((request, response) => {
    request.resume();
    request.once('end', () => response.end('all of it'));
    if (request.method === 'GET') response.end();
  });
  run.client.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345');
  const answer = received(run.client);
  expect(await isAnswered(run.port)).toBe(true);
  expect(await answer).not.toContain('all of it');
});

it('ends a connection whose client does not read, also one that goes on to send', async () => {
  const closed = Promise.withResolvers<void>();
  await using run = await start((request, response) => {
    if (request.url === '/large') {
      response.once('close', closed.resolve);
      response.end(Buffer.alloc(64 * 1024 * 1024));
    } else {
      response.end();
    }
  });
  run.client.pause();
  run.client.write(GET.replace('/', '/large'));
  run.client.write('\r\n');
  const drip = setInterval(() => run.client.write('\r\n'), 50);
  expect(await isAnswered(run.port)).toBe(true);
  await closed.promise;
  clearInterval(drip);
});

it('ends a connection that is not used any more, and one that was used enough', async () => {
  await using idle = await start();
  idle.client.write(`${GET}\r\n`);
  expect(await received(idle.client)).toMatch(/^HTTP\/1\.1 200 .*hello$/s);

  await using busy = await start();
  busy.client.write(`${GET}\r\n`.repeat(3));
  const answers = await received(busy.client);
  expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
  expect(answers.match(/Connection: close/g)).toHaveLength(1);
});

it('answers a head that is too large', async () => {
  await using run = await start();
  run.client.write(`${GET}X: ${'x'.repeat(2_000)}\r\n\r\n`);
  expect(await received(run.client)).toMatch(/^HTTP\/1\.1 431 .*"fix":"Send a shorter URL/s);
});
