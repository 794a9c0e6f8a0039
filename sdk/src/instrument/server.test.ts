import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as sendRequest,
} from 'node:http';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exposed } from '../../../test/support/exposed.ts';
import { promtoolCheckMetrics } from '../../../test/support/prometheus.ts';
import { waitFor } from '../../../test/support/wait.ts';
import { Registry } from '../registry/registry.ts';
import { instrumentServer } from './server.ts';

let registry: Registry;
let closing: (() => unknown)[];
beforeEach(() => {
  registry = new Registry();
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

const series = () => exposed(registry).series;
/** A client sees the end of a response before the server does. */
const untilTotal = (total: number) =>
  waitFor(
    () => {
      const totals = Object.entries(series()).filter(([name]) =>
        name.startsWith('http_server_requests_total'),
      );
      return totals.reduce((sum, [, value]) => sum + value, 0) === total;
    },
    { what: `${total} requests to be counted` },
  );

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a server of node:http', () => {
  it('counts requests by method and code, and promtool has nothing to say', async () => {
    const instrument = instrumentServer(registry);
    const url = await listening(
      createServer(
        instrument((request, response) => {
          response.statusCode = request.url === '/' ? 200 : 404;
          response.end(request.url);
        }),
      ),
    );
    for (const path of ['/', '/', '/a']) await (await fetch(url + path)).text();
    await fetch(url, { method: 'PUT', body: 'x' });
    await fetch(url, { method: 'PROPFIND' });
    await untilTotal(5);
    expect(series()).toMatchObject({
      'http_server_requests_total{code="200",method="get"}': 2,
      'http_server_requests_total{code="404",method="get"}': 1,
      'http_server_requests_total{code="200",method="put"}': 1,
      'http_server_requests_total{code="200",method="other"}': 1,
      'http_server_request_duration_seconds_count{code="200",method="get"}': 2,
      'http_server_request_duration_seconds_bucket{code="404",method="get",le="+Inf"}': 1,
      http_server_requests_in_flight: 0,
    });
    expect(await promtoolCheckMetrics(exposed(registry).text)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('measures bodies as they are transferred, however they are written', async () => {
    const instrument = instrumentServer(registry);
    const url = await listening(
      createServer(
        instrument((request, response) => {
          request.resume().on('end', () => {
            response.write('ä');
            response.write(Buffer.alloc(100), () => undefined);
            response.write('ff', 'hex');
            response.end('end', () => undefined);
          });
        }),
      ),
    );
    const chunks = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 3; i++) controller.enqueue(new Uint8Array(1000));
        controller.close();
      },
    });
    await (await fetch(url, { method: 'POST', body: 'twelve bytes' })).text();
    const chunked: RequestInit & { duplex: 'half' } = { method: 'PUT', body: chunks, duplex: 'half' };
    await (await fetch(url, chunked)).text();
    await (await fetch(url, { method: 'HEAD' })).text();
    await untilTotal(3);
    expect(series()).toMatchObject({
      'http_server_request_size_bytes_sum{method="post"}': 12,
      'http_server_request_size_bytes_sum{method="put"}': 3000,
      'http_server_request_size_bytes_sum{method="head"}': 0,
      'http_server_response_size_bytes_sum{method="post"}': 2 + 100 + 1 + 3,
      'http_server_response_size_bytes_count{method="put"}': 1,
      'http_server_response_size_bytes_sum{method="head"}': 0,
      'http_server_response_size_bytes_bucket{method="post",le="100"}': 0,
      'http_server_response_size_bytes_bucket{method="post",le="1000"}': 1,
    });
  });

  it('has the buckets that it is given, or native ones alone', async () => {
    const native = { native: { factor: 1.1 } };
    const instrument = instrumentServer(registry, { duration: { buckets: [60] }, size: native });
    const url = await listening(createServer(instrument((_, response) => response.end('x'))));
    await fetch(url);
    await untilTotal(1);
    const bounds = Object.keys(series()).filter((name) => name.includes('_bucket{'));
    expect(bounds.filter((name) => name.includes('_duration_'))).toEqual([
      'http_server_request_duration_seconds_bucket{code="200",method="get",le="60"}',
      'http_server_request_duration_seconds_bucket{code="200",method="get",le="+Inf"}',
    ]);
    expect(bounds.filter((name) => name.includes('_size_') && !name.includes('+Inf'))).toEqual([]);
    expect(series()['http_server_response_size_bytes_count{method="get"}']).toBe(1);
  });

  it('shows what is in flight', async () => {
    const waiting: ServerResponse[] = [];
    const url = await listening(
      createServer(instrumentServer(registry)((_, response) => waiting.push(response))),
    );
    const answers = [fetch(url), fetch(url)];
    await waitFor(() => waiting.length === 2, { what: 'both requests' });
    expect(series().http_server_requests_in_flight).toBe(2);
    waiting[0]?.end();
    await untilTotal(1);
    expect(series().http_server_requests_in_flight).toBe(1);
    waiting[1]?.end();
    await Promise.all(answers);
    await untilTotal(2);
    expect(series().http_server_requests_in_flight).toBe(0);
  });

  it('counts a client that leaves before the response as 499, once', async () => {
    let arrived = false;
    const url = await listening(
      createServer(
        instrumentServer(registry)((request) => {
          request.on('error', () => undefined);
          arrived = true;
        }),
      ),
    );
    const leaving = new AbortController();
    const answer = fetch(url, { signal: leaving.signal });
    await waitFor(() => arrived, { what: 'the request' });
    leaving.abort();
    await expect(answer).rejects.toThrow('aborted');
    await untilTotal(1);
    expect(series()).toMatchObject({
      'http_server_requests_total{code="499",method="get"}': 1,
      http_server_requests_in_flight: 0,
    });
  });

  it('counts a response that breaks off with the code it began with, and what was received of an upload', async () => {
    const url = await listening(
      createServer(
        instrumentServer(registry)((request, response) => {
          request.on('error', () => undefined).once('data', () => response.write('beginning'));
        }),
      ),
    );
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n${'x'.repeat(700)}`);
    await once(socket, 'data');
    socket.destroy();
    await untilTotal(1);
    expect(series()).toMatchObject({
      'http_server_requests_total{code="200",method="post"}': 1,
      'http_server_request_size_bytes_sum{method="post"}': 700,
      'http_server_response_size_bytes_sum{method="post"}': 9,
      http_server_requests_in_flight: 0,
    });
  });

  it('counts pipelined requests whose turn never comes', async () => {
    let arrived = 0;
    const url = await listening(createServer(instrumentServer(registry)(() => arrived++)));
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
    await waitFor(() => arrived === 3, { what: 'three requests' });
    expect(series().http_server_requests_in_flight).toBe(3);
    socket.destroy();
    await untilTotal(3);
    expect(series()).toMatchObject({
      'http_server_requests_total{code="499",method="get"}': 3,
      http_server_requests_in_flight: 0,
    });
  });

  it('counts a listener that throws or rejects as 500, and hides no error', async () => {
    const instrument = instrumentServer(registry);
    const throws = instrument(() => {
      throw new Error('at once');
    });
    const rejects = instrument(async () => {
      throw new Error('later');
    });
    const caught: unknown[] = [];
    const url = await listening(
      createServer(async (request, response) => {
        try {
          await (request.url === '/throws' ? throws : rejects)(request, response);
        } catch (error) {
          caught.push((error as Error).message);
          request.socket.destroy();
        }
      }),
    );
    await expect(fetch(`${url}/throws`)).rejects.toThrow();
    await expect(fetch(`${url}/rejects`)).rejects.toThrow();
    await untilTotal(2);
    expect(caught).toEqual(['at once', 'later']);
    expect(series()['http_server_requests_total{code="500",method="get"}']).toBe(2);
  });

  it('counts a request that passes through two wrapped listeners once, and hands arguments on', async () => {
    const instrument = instrumentServer(registry);
    const seen: unknown[] = [];
    const inner = instrument((_request: IncomingMessage, response: ServerResponse, next: () => void) => {
      next();
      response.end();
    });
    const url = await listening(
      createServer(instrument((request, response) => inner(request, response, () => seen.push('next')))),
    );
    await fetch(url);
    await untilTotal(1);
    expect(seen).toEqual(['next']);
    expect(series()['http_server_requests_total{code="200",method="get"}']).toBe(1);
  });

  it('leaves nothing on a connection that is kept', async () => {
    const listeners = new Set<string>();
    const sockets = new Set<Socket>();
    const url = await listening(
      createServer(
        instrumentServer(registry)((request, response) => {
          sockets.add(request.socket);
          const names = request.socket.eventNames();
          listeners.add(names.map((name) => `${String(name)} ${request.socket.listenerCount(name)}`).join());
          response.end();
        }),
      ),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closing.push(() => agent.destroy());
    for (let i = 0; i < 20; i++) {
      const request = sendRequest(url, { agent }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
    }
    await untilTotal(20);
    expect(sockets.size).toBe(1);
    expect(listeners.size).toBe(1);
  });
});

describe('the label "route"', () => {
  it('comes from the function, never from the URL', async () => {
    const instrument = instrumentServer(registry, {
      route: ({ url = '' }) => {
        if (url === '/throws') throw new Error('the author made a mistake');
        return url.startsWith('/orders/') ? '/orders/:id' : undefined;
      },
    });
    const url = await listening(createServer(instrument((_, response) => response.end())));
    for (const path of ['/orders/1', '/orders/2', '/nowhere', '/throws']) await fetch(url + path);
    await untilTotal(4);
    expect(series()).toMatchObject({
      'http_server_requests_total{code="200",method="get",route="/orders/:id"}': 2,
      'http_server_requests_total{code="200",method="get",route="unmatched"}': 1,
      'http_server_requests_total{code="200",method="get",route="error"}': 1,
      'http_server_response_size_bytes_count{method="get",route="/orders/:id"}': 2,
    });
  });

  it('has a limited number of values whatever the function gives', async () => {
    const instrument = instrumentServer(registry, { route: ({ url }) => url, maxRoutes: 2 });
    const url = await listening(createServer(instrument((_, response) => response.end())));
    for (const path of ['/1', '/2', '/3', '/4', '/1']) await fetch(url + path);
    await untilTotal(5);
    expect(series()).toMatchObject({
      'http_server_requests_total{code="200",method="get",route="/1"}': 2,
      'http_server_requests_total{code="200",method="get",route="/2"}': 1,
      'http_server_requests_total{code="200",method="get",route="other"}': 2,
    });
  });

  it('is a mistake where the instrumentation has none', () => {
    const instrument = instrumentServer(registry);
    expect(() => instrument(() => undefined, '/orders')).toThrow('there is no label "route"');
  });
});

describe('a server of node:http2', () => {
  async function http2(
    listener: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  ): Promise<ClientHttp2Session> {
    const server = createHttp2Server(
      instrumentServer<Http2ServerRequest, Http2ServerResponse>(registry)(listener),
    );
    const session = connectHttp2(await listening(server));
    closing.push(() => session.destroy());
    return session;
  }

  it('counts requests and the bytes of their bodies once', async () => {
    const session = await http2((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(201);
        response.write('1234');
        response.end('567');
      });
    });
    const stream = session.request({ ':method': 'POST' });
    stream.write('hello');
    stream.end(' world');
    await once(stream.resume(), 'close');
    await untilTotal(1);
    expect(series()).toMatchObject({
      'http_server_requests_total{code="201",method="post"}': 1,
      'http_server_request_size_bytes_sum{method="post"}': 11,
      'http_server_response_size_bytes_sum{method="post"}': 7,
      http_server_requests_in_flight: 0,
    });
  });

  it('counts a stream that the client cancels as 499', async () => {
    let arrived = false;
    const session = await http2((request) => {
      request.on('error', () => undefined);
      arrived = true;
    });
    const stream = session.request();
    stream.on('error', () => undefined);
    await waitFor(() => arrived, { what: 'the request' });
    stream.close(constants.NGHTTP2_CANCEL);
    await untilTotal(1);
    expect(series()).toMatchObject({
      'http_server_requests_total{code="499",method="get"}': 1,
      http_server_requests_in_flight: 0,
    });
  });
});

describe('Fastify', () => {
  it('gives the route in a hook, over sockets and when injected', async () => {
    const instrument = instrumentServer(registry, { route: true });
    const app = Fastify();
    closing.push(() => app.close());
    app.addHook('onRequest', (request, reply, done) => {
      instrument(() => done(), request.routeOptions.url)(request.raw, reply.raw);
    });
    app.post('/orders/:id', (request) => ({ got: request.body }));
    app.get('/broken', () => {
      throw new Error('broken');
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });

    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/orders/1`, { method: 'POST', headers, body: '{"a":1}' });
    const { length } = await answer.text();
    await app.inject({ method: 'POST', url: '/orders/2', payload: { a: 2 } });
    await (await fetch(`${url}/broken`)).text();
    await (await fetch(`${url}/nowhere/${'x'.repeat(20)}`)).text();
    await untilTotal(4);
    expect(series()).toMatchObject({
      'http_server_requests_total{code="200",method="post",route="/orders/:id"}': 2,
      'http_server_requests_total{code="500",method="get",route="/broken"}': 1,
      'http_server_requests_total{code="404",method="get",route="unmatched"}': 1,
      'http_server_request_size_bytes_sum{method="post",route="/orders/:id"}': 14,
      'http_server_response_size_bytes_sum{method="post",route="/orders/:id"}': 2 * length,
      http_server_requests_in_flight: 0,
    });
  });
});
