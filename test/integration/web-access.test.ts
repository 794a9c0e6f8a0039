import { mkdtemp, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { type AskOptions, ask } from '../support/ask.ts';
import { bearer, startWebAgent, type WebAgent } from '../support/web-client.ts';

const TOKEN = 'a-token-of-some-length';
const admin = { web: 'admin: {token_file: token}, hosts: [monitoring.example]', files: { token: TOKEN } };

describe('web.allow', () => {
  it('lets in the networks that it names, and follows a reload', async () => {
    await using run = await startWebAgent({ web: "allow: ['127.0.0.1', '::1/128']" });
    const status = async (localAddress: string, path = '/metrics') =>
      (await ask(`${run.url}${path}`, { localAddress })).status;
    expect(await status('127.0.0.1')).toBe(200);
    for (const path of ['/metrics', '/-/healthy', '/']) expect(await status('127.0.0.2', path)).toBe(403);
    const refused = await ask(`${run.url}/`, { localAddress: '127.0.0.2' });
    expect(refused.json()).toMatchObject({
      code: 'HTTP_FORBIDDEN',
      detail: '127.0.0.2 is not in web.allow.',
    });
    expect((await run.scrape()).value('informer_http_refused_total', { reason: 'network' })).toBe(4);

    const text = `web: {listen: ['unix:${run.folder}/web.sock', '127.0.0.1:0'], allow: [127.0.0.0/8]}\nstate_dir: ${run.folder}/state\nplugin_dirs: [plugins]\n`;
    await run.write('informer.yaml', text);
    await run.until('the network to be let in', async () => (await status('127.0.0.2')) === 200);
  });

  it('names what is no network, with its place', async () => {
    await using run = await startAgent({ config: '', web: "allow: [10.0.0.0/33, 'fe80::/10', elsewhere]" });
    expect(run.started.errors).toEqual([
      expect.stringMatching(
        /informer\.yaml:1:\d+: web\.allow\[0\]: "10\.0\.0\.0\/33" is not a network; write/,
      ),
      expect.stringMatching(/informer\.yaml:1:\d+: web\.allow\[2\]: "elsewhere" is not a network/),
    ]);
  });
});

describe('the host that a request names', () => {
  const OWN = [
    '127.0.0.1',
    '10.1.2.3:80',
    '[::1]:19115',
    'localhost:9',
    hostname(),
    'monitoring.example:443',
  ];
  const FOREIGN = [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:19115',
    'monitoring.example.evil',
  ];

  it('has to be one of the agent, for the page and the API', async () => {
    await using run = await startWebAgent(admin);
    const get = (path: string, host: string) => ask(`${run.url}${path}`, { headers: { host } });
    for (const host of OWN) expect((await get('/api/v1/resources', host)).status, host).toBe(200);
    for (const host of FOREIGN) {
      for (const path of ['/', '/api/v1/resources', '/api/v1/agent?x=/metrics']) {
        expect((await get(path, host)).status, `${host}${path}`).toBe(403);
      }
      for (const path of ['/metrics', '/-/healthy', '/-/ready']) {
        expect((await get(path, host)).status, `${host}${path}`).toBe(200);
      }
    }
    expect((await get('/', 'evil.example')).json()).toEqual({
      type: 'about:blank',
      status: 403,
      code: 'HTTP_FORBIDDEN',
      title: 'Forbidden',
      detail: '"evil.example" is not a name of this agent.',
      fix: expect.stringContaining('web.hosts'),
    });
    const change = { method: 'POST', headers: { host: 'evil.example', ...bearer(TOKEN) } };
    expect((await ask(`${run.url}/-/reload`, change)).status).toBe(403);
  });

  it('is not asked for over the unix socket', async () => {
    await using run = await startWebAgent();
    const socketPath = join(run.folder, 'state/agent.sock');
    const headers = { host: 'evil.example', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await ask('http://x/-/reload', { socketPath, method: 'POST', headers })).status).toBe(200);
  });
});

describe('the origin of a request that changes something', () => {
  const post = (run: WebAgent, headers: Readonly<Record<string, string>>, more: AskOptions = {}) =>
    ask(`${run.url}/-/reload`, { method: 'POST', headers: { ...bearer(TOKEN), ...headers }, ...more });

  it('has to be the page of the agent', async () => {
    await using run = await startWebAgent(admin);
    const own = `http://127.0.0.1:${run.port}`;
    const accepted = [
      {},
      { origin: own },
      { origin: own, 'sec-fetch-site': 'same-origin' },
      { host: 'monitoring.example', origin: 'https://monitoring.example' },
      // A proxy that does not pass on the host.
      { origin: 'https://monitoring.example' },
    ];
    for (const headers of accepted)
      expect((await post(run, headers)).status, JSON.stringify(headers)).toBe(200);
    const refused = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${run.port + 1}` },
      { origin: own, 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of refused) {
      const answer = await post(run, headers);
      expect(answer.status, JSON.stringify(headers)).toBe(403);
      expect(answer.json()).toMatchObject({
        code: 'HTTP_FORBIDDEN',
        fix: expect.stringContaining('web.hosts'),
      });
    }
    expect((await run.scrape()).value('informer_http_refused_total', { reason: 'origin' })).toBe(
      refused.length,
    );
  });

  it('is not all: what it sends has to be JSON', async () => {
    await using run = await startWebAgent(admin);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const answer = await post(run, { 'content-type': type }, { body: '{"reason": "x"}' });
      expect(answer.status, type).toBe(415);
      expect(answer.json()).toMatchObject({
        code: 'HTTP_BAD_REQUEST',
        fix: expect.stringContaining('application/json'),
      });
    }
    expect((await post(run, { 'content-type': 'application/json' }, { body: '{}' })).status).toBe(200);
    expect((await post(run, {})).status).toBe(200);
  });

  it('gets no answer that another site could read', async () => {
    await using run = await startWebAgent(admin);
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await ask(`${run.url}/api/v1/resources`, { method, headers });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

it('sends headers that keep browsers from mischief with every answer', async () => {
  const webFile = `http_server_config:
  http2: false
  headers: {X-Frame-Options: sameorigin, Strict-Transport-Security: max-age=60, X-XSS-Protection: 1}
`;
  await using run = await startWebAgent({ webFile });
  for (const path of ['/', '/metrics', '/api/v1/resources', '/nowhere', '/-/healthy', '/%']) {
    const { headers } = await ask(`${run.url}${path}`);
    expect(headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'sameorigin',
      'strict-transport-security': 'max-age=60',
      'x-xss-protection': '1',
      'content-security-policy': expect.stringMatching(/^default-src 'none'/),
    });
  }
  expect((await ask(`${run.url}/api/v1/resources`)).headers['cache-control']).toBe('no-store');
});

describe('a unix socket', () => {
  it('is for its owner alone', async () => {
    await using run = await startWebAgent();
    for (const name of ['web.sock', 'state/agent.sock']) {
      expect((await stat(join(run.folder, name))).mode & 0o777).toBe(0o600);
    }
  });

  it('whose path is too long is an error at its place', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'di-long-'));
    try {
      const long = join(folder, 'x'.repeat(100));
      await using run = await startAgent({ config: '', listen: [`unix:${long}/a.sock`] });
      expect(run.started.errors).toEqual([
        expect.stringMatching(
          /informer\.yaml:1:\d+: web\.listen\[1\]: the path of the unix socket .* has \d+ bytes, and 10[37] are possible; choose/,
        ),
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
