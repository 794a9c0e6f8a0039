import type { RequestListener } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { exposed } from '../../../test/support/exposed.ts';
import { startHttp } from '../../../test/support/http-server.ts';
import { freePort } from '../../../test/support/ports.ts';
import { promtoolCheckMetrics } from '../../../test/support/prometheus.ts';
import { waitFor } from '../../../test/support/wait.ts';
import { Registry } from '../registry/registry.ts';
import { instrumentFetch } from './fetch.ts';

const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of stack.splice(0).reverse()) await each[Symbol.asyncDispose]();
});
const serve = async (listener: RequestListener): Promise<string> => {
  const server = await startHttp(listener);
  stack.push(server);
  return server.url;
};

it('counts by method, code and the host that a function gives, and promtool has nothing to say', async () => {
  const registry = new Registry();
  const url = await serve((request, response) => {
    response.statusCode = request.method === 'DELETE' ? 403 : 200;
    response.end('x');
  });
  const measured = instrumentFetch(registry, fetch, {
    host: ({ port, pathname }) => {
      if (pathname === '/throws') throw new Error('the author made a mistake');
      return port === new URL(url).port ? 'shop' : undefined;
    },
  });
  await measured(url);
  await measured(new URL('/a', url), { method: 'delete' });
  await measured(new Request(`${url}/b`, { method: 'PUT' }));
  await measured(url, { method: 'PURGE' });
  await measured(`${url}/throws`);
  const { series, text } = exposed(registry);
  expect(series).toMatchObject({
    'http_client_requests_total{code="200",host="shop",method="get"}': 1,
    'http_client_requests_total{code="403",host="shop",method="delete"}': 1,
    'http_client_requests_total{code="200",host="shop",method="put"}': 1,
    'http_client_requests_total{code="200",host="shop",method="other"}': 1,
    'http_client_requests_total{code="200",host="error",method="get"}': 1,
    'http_client_request_duration_seconds_count{code="200",host="shop",method="get"}': 1,
    http_client_requests_in_flight: 0,
  });
  expect(await promtoolCheckMetrics(text)).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('hands the response on untouched, and the error too', async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: '/next' }).end());
  const measured = instrumentFetch(new Registry());
  const response = await measured(url, { redirect: 'manual' });
  expect(response).toBeInstanceOf(Response);
  expect(response.url).toBe(`${url}/`);
  expect(response.bodyUsed).toBe(false);
  await expect(measured(`http://127.0.0.1:${await freePort()}`)).rejects.toMatchObject({
    message: 'fetch failed',
  });
  await expect(measured('no url')).rejects.toThrow(TypeError);
});

it('counts what fails or is aborted as an error, once', async () => {
  const registry = new Registry();
  let arrived = false;
  const url = await serve((request) => {
    arrived = true;
    if (request.url === '/broken') request.socket.destroy();
  });
  const measured = instrumentFetch(registry);
  await expect(measured(`http://127.0.0.1:${await freePort()}`)).rejects.toThrow();
  await expect(measured(`${url}/broken`)).rejects.toThrow();
  arrived = false;
  const leaving = new AbortController();
  const answer = measured(url, { signal: leaving.signal });
  await waitFor(() => arrived, { what: 'the request' });
  expect(exposed(registry).series.http_client_requests_in_flight).toBe(1);
  leaving.abort();
  await expect(answer).rejects.toThrow('aborted');
  expect(exposed(registry).series).toMatchObject({
    'http_client_requests_total{code="error",method="get"}': 3,
    'http_client_request_duration_seconds_count{code="error",method="get"}': 3,
    http_client_requests_in_flight: 0,
  });
});

it('observes sizes where they are known beforehand, and only there', async () => {
  const registry = new Registry();
  const url = await serve((request, response) => {
    request.resume().on('end', () => {
      if (request.url === '/chunked') response.write('of unknown size');
      response.end('12345');
    });
  });
  const measured = instrumentFetch(registry);
  const post = async (body: RequestInit['body'], path = '/') => {
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', duplex: 'half', ...(body && { body }) };
    await (await measured(url + path, init)).text();
  };
  await post('ä');
  await post(new Uint8Array(10));
  await post(new Blob(['1234567']));
  await post(new URLSearchParams({ a: 'b' }));
  await post(undefined);
  await post(new Blob(['stream']).stream());
  await post('x', '/chunked');
  await measured(url, { method: 'HEAD' });
  expect(exposed(registry).series).toMatchObject({
    'http_client_request_size_bytes_count{method="post"}': 6,
    'http_client_request_size_bytes_sum{method="post"}': 2 + 10 + 7 + 3 + 0 + 1,
    'http_client_response_size_bytes_count{method="post"}': 6,
    'http_client_response_size_bytes_sum{method="post"}': 6 * 5,
    'http_client_response_size_bytes_sum{method="head"}': 0,
  });
});

it('has a limited number of hosts whatever the function gives', async () => {
  const registry = new Registry();
  const url = await serve((_, response) => response.end());
  const measured = instrumentFetch(registry, fetch, { host: ({ pathname }) => pathname, maxHosts: 2 });
  for (const path of ['/1', '/2', '/3', '/4']) await measured(url + path);
  expect(exposed(registry).series).toMatchObject({
    'http_client_requests_total{code="200",host="/1",method="get"}': 1,
    'http_client_requests_total{code="200",host="other",method="get"}': 2,
  });
});
