import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Exposition } from '../support/agent.ts';
import { type AskOptions, ask } from '../support/ask.ts';
import { askOverSocket } from '../support/socket-client.ts';
import { basic, bearer, startWebAgent, type WebAgent } from '../support/web-client.ts';

/** bcrypt hashes of the lowest cost: what a comparison takes is not what these tests are about. */
const HASHES = {
  'open sesame': '$2b$04$AWgxrVYjkYnEHU1EqkoHZ.SB/H0oicsCFX5TanKIbFbA8dq2ICsuW',
  'let-bob-in': '$2y$04$Vf3xU55MeytYDhTyqypdb.xTaWwip8pFBfvlyeMmjH5G./BRAo2dy',
  'another one': '$2a$04$L.FoM4ezrh9fFC85XzDEHeOkh7YKt92MxumuebvQF5MoAgZEDrfBm',
} as const;
/** Of "open sesame" too, and 256 times as much work. */
const COSTLY_HASH = '$2b$12$4KiGE1MuH4QqumtxkCh7U.IdnaMPxPfVyK1.2240NQy81asMC67N6';

const webFile = `basic_auth_users: {alice: '${HASHES['open sesame']}', bob: '${HASHES['let-bob-in']}'}\n`;
const TOKEN = 'a-token-of-some-length';
const admin = { web: 'admin: {token_file: token}', files: { token: `${TOKEN}\n` } };
const ELSEWHERE = { localAddress: '127.0.0.2' };

/** How many were refused, asked where nobody needs credentials. */
async function refusals(run: WebAgent, reason: string): Promise<number> {
  const socketPath = join(run.folder, 'state/agent.sock');
  const { body } = await ask('http://localhost/metrics', { socketPath });
  return new Exposition(body).value('informer_http_refused_total', { reason }) ?? 0;
}

describe('basic auth', () => {
  it('is asked of everybody but the unix socket, for every path', async () => {
    await using run = await startWebAgent({ webFile });
    for (const path of ['/metrics', '/', '/-/healthy', '/api/v1/resources', '/nowhere']) {
      const answer = await ask(`${run.url}${path}`);
      expect(answer.status, path).toBe(401);
      expect(answer.headers['www-authenticate'], path).toMatch(/^Basic realm=/);
      expect(answer.json()).toMatchObject({
        code: 'HTTP_NOT_ALLOWED',
        fix: expect.stringContaining('basic_auth_users'),
      });
    }
    const get = (headers: AskOptions['headers']) => ask(`${run.url}/metrics`, { headers });
    expect((await get(basic('alice', 'open sesame'))).status).toBe(200);
    expect((await get(basic('bob', 'let-bob-in'))).status).toBe(200);
    expect((await get(basic('alice', 'let-bob-in'))).status).toBe(401);
    expect((await get(basic('nobody', 'let-bob-in'))).status).toBe(401);
    expect((await get({ authorization: 'Basic !' })).status).toBe(401);
    expect(
      await askOverSocket(join(run.folder, 'state/agent.sock'), 'GET', '/api/v1/resources'),
    ).toMatchObject({
      status: 200,
    });
    expect(await refusals(run, 'basic')).toBe(2);
    // A password allows no change; the token does, and needs no password beside it.
    const post = await ask(`${run.url}/-/reload`, { method: 'POST', headers: basic('alice', 'open sesame') });
    expect(post.status).toBe(401);
  });

  it('follows web.yml, and no hash is ever shown', async () => {
    await using run = await startWebAgent({ webFile });
    const login = { headers: basic('alice', 'open sesame') };
    expect((await ask(`${run.url}/metrics`, login)).status).toBe(200);
    await run.write('web.yml', `basic_auth_users: {alice: '${HASHES['another one']}'}\n`);
    await run.until(
      'the old password to be refused',
      async () => (await ask(`${run.url}/metrics`, login)).status === 401,
    );
    expect((await ask(`${run.url}/metrics`, { headers: basic('alice', 'another one') })).status).toBe(200);

    await run.write('web.yml', 'basic_auth_users: {alice: a-plain-password}\n');
    const result = await run.agent.reload();
    expect(result.errors).toEqual([
      expect.stringMatching(/web\.yml:1:27: basic_auth_users\.alice: it is not a bcrypt hash; make one with/),
    ]);
    expect(JSON.stringify([result, run.logs])).not.toMatch(/a-plain-password|\$2b\$/);
    expect((await ask(`${run.url}/metrics`, { headers: basic('alice', 'another one') })).status).toBe(200);
  });

  it('keeps who guesses waiting, and nobody else', async () => {
    await using run = await startWebAgent({ webFile });
    const scraper = { headers: basic('bob', 'let-bob-in') };
    expect((await ask(`${run.url}/metrics`, scraper)).status).toBe(200);
    const guess = (n: number) =>
      ask(`${run.url}/metrics`, { ...ELSEWHERE, headers: basic('alice', `guess ${n}`) });
    let waits = 0;
    let tried = 0;
    // Until the next attempt is some seconds away.
    for (let last = 0, n = 0; last < 4; n++) {
      const answer = await guess(n);
      last = Number(answer.headers['retry-after'] ?? 0);
      if (answer.status === 401) tried++;
      else waits++;
      if (answer.status === 429) expect(answer.json()).toMatchObject({ code: 'HTTP_TOO_MANY', status: 429 });
    }
    expect(tried).toBeGreaterThanOrEqual(10);
    // The right password is refused as well: else guessing would go on.
    const right = { ...ELSEWHERE, headers: basic('alice', 'open sesame') };
    expect((await ask(`${run.url}/metrics`, right)).status).toBe(429);
    expect((await ask(`${run.url}/metrics`, scraper)).status).toBe(200);
    expect((await ask(`${run.url}/metrics`, { headers: right.headers })).status).toBe(200);
    expect(await refusals(run, 'rate')).toBe(waits + 1);
    const told = run.logs.filter(({ message }) => message === 'request refused');
    expect(told.map(({ fields }) => fields)).toEqual([
      { client: '127.0.0.2', reason: 'basic', detail: expect.any(String) },
      { client: '127.0.0.2', reason: 'rate', detail: expect.any(String) },
    ]);
  });

  it('takes a hash of high cost off the main thread, and once for all who ask at one time', async () => {
    await using run = await startWebAgent({ webFile: `basic_auth_users: {alice: '${COSTLY_HASH}'}\n` });
    const headers = basic('alice', 'open sesame');
    const all = Promise.all(Array.from({ length: 30 }, () => ask(`${run.url}/metrics`, { headers })));
    let others = 0;
    let isOver = false;
    const over = all.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      expect((await ask(`${run.url}/metrics`)).status).toBe(401);
      others++;
    }
    expect((await over).map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
    expect(others).toBeGreaterThan(5);
  });
});

describe('the token', () => {
  const post = (run: WebAgent, headers: AskOptions['headers'], more: AskOptions = {}) =>
    ask(`${run.url}/-/reload`, { method: 'POST', ...(headers && { headers }), ...more });

  it('allows changes, and satisfies basic auth too', async () => {
    await using run = await startWebAgent({ webFile, ...admin });
    expect((await ask(`${run.url}/metrics`, { headers: bearer(TOKEN) })).status).toBe(200);
    expect((await post(run, bearer(TOKEN))).status).toBe(200);
    const wrong = await post(run, bearer('wrong'));
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toBe('Bearer');
    expect(await refusals(run, 'token')).toBe(1);
  });

  it('is read again when its file changes, and worth nothing without it', async () => {
    await using run = await startWebAgent(admin);
    expect((await post(run, bearer(TOKEN))).status).toBe(200);
    await run.write('token', 'the-next-token\n');
    expect((await post(run, bearer('the-next-token'))).status).toBe(200);
    expect((await post(run, bearer(TOKEN))).status).toBe(401);
    await rm(join(run.folder, 'token'));
    await run.until('the token to be worth nothing', async () => {
      const answer = await post(run, bearer('the-next-token'));
      return answer.status === 401 && answer.body.includes("can't be read");
    });
  });

  it('can not be guessed: who tries too often waits, and others do not', async () => {
    await using run = await startWebAgent(admin);
    let tried = 0;
    // Until the next attempt is some seconds away.
    for (let last = 0, n = 0; last < 4; n++) {
      const answer = await post(run, bearer(`guess-${n}`), ELSEWHERE);
      last = Number(answer.headers['retry-after'] ?? 0);
      if (answer.status === 401) tried++;
    }
    expect(tried).toBeGreaterThanOrEqual(10);
    expect((await post(run, bearer(TOKEN), ELSEWHERE)).status).toBe(429);
    expect((await post(run, bearer(TOKEN))).status).toBe(200);
    // What needs no credentials is answered as before.
    expect((await ask(`${run.url}/metrics`, { ...ELSEWHERE, headers: bearer('guess') })).status).toBe(200);
    const told = run.logs.filter(({ message }) => message === 'request refused');
    expect(told.map(({ fields }) => fields.reason)).toEqual(['token', 'rate']);
    expect(JSON.stringify(run.logs)).not.toMatch(/guess-|a-token/);
  });
});

it('says who asks, and whether that is enough for changes', async () => {
  await using run = await startWebAgent({ webFile, ...admin });
  const agent = async (headers: AskOptions['headers']) =>
    (await ask(`${run.url}/api/v1/agent`, headers ? { headers } : {})).json().mayChange;
  expect(await agent(basic('alice', 'open sesame'))).toBe(false);
  expect(await agent(bearer(TOKEN))).toBe(true);
  const socket = join(run.folder, 'state/agent.sock');
  expect((await askOverSocket(socket, 'GET', '/api/v1/agent')).body.mayChange).toBe(true);
});

it('lets through as many requests as rate_limit says', async () => {
  await using run = await startWebAgent({ webFile: 'rate_limit: {interval: 1h, burst: 3}\n' });
  const statuses = [];
  for (let n = 0; n < 5; n++) statuses.push((await ask(`${run.url}/-/healthy`)).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  const socketPath = join(run.folder, 'state/agent.sock');
  expect((await ask('http://localhost/-/healthy', { socketPath })).status).toBe(200);
});

it('shows credentials and hashes nowhere, right or wrong', async () => {
  await using run = await startWebAgent({ webFile, ...admin });
  const right = { headers: basic('alice', 'open sesame') };
  await ask(`${run.url}/metrics`, { headers: basic('alice', 'a wrong one') });
  await ask(`${run.url}/-/reload`, { method: 'POST', headers: bearer('a wrong one') });
  await ask(`${run.url}/-/reload`, { method: 'POST', headers: bearer(TOKEN) });
  await run.write('web.yml', `${webFile}unknown_key: '${HASHES['another one']}'\n`);
  await ask(`${run.url}/-/reload`, { method: 'POST', headers: bearer(TOKEN) });
  const { paths } = (await ask(`${run.url}/openapi.json`, right)).json() as { paths: Record<string, object> };
  const routes = Object.keys(paths).filter((path) => !path.includes('{') && path !== '/api/v1/events');
  const shown = await Promise.all(routes.map(async (path) => (await ask(`${run.url}${path}`, right)).body));
  const all = JSON.stringify([run.logs, shown]);
  expect(all).toContain('configuration rejected');
  expect(routes.length).toBeGreaterThan(10);
  for (const secret of ['open sesame', 'let-bob-in', 'a wrong one', TOKEN, ...Object.values(HASHES)]) {
    expect(all).not.toContain(secret);
    expect(all).not.toContain(Buffer.from(`alice:${secret}`).toString('base64'));
  }
});
