import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { waitFor } from '../support/wait.ts';
import { RawClient, startWebAgent, type WebAgent } from '../support/web-client.ts';

const ATTACKER = '127.0.0.2';
const HEAD = 'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n';
/** Longer than the longest of the agent's own limits takes. */
const PATIENCE = { timeout: 60_000 };
const MIB = 'x'.repeat(1024 * 1024);

let run: WebAgent;
beforeAll(async () => {
  run = await startWebAgent({
    plugins: { 'large.mjs': LARGE },
    config: 'resources: {large: {plugin: large}}\n',
  });
});
afterAll(() => run[Symbol.asyncDispose]());

/** More than fits in the buffers between two sockets. */
const LARGE = `const value = 'x'.repeat(400);
export default {
  contractVersion: 1, name: 'large', config: {type: 'object', properties: {}},
  open: async () => {
    const metric = {name: 'large', type: 'gauge', help: 'H.', labelNames: ['n', 'text']};
    const samples = Array.from({length: 9000}, (_, n) => ({descriptor: metric, labels: {n: String(n), text: value}, value: n}));
    return {describe: () => [metric], collect: async () => samples};
  },
};
`;

const status = async () => (await ask(`${run.url}/metrics?resource=large`)).status;

/** What a client that is cut off was told: the status, and the problem. */
function told(client: RawClient) {
  const [head = '', body = ''] = client.received.split('\r\n\r\n', 2);
  return { status: Number(head.split(' ')[1]), problem: JSON.parse(body) };
}

const closed = (client: RawClient) =>
  waitFor(() => client.isClosed, { what: 'the connection to be closed', ...PATIENCE });

describe('a scraper is answered beside', { timeout: 90_000 }, () => {
  it('an endless URL and an endless header', async () => {
    for (const start of ['GET /', `${HEAD}X-Endless: `]) {
      using client = new RawClient(run.port, ATTACKER);
      client.socket.write(start);
      const pour = () => {
        while (!client.isClosed && client.socket.writable && client.socket.write(MIB));
      };
      client.socket.on('drain', pour);
      pour();
      expect(await status()).toBe(200);
      await closed(client);
      expect(told(client)).toMatchObject({ status: 431, problem: { code: 'HTTP_BAD_REQUEST' } });
    }
    expect((await ask(`${run.url}/metrics?${'x'.repeat(9_000)}`)).status).toBe(414);
  });

  it('a body that is too large', async () => {
    const post =
      'POST /api/v1/resources/large/disable HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
    using large = new RawClient(run.port, ATTACKER);
    large.socket.write(`${post}Content-Length: 100000000\r\n\r\n${MIB}`);
    expect(await status()).toBe(200);
    await closed(large);
    // Who may not change anything is told so before the body is read.
    expect(told(large).status).toBe(401);
    const allowed = await ask('http://localhost/api/v1/resources/large/disable', {
      socketPath: `${run.folder}/state/agent.sock`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason: MIB }),
    });
    expect(allowed.status).toBe(413);
    expect(allowed.json()).toMatchObject({ code: 'HTTP_BAD_REQUEST', fix: expect.any(String) });
  });

  it('what is not HTTP', async () => {
    using client = new RawClient(run.port, ATTACKER);
    client.socket.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
    await closed(client);
    expect(told(client)).toMatchObject({ status: 400, problem: { code: 'HTTP_BAD_REQUEST' } });
    expect(await status()).toBe(200);
  });

  it('600 connections of one client, of which a part is let in', async () => {
    const clients = Array.from({ length: 600 }, () => new RawClient(run.port, ATTACKER));
    try {
      await Promise.all(
        clients.map((client) => (client.isClosed ? 0 : once(client.socket, 'connect').catch(() => 0))),
      );
      for (let n = 0; n < 3; n++) expect(await status()).toBe(200);
      await waitFor(() => clients.filter(({ isClosed }) => !isClosed).length <= 128, {
        what: 'those that are too many to be closed',
        ...PATIENCE,
      });
      // Even on the same address: room is made for who comes.
      expect((await ask(`${run.url}/metrics`, { localAddress: ATTACKER })).status).toBe(200);
    } finally {
      for (const client of clients) client[Symbol.dispose]();
    }
  });

  it('600 connections of many clients', async () => {
    const clients = Array.from(
      { length: 600 },
      (_, n) => new RawClient(run.port, `127.0.1.${(n % 100) + 1}`),
    );
    try {
      await Promise.all(
        clients.map((client) => (client.isClosed ? 0 : once(client.socket, 'connect').catch(() => 0))),
      );
      for (let n = 0; n < 3; n++) expect(await status()).toBe(200);
    } finally {
      for (const client of clients) client[Symbol.dispose]();
    }
  });

  it('a client that asks for more than it waits for', async () => {
    using greedy = new RawClient(run.port, ATTACKER);
    greedy.socket.pause();
    greedy.socket.write(`${HEAD}\r\n`.repeat(1_000));
    expect(await status()).toBe(200);
    greedy.socket.resume();
    await closed(greedy);
  });
});
