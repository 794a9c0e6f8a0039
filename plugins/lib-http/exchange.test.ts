import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startHttp, startTcp } from '../../test/support/http-server.ts';
import { freePort } from '../../test/support/ports.ts';
import { waitFor } from '../../test/support/wait.ts';
import { type ExchangeRequest, exchange } from './exchange.ts';

const ask = (url: string, options: Partial<ExchangeRequest> = {}, signal = AbortSignal.timeout(10_000)) =>
  exchange(
    {
      url: new URL(url),
      method: 'GET',
      headers: {},
      tls: { verify: true },
      maxBodyBytes: 1000,
      keepBody: true,
      ...options,
    },
    signal,
  );

/** Answers every request with these bytes, and then does `after`. */
const saying = (bytes: string, after: (socket: Socket) => void = (socket) => socket.end()) =>
  startTcp((socket) => socket.once('data', () => socket.write(bytes, 'latin1', () => after(socket))));

describe('an exchange that comes to its end', () => {
  it('gives head, body, address and the time of each phase', async () => {
    await using server = await startHttp(async (_request, response) => {
      await pause(100);
      response.write('be');
      await pause(100);
      response.end('gin');
    });
    const { head, body, address, phases, failure, tls } = await ask(`${server.url}/a?b=c`);
    expect(failure).toBeUndefined();
    expect(head).toMatchObject({ status: 200, httpVersion: '1.1' });
    expect(body?.content.toString()).toBe('begin');
    expect(body?.bytes).toBe(5);
    expect(address).toEqual({ ip: '127.0.0.1', family: 4 });
    expect(tls).toBeUndefined();
    expect(Object.keys(phases)).toEqual(['resolve', 'connect', 'processing', 'transfer']);
    expect(phases.processing).toBeGreaterThan(0.05);
    expect(phases.transfer).toBeGreaterThan(0.05);
  });

  it('counts the wait for the head to be complete as transfer: the first byte had come', async () => {
    await using server = await startTcp((socket) =>
      socket.once('data', async () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        await pause(100);
        socket.end('\r\nbody');
      }),
    );
    const { phases, body } = await ask(server.url);
    expect(body?.content.toString()).toBe('body');
    expect(phases.transfer).toBeGreaterThan(0.05);
  });

  it('works with IPv6 addresses', async () => {
    await using server = await startHttp((_request, response) => response.end('six'), '::1');
    const { address, body } = await ask(server.url);
    expect(address).toEqual({ ip: '::1', family: 6 });
    expect(body?.content.toString()).toBe('six');
  });

  it('sends a body with its length, whatever the method', async () => {
    await using server = await startHttp(async (request, response) => {
      const text = (await request.toArray()).join('');
      response.end(`${request.method} ${request.headers['content-length']} ${text}`);
    });
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { body } = await ask(server.url, { method, body: 'ä' });
      expect(body?.content.toString()).toBe(`${method} 2 ä`);
    }
  });

  it('takes a connection of its own, and asks for it to be closed', async () => {
    await using server = await startHttp((request, response) => response.end(request.headers.connection));
    expect((await ask(server.url)).body?.content.toString()).toBe('close');
    await ask(server.url);
    expect(server.accepted).toHaveLength(2);
    await waitFor(() => server.open.size === 0, { what: 'the connections to close' });
  });

  it('reads chunks with trailers, bodies that end with the connection, and answers without a body', async () => {
    const chunked =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n';
    await using trailers = await saying(chunked, () => undefined);
    expect((await ask(trailers.url)).body?.content.toString()).toBe('abc');
    await using old = await saying('HTTP/1.0 200 OK\r\n\r\nold');
    expect(await ask(old.url)).toMatchObject({ head: { httpVersion: '1.0' }, body: { bytes: 3 } });
    await using empty = await saying('HTTP/1.1 204 No Content\r\n\r\n', () => undefined);
    expect(await ask(empty.url)).toMatchObject({ head: { status: 204 }, body: { bytes: 0 } });
    await using head = await saying('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n', () => undefined);
    expect(await ask(head.url, { method: 'HEAD' })).toMatchObject({ body: { bytes: 0 } });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('decodes %s', async (encoding, encode) => {
    await using server = await startHttp((_request, response) => {
      response.setHeader('content-encoding', encoding).end(encode(Buffer.from('a'.repeat(500))));
    });
    const { body, failure } = await ask(server.url);
    expect(failure).toBeUndefined();
    expect(body?.bytes).toBe(500);
  });
});

describe('an exchange that fails says why', () => {
  it('dns: the name does not exist', async () => {
    const { failure, phases } = await ask('http://no-such-host.invalid/');
    expect(failure?.reason).toBe('dns');
    expect(Object.keys(phases)).toEqual(['resolve']);
  });

  it('dns: the address is of the other family and no fallback is wanted', async () => {
    const { failure } = await ask('http://127.0.0.1:1/', { address: { preferred: 6, fallback: false } });
    expect(failure).toEqual({ reason: 'dns', message: '127.0.0.1 has no IPv6 address' });
  });

  it('connect: nobody listens', async () => {
    const { failure, phases } = await ask(`http://127.0.0.1:${await freePort()}/`);
    expect(failure?.reason).toBe('connect');
    expect(Object.keys(phases)).toEqual(['resolve']);
  });

  it('tls: the server does not speak it, or hangs up', async () => {
    await using plain = await startHttp((_request, response) => response.end());
    expect((await ask(plain.url.replace('http:', 'https:'))).failure?.reason).toBe('tls');
    await using silent = await startTcp((socket) => socket.destroy());
    expect((await ask(silent.url.replace('http:', 'https:'))).failure?.reason).toBe('tls');
  });

  it.each([
    ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['nothing at all', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['a body that is cut off', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
    ['chunks that are cut off', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf\r\nabc'],
    ['a bad chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na'],
    ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['broken gzip', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\noops'],
  ])('protocol: %s', async (_what, bytes) => {
    await using server = await saying(bytes);
    const { failure, phases } = await ask(server.url);
    expect(failure).toMatchObject({ reason: 'protocol', message: expect.stringMatching(/./) });
    expect(phases.transfer).toBeUndefined();
    await waitFor(() => server.open.size === 0, { what: 'the connection to close' });
  });

  it('protocol: the server resets the connection', async () => {
    await using early = await startTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect((await ask(early.url)).failure?.reason).toBe('protocol');
    await using late = await saying('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', (socket) =>
      socket.resetAndDestroy(),
    );
    expect(await ask(late.url)).toMatchObject({ failure: { reason: 'protocol' }, body: { bytes: 3 } });
  });

  it('body_size: the body is longer than it may be, though it unpacks to that', async () => {
    await using server = await startHttp((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(1_000_000, 'a')));
    });
    const { failure, body } = await ask(server.url);
    expect(failure).toEqual({ reason: 'body_size', message: 'the body is longer than 1000 bytes' });
    expect(body?.bytes).toBe(1000);
    expect(body?.content).toHaveLength(1000);
  });

  it('lets a body through that is exactly as long as it may be', async () => {
    await using server = await startHttp((_request, response) => response.end('a'.repeat(1000)));
    expect((await ask(server.url)).failure).toBeUndefined();
  });
});

describe('an exchange whose time is over', () => {
  it.each([
    ['the TLS handshake', 'https', ''],
    ['the first byte of the answer', 'http', ''],
  ])('timed out waiting for %s, and leaves no connection', async (what, scheme, bytes) => {
    const abort = new AbortController();
    await using server = await saying(bytes, () => abort.abort());
    const { failure } = await ask(server.url.replace('http', scheme), {}, abort.signal);
    expect(failure).toEqual({ reason: 'timeout', message: `timed out waiting for ${what}` });
    await waitFor(() => server.open.size === 0, { what: 'the connection to close' });
  });

  it.each(['Content-Length: 10\r\n\r\nabc', 'Content-Encoding: gzip\r\n\r\n'])(
    'timed out waiting for the rest of the answer (%j), and leaves no connection',
    async (rest) => {
      const abort = new AbortController();
      await using server = await saying(`HTTP/1.1 200 OK\r\n${rest}`, () => undefined);
      const wantsBody = () => Boolean(setImmediate(() => abort.abort()));
      const { failure, head } = await ask(server.url, { wantsBody }, abort.signal);
      expect(failure).toEqual({ reason: 'timeout', message: 'timed out waiting for the rest of the answer' });
      expect(head?.status).toBe(200);
      await waitFor(() => server.open.size === 0, { what: 'the connection to close' });
    },
  );

  it('before it begins: nothing is connected', async () => {
    await using server = await startHttp((_request, response) => response.end());
    const { failure } = await ask(server.url, {}, AbortSignal.abort());
    expect(failure?.reason).toBe('timeout');
    expect(server.accepted).toHaveLength(0);
  });
});
