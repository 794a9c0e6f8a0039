import { describe, expect, it } from 'vitest';
import { startHttp } from '../../test/support/http-server.ts';
import { freePort } from '../../test/support/ports.ts';
import { waitFor } from '../../test/support/wait.ts';
import { get, getJson } from './get.ts';

const signal = () => AbortSignal.timeout(10_000);

describe('get', () => {
  it('gives any status as an answer, and sends the user of the URL', async () => {
    await using server = await startHttp((request, response) => {
      response.writeHead(404).end(request.headers.authorization);
    });
    const { status, body } = await get(new URL(server.url.replace('//', '//user:pass@')), {
      signal: signal(),
    });
    expect(status).toBe(404);
    expect(body.toString()).toBe(`Basic ${Buffer.from('user:pass').toString('base64')}`);
  });

  it('fails as the target, without showing the password', async () => {
    const url = new URL(`http://user:hidden@127.0.0.1:${await freePort()}/api`);
    const error = await get(url, { signal: signal() }).catch((error: unknown) => error);
    expect(error).toMatchObject({ class: 'target', message: expect.stringContaining('ECONNREFUSED') });
    expect(String(error)).not.toContain('hidden');
  });

  it('rejects with the reason of the signal, and leaves no connection', async () => {
    await using server = await startHttp(() => abort.abort(new Error('enough')));
    const abort = new AbortController();
    await expect(get(new URL(server.url), { signal: abort.signal })).rejects.toThrow('enough');
    await waitFor(() => server.open.size === 0, { what: 'the connection to close' });
  });
});

describe('getJson', () => {
  it('gives the document', async () => {
    await using server = await startHttp((request, response) => {
      response.end(JSON.stringify({ accept: request.headers.accept }));
    });
    expect(await getJson(new URL(server.url), { signal: signal() })).toEqual({ accept: 'application/json' });
  });

  it('says what came instead', async () => {
    await using server = await startHttp((request, response) => {
      response.writeHead(request.url === '/html' ? 200 : 401).end('<html>');
    });
    await expect(getJson(new URL('/html', server.url), { signal: signal() })).rejects.toMatchObject({
      message: `${server.url}/html answered something that is not JSON.`,
    });
    await expect(getJson(new URL('/', server.url), { signal: signal() })).rejects.toMatchObject({
      message: `${server.url}/ answered HTTP 401.`,
      fix: 'Check the user, the password or the token.',
    });
  });
});
