import { openForTest, testPlugin } from '@dynamic-informer/sdk/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startHttp, startTcp } from '../../test/support/http-server.ts';
import { type Nginx, startNginx } from '../../test/support/nginx.ts';
import { freePort } from '../../test/support/ports.ts';
import { waitFor } from '../../test/support/wait.ts';
import plugin from './index.ts';

let nginx: Nginx;
let dead: number;
beforeAll(async () => {
  dead = await freePort();
  nginx = await startNginx({
    server: `
      location /health { default_type text/plain; return 200 "all is well\\n"; }
      location /static { alias files; }
      location = /old { return 301 /health; }
      location = /busy { return 503 "Down for Maintenance"; }
      location = /none { return 204; }
      location = /loop { return 302 /loop; }
      location = /away { return 302 ftp://example.invalid/; }
      location = /auth {
        if ($http_authorization != "Basic dXNlcjpwYXNz") { return 401; }
        return 200;
      }
    `,
    files: { 'files/page.html': 'a page' },
  });
});
afterAll(() => nginx?.stop());

describe('http-probe', () => {
  for (const check of testPlugin(plugin, {
    folder: import.meta.dirname,
    config: () => ({ targets: [`${nginx.url}/health`] }),
    configFor: ({ url }) => ({ targets: [url] }),
    showsFailure: ({ value }) => value('probe_success') === 0,
    variables: () => ({ NGINX: nginx.url, DEAD: `http://127.0.0.1:${dead}` }),
  })) {
    it(check.name, { timeout: check.timeout }, check.run);
  }
});

async function probe(config: object, timeoutMs = 10_000) {
  await using collector = await openForTest(plugin, config);
  const collected = await collector.collect({ timeoutMs });
  const reason = /probe_failure_info\{reason="(\w+)"/.exec(collected.exposition)?.[1];
  return { ...collected, reason, logs: collector.logs };
}

describe('what a configuration demands', () => {
  it.each<[string, object, string | undefined]>([
    ['/health', {}, undefined],
    ['/none', {}, undefined],
    ['/none', { valid_status: [200] }, 'status'],
    ['/busy', {}, 'status'],
    ['/busy', { valid_status: ['500-503'] }, undefined],
    ['/old', {}, undefined],
    ['/old', { follow_redirects: false }, 'status'],
    ['/old', { follow_redirects: false, valid_status: ['3xx'] }, undefined],
    ['/old', { max_redirects: 0 }, 'redirect'],
    ['/loop', {}, 'redirect'],
    ['/away', {}, 'redirect'],
    ['/health', { body_matches: ['all', '^all is well$', '(?i)ALL'] }, 'body'],
    ['/health', { body_matches: ['all', '(?m)^all is well$', '(?i)ALL'] }, undefined],
    ['/health', { body_not_matches: ['ill', 'well'] }, 'body'],
    ['/health', { body_not_matches: ['ill'] }, undefined],
    ['/busy', { valid_status: [503], body_not_matches: ['(?i)maintenance'] }, 'body'],
    ['/health', { header_matches: [{ header: 'Content-Type', regex: '^text/' }] }, undefined],
    ['/health', { header_matches: [{ header: 'content-type', regex: 'json' }] }, 'header'],
    ['/health', { header_matches: [{ header: 'X-None', regex: '' }] }, 'header'],
    ['/health', { header_matches: [{ header: 'X-None', regex: '', allow_missing: true }] }, undefined],
    ['/health', { header_not_matches: [{ header: 'Server', regex: 'nginx' }] }, 'header'],
    ['/health', { header_not_matches: [{ header: 'Server', regex: 'apache' }] }, undefined],
    ['/health', { fail_if_not_ssl: true }, 'ssl'],
    ['/health', { fail_if_ssl: true }, undefined],
    ['/health', { max_body_bytes: 11 }, 'body_size'],
    ['/health', { max_body_bytes: 12 }, undefined],
    ['/health', { preferred_ip_protocol: 'ip6', ip_protocol_fallback: false }, 'dns'],
    ['/health', { preferred_ip_protocol: 'ip6' }, undefined],
    ['/auth', {}, 'status'],
    ['/auth', { basic_auth: { username: 'user', password: 'pass' } }, undefined],
    ['/auth', { authorization: { type: 'Basic', credentials: 'dXNlcjpwYXNz' } }, undefined],
    ['/auth', { headers: { Authorization: 'Basic dXNlcjpwYXNz' } }, undefined],
  ])('%s with %j: %s', async (path, config, expected) => {
    const { outcome, value, reason } = await probe({ targets: [nginx.url + path], ...config });
    expect(reason).toBe(expected);
    expect(outcome).toBe('ok');
    expect(value('probe_success')).toBe(expected === undefined ? 1 : 0);
    const regex = expected === 'header' || expected === 'body';
    expect(value('probe_failed_due_to_regex')).toBe(regex ? 1 : 0);
  });
});

describe('what is sent', () => {
  it('is the method, the body and the headers', async () => {
    await using server = await startHttp(async (request, response) => {
      const body = (await request.toArray()).join('');
      const { host, 'x-key': key, 'user-agent': agent } = request.headers;
      response.end(`${request.method} ${host} ${key} ${agent} ${body}`);
    });
    const { reason, logs } = await probe({
      targets: [server.url],
      method: 'POST',
      body: '{"a":1}',
      headers: { Host: 'shop.example', 'X-Key': 'k', 'User-Agent': 'me' },
      body_matches: ['^POST shop\\.example k me \\{"a":1\\}$'],
    });
    expect(reason, JSON.stringify(logs)).toBeUndefined();
  });

  it('does not go to another host that the target redirects to', async () => {
    await using other = await startHttp((request, response) => {
      const { authorization, 'x-key': key, host } = request.headers;
      response.end(`${authorization} ${key} ${host === `127.0.0.1:${other.port}`}`);
    });
    await using server = await startHttp((_request, response) => {
      response.writeHead(302, { location: `${other.url}/` }).end();
    });
    const { reason, value } = await probe({
      targets: [server.url],
      headers: { 'X-Key': 'k', Host: 'shop.example' },
      basic_auth: { username: 'u', password: 'p' },
      body_matches: ['^undefined undefined true$'],
    });
    expect(reason).toBeUndefined();
    expect(value('probe_http_redirects')).toBe(1);
  });

  it('is a cookie that a redirect set, to the host that set it', async () => {
    await using other = await startHttp((request, response) => response.end(`${request.headers.cookie}`));
    await using server = await startHttp(({ url, headers: { cookie = '' } }, response) => {
      if (url === '/away') response.writeHead(302, { location: `http://localhost:${other.port}/` }).end();
      else if (cookie === 'own=1; seen=yes') response.end('welcome');
      else {
        const set = ['seen=yes; Path=/; HttpOnly', 'safe=1; Secure', 'old=1; Max-Age=0', 'bad'];
        response.writeHead(302, { location: url, 'set-cookie': set }).end();
      }
    });
    const headers = { Cookie: 'own=1' };
    const home = await probe({ targets: [`${server.url}/in`], headers, body_matches: ['^welcome$'] });
    expect(home.reason).toBeUndefined();
    expect(home.value('probe_http_redirects')).toBe(1);
    const away = await probe({ targets: [`${server.url}/away`], headers, body_matches: ['^undefined$'] });
    expect(away.reason).toBeUndefined();
  });

  it('is a user in the URL too, and no label or log shows it', async () => {
    const targets = [`${nginx.url}/auth`, `http://x@127.0.0.1:${dead}/`].map((url) =>
      url.replace('//', '//user:pass@'),
    );
    const { exposition, value, logs } = await probe({ targets: [targets[0]] });
    expect(value('probe_success', { target: `${nginx.url}/auth` })).toBe(1);
    expect(exposition + JSON.stringify(logs)).not.toContain('pass');
    const failed = await probe({ targets: [`http://user:pass@127.0.0.1:${dead}/`] });
    expect(failed.value('probe_success', { target: `http://127.0.0.1:${dead}/` })).toBe(0);
    expect(failed.exposition + JSON.stringify(failed.logs)).not.toContain('pass');
  });
});

describe('several targets', () => {
  it('are probed at the same time', async () => {
    const waiting: (() => void)[] = [];
    await using server = await startHttp((_request, response) => {
      waiting.push(() => response.end());
      // Nobody is answered until everybody has asked.
      if (waiting.length === 3) for (const answer of waiting) answer();
    });
    const targets = ['/a', '/b', '/c'].map((path) => server.url + path);
    const { value } = await probe({ targets });
    for (const target of targets) expect(value('probe_success', { target })).toBe(1);
  });

  it('are probed one after the other with concurrency 1', async () => {
    let most = 0;
    await using server: LocalServer = await startHttp((_request, response) => {
      most = Math.max(most, server.open.size);
      response.end();
    });
    const targets = ['/a', '/b', '/c'].map((path) => server.url + path);
    const { outcome } = await probe({ targets, concurrency: 1 });
    expect(outcome).toBe('ok');
    expect(server.accepted).toHaveLength(3);
    expect(most).toBe(1);
  });

  it('do not suffer from one that hangs, which is given up before the deadline', async () => {
    await using hung = await startTcp((socket) => socket.resume());
    const targets = [hung.url, `${nginx.url}/health`];
    const { outcome, value, reason, logs } = await probe({ targets }, 1000);
    expect(outcome).toBe('ok');
    expect(reason).toBe('timeout');
    expect(value('probe_success', { target: hung.url })).toBe(0);
    expect(value('probe_success', { target: `${nginx.url}/health` })).toBe(1);
    expect(logs).toMatchObject([
      {
        level: 'warn',
        message: `The probe of ${hung.url} fails: timed out waiting for the first byte of the answer.`,
        fields: { target: hung.url, reason: 'timeout' },
      },
    ]);
    await waitFor(() => hung.open.size === 0, { what: 'the connection to close' });
  });

  it('have a timeout of their own', async () => {
    await using hung = await startTcp((socket) => socket.resume());
    const { value, reason } = await probe({ targets: [hung.url], timeout: '100ms' });
    expect(reason).toBe('timeout');
    expect(value('probe_timeout_seconds')).toBe(0.1);
  });

  it('whose turn comes too late are not called dead', async () => {
    await using hung = await startTcp((socket) => socket.resume());
    const { outcome, errors, value } = await probe(
      { targets: [hung.url, `${nginx.url}/health`], concurrency: 1 },
      500,
    );
    expect(outcome).toBe('partial');
    expect(errors).toMatchObject([
      { class: 'target', message: '1 of 2 targets were not probed: their turn came too late.' },
    ]);
    expect(value('probe_success', { target: `${nginx.url}/health` })).toBeUndefined();
  });
});

it('logs a target when its state changes, and only then', async () => {
  let status = 200;
  await using server = await startHttp((_request, response) => response.writeHead(status).end());
  await using collector = await openForTest(plugin, { targets: [server.url] });
  for (status of [200, 500, 500, 404, 200, 200]) await collector.collect();
  expect(collector.logs.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    `warn: The probe of ${server.url} fails: the status is 500, not 2xx.`,
    `info: The probe of ${server.url} succeeds again.`,
  ]);
});

it('sums the phases over all redirects, but the transfer', async () => {
  const { value } = await probe({ targets: [`${nginx.url}/old`] });
  const phase = (name: string) => value('probe_http_duration_seconds', { phase: name }) ?? Number.NaN;
  for (const name of ['connect', 'processing', 'transfer']) expect(phase(name)).toBeGreaterThan(0);
  expect(phase('tls')).toBe(0);
  const sum = phase('resolve') + phase('connect') + phase('processing') + phase('transfer');
  expect(value('probe_duration_seconds')).toBeGreaterThanOrEqual(sum);
});
