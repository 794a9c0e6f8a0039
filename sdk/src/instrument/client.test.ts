import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  type ServerResponse,
  request as sendRequest,
} from 'node:http';
import { request as sendSecureRequest } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../test/support/certificates.ts';
import { exposed } from '../../../test/support/exposed.ts';
import { startHttp, startHttps, startTcp } from '../../../test/support/http-server.ts';
import { freePort } from '../../../test/support/ports.ts';
import { promtoolCheckMetrics } from '../../../test/support/prometheus.ts';
import { temporaryFolder } from '../../../test/support/temp.ts';
import { waitFor } from '../../../test/support/wait.ts';
import { Registry } from '../registry/registry.ts';
import { instrumentClient } from './client.ts';

const CHANNELS = [
  ...['created', 'start', 'error'].map((name) => `http.client.request.${name}`),
  'http.client.response.finish',
  ...['create', 'bodyChunkSent', 'bodyChunkReceived', 'headers', 'trailers', 'error'].map(
    (name) => `undici:request:${name}`,
  ),
];

let registry: Registry;
const closing: (() => unknown)[] = [];
beforeEach(() => {
  registry = new Registry();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const series = () => exposed(registry).series;

async function serve(listener: RequestListener): Promise<string> {
  const server = await startHttp(listener);
  closing.push(() => server[Symbol.asyncDispose]());
  return server.url;
}

/** Answers with what came, in chunks. */
const echo: RequestListener = (request, response) => {
  request.on('data', (chunk) => response.write(chunk)).on('end', () => response.end());
};

function instrumented(options?: Parameters<typeof instrumentClient>[1]): () => void {
  const stop = instrumentClient(registry, options);
  closing.push(stop);
  return stop;
}

/** Reads the whole response. */
async function finished(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response.resume(), 'close');
  return response;
}
const send = (url: string, options: RequestOptions, ...chunks: string[]) => {
  const request = sendRequest(url, { agent: false, ...options });
  for (const chunk of chunks) request.write(chunk);
  return request.end();
};

describe('node:http', () => {
  it('is counted with the bytes of its bodies, and promtool has nothing to say', async () => {
    instrumented({ host: ({ hostname }) => hostname });
    const url = await serve(echo);
    await finished(send(url, { method: 'POST' }, '12345', 'ä'));
    await finished(send(url, { method: 'PROPFIND' }));
    await finished(send(url, { method: 'HEAD' }));
    const { series, text } = exposed(registry);
    expect(series).toMatchObject({
      'http_client_requests_total{code="200",host="127.0.0.1",method="post"}': 1,
      'http_client_requests_total{code="200",host="127.0.0.1",method="other"}': 1,
      'http_client_request_duration_seconds_count{code="200",host="127.0.0.1",method="post"}': 1,
      'http_client_request_size_bytes_sum{host="127.0.0.1",method="post"}': 7,
      'http_client_response_size_bytes_sum{host="127.0.0.1",method="post"}': 7,
      'http_client_response_size_bytes_sum{host="127.0.0.1",method="head"}': 0,
      http_client_requests_in_flight: 0,
    });
    expect(await promtoolCheckMetrics(text)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('is counted over TLS, with the port for the function that names the host', async () => {
    await using folder = await temporaryFolder('client');
    const authority = await createAuthority(folder.path, { name: 'authority' });
    const certificate = await authority.issue({ name: 'local', subjectAltName: 'IP:127.0.0.1' });
    const server = await startHttps(certificate, echo);
    closing.push(() => server[Symbol.asyncDispose]());
    instrumented({ host: ({ href }) => href });
    await finished(sendSecureRequest(`${server.url}/path`, { ca: authority.cert, agent: false }).end());
    expect(series()[`http_client_requests_total{code="200",host="${server.url}/path",method="get"}`]).toBe(1);
  });

  it('does not swallow a response that nobody listens to, nor keep a connection', async () => {
    instrumented();
    const url = await serve(echo);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closing.push(() => agent.destroy());
    for (let i = 0; i < 3; i++) await once(send(url, { agent, method: 'PUT' }, 'x'.repeat(1000)), 'close');
    expect(series()['http_client_requests_total{code="200",method="put"}']).toBe(3);
  });

  it('is an error where no response comes, counted once', async () => {
    instrumented();
    const url = await serve((request) => {
      if (request.url === '/broken') request.socket.destroy();
    });
    const refused = send(`http://127.0.0.1:${await freePort()}`, {});
    await expect(once(refused, 'response')).rejects.toThrow('ECONNREFUSED');
    const broken = send(`${url}/broken`, { method: 'POST' }, 'abc');
    await expect(once(broken, 'response')).rejects.toThrow('socket hang up');
    const unsent = sendRequest(url, { agent: false });
    await once(unsent.destroy(), 'error');
    expect(series()).toMatchObject({
      'http_client_requests_total{code="error",method="get"}': 2,
      'http_client_requests_total{code="error",method="post"}': 1,
      'http_client_request_size_bytes_sum{method="post"}': 3,
      http_client_requests_in_flight: 0,
    });
  });

  it('is counted once where the response comes before the request is written', async () => {
    instrumented();
    const url = await serve((_, response) => response.end('too much'));
    const request = sendRequest(url, { agent: false, method: 'POST' });
    request.on('error', () => undefined).write('some');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    request.end('more');
    await once(response.resume(), 'close');
    await waitFor(() => request.destroyed, { what: 'the request to end' });
    expect(series()).toMatchObject({
      'http_client_requests_total{code="200",method="post"}': 1,
      http_client_requests_in_flight: 0,
    });
  });

  it('is counted where it was made before, with the size that its headers say', async () => {
    const url = await serve(echo);
    const declared = sendRequest(url, { agent: false, method: 'PUT', headers: { 'content-length': 3 } });
    const undeclared = sendRequest(url, { agent: false, method: 'PUT' });
    instrumented();
    await finished(declared.end('abc'));
    await finished(undeclared.end('defg'));
    expect(series()).toMatchObject({
      'http_client_requests_total{code="200",method="put"}': 2,
      'http_client_request_size_bytes_count{method="put"}': 1,
      'http_client_request_size_bytes_sum{method="put"}': 3,
      'http_client_response_size_bytes_sum{method="put"}': 7,
      http_client_requests_in_flight: 0,
    });
  });

  it('has the code of an upgrade', async () => {
    instrumented();
    const server = await startTcp((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n'),
      );
    });
    closing.push(() => server[Symbol.asyncDispose]());
    const request = send(server.url, { headers: { connection: 'upgrade', upgrade: 'test' } });
    const closed = once(request, 'close');
    const [, socket] = await once(request, 'upgrade');
    socket.destroy();
    await closed;
    expect(series()['http_client_requests_total{code="101",method="get"}']).toBe(1);
  });
});

describe('fetch', () => {
  it('is counted with the bytes of its bodies, chunked ones too', async () => {
    instrumented();
    const url = await serve(echo);
    const stream: RequestInit & { duplex: 'half' } = {
      method: 'PUT',
      body: new Blob(['12345', '678']).stream(),
      duplex: 'half',
    };
    await (await fetch(url, { method: 'POST', body: 'hello' })).text();
    await (await fetch(url, stream)).text();
    await (await fetch(url)).text();
    await waitFor(() => series()['http_client_response_size_bytes_count{method="put"}'], {
      what: 'the end of the response',
    });
    expect(series()).toMatchObject({
      'http_client_requests_total{code="200",method="get"}': 1,
      'http_client_requests_total{code="200",method="post"}': 1,
      'http_client_request_size_bytes_sum{method="post"}': 5,
      'http_client_response_size_bytes_sum{method="post"}': 5,
      'http_client_request_size_bytes_sum{method="put"}': 8,
      'http_client_response_size_bytes_sum{method="put"}': 8,
      'http_client_request_size_bytes_sum{method="get"}': 0,
      http_client_requests_in_flight: 0,
    });
  });

  it('is in flight until headers come, and an error where none do', async () => {
    const nobody = await freePort();
    instrumented({ host: ({ port }) => (port === String(nobody) ? 'refused' : 'here') });
    let arrived = 0;
    const url = await serve(() => arrived++);
    const leaving = new AbortController();
    const answer = fetch(url, { signal: leaving.signal });
    await waitFor(() => arrived === 1, { what: 'the request' });
    expect(series().http_client_requests_in_flight).toBe(1);
    leaving.abort();
    await expect(answer).rejects.toThrow('aborted');
    await expect(fetch(`http://127.0.0.1:${nobody}`)).rejects.toThrow('fetch failed');
    await waitFor(() => series().http_client_requests_in_flight === 0, { what: 'the requests to be over' });
    expect(series()).toMatchObject({
      'http_client_requests_total{code="error",host="here",method="get"}': 1,
      'http_client_requests_total{code="error",host="refused",method="get"}': 1,
    });
  });

  it('has the size of what arrived where a response breaks off', async () => {
    instrumented();
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-length': 5000 });
      response.write('x'.repeat(700), () => request.socket.destroy());
    });
    const response = await fetch(url);
    await expect(response.text()).rejects.toThrow();
    expect(series()).toMatchObject({
      'http_client_requests_total{code="200",method="get"}': 1,
      'http_client_response_size_bytes_sum{method="get"}': 700,
    });
  });
});

describe('the function that ends it', () => {
  it('leaves no listener anywhere, and no request in flight', async () => {
    const before = CHANNELS.filter((name) => channel(name).hasSubscribers);
    const stop = instrumented();
    expect(CHANNELS.filter((name) => !channel(name).hasSubscribers)).toEqual([]);
    const held: ServerResponse[] = [];
    const url = await serve((request, response) => {
      if (request.url === '/after') response.end();
      else held.push(response);
    });
    const fetched = fetch(url);
    const request = send(url, {});
    const answered = finished(request);
    const listeners = request.listenerCount('close');
    await waitFor(() => held.length === 2, { what: 'two requests' });
    expect(series().http_client_requests_in_flight).toBe(2);

    stop();
    expect(CHANNELS.filter((name) => channel(name).hasSubscribers)).toEqual(before);
    expect(request.listenerCount('close')).toBe(listeners - 1);
    expect(series().http_client_requests_in_flight).toBe(0);
    for (const waiting of held) waiting.end();
    await Promise.all([fetched, answered]);
    await fetch(`${url}/after`);
    stop();
    const totals = Object.keys(series()).filter((name) => name.startsWith('http_client_requests_total'));
    expect(totals).toEqual([]);
    expect(series().http_client_requests_in_flight).toBe(0);
  });
});
