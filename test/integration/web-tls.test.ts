import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { temporaryFolder } from '../support/temp.ts';
import { oneConnection, startWebAgent } from '../support/web-client.ts';

const SAN = 'DNS:localhost,DNS:agent.example,IP:127.0.0.1';
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let authority: Authority;
let stranger: Authority;
let first: Certificate;
let second: Certificate;
let client: Certificate;
let otherClient: Certificate;

beforeAll(async () => {
  folder = await temporaryFolder('certs');
  authority = await createAuthority(join(folder.path, 'ca'), { name: 'authority' });
  stranger = await createAuthority(join(folder.path, 'stranger'), { name: 'stranger' });
  first = await authority.issue({ name: 'first', subjectAltName: SAN });
  second = await authority.issue({ name: 'second', subjectAltName: SAN });
  client = await authority.issue({
    name: 'prometheus',
    subjectAltName: 'DNS:prometheus.example,URI:spiffe://example/prometheus',
  });
  otherClient = await stranger.issue({ name: 'other', subjectAltName: 'DNS:prometheus.example' });
});

afterAll(() => folder[Symbol.asyncDispose]());

const TLS = 'tls_server_config: {cert_file: server.pem, key_file: server.key';
const server = () => ({ 'server.pem': first.cert, 'server.key': first.key, 'ca.pem': authority.cert });

/** The common name of the certificate that a new connection is shown. */
async function shownName(
  port: number,
  more: { ca?: string; cert?: string; key?: string } = {},
): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, ...more });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.once('error', reject);
  socket.once('secureConnect', () => resolve(String(socket.getPeerCertificate().subject.CN)));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

it('serves https, and nothing else, with the certificate of web.yml', async () => {
  await using run = await startWebAgent({ webFile: `${TLS}}\n`, files: server() });
  expect(run.url).toMatch(/^https:/);
  const answer = await ask(`${run.url}/metrics`, { ca: authority.cert });
  expect(answer.status).toBe(200);
  expect(answer.body).toContain('informer_build_info');
  await expect(ask(`${run.url.replace('https', 'http')}/metrics`)).rejects.toThrow();
  await expect(ask(`${run.url}/metrics`, { ca: stranger.cert })).rejects.toThrow();
  await expect(ask(`${run.url}/metrics`, { ca: authority.cert, maxVersion: 'TLSv1.1' })).rejects.toThrow();
  // The certificate's names are the agent's.
  const api = { ca: authority.cert, headers: { host: 'agent.example' } };
  expect((await ask(`${run.url}/api/v1/resources`, api)).status).toBe(200);
});

describe('client certificates', () => {
  const CASES = [
    ['NoClientCert', '', { none: 200, good: 200, foreign: 200 }],
    ['RequestClientCert', '', { none: 200, good: 200, foreign: 200 }],
    ['RequireAnyClientCert', '', { none: 0, good: 200, foreign: 200 }],
    ['VerifyClientCertIfGiven', 'client_ca_file: ca.pem', { none: 200, good: 200, foreign: 0 }],
    ['RequireAndVerifyClientCert', 'client_ca_file: ca.pem', { none: 0, good: 200, foreign: 0 }],
    [
      'RequireAndVerifyClientCert',
      'client_ca_file: ca.pem, client_allowed_sans: [other.example]',
      { none: 0, good: 0, foreign: 0 },
    ],
    [
      'RequireAndVerifyClientCert',
      'client_ca_file: ca.pem, client_allowed_sans: [other.example, "spiffe://example/prometheus"]',
      { none: 0, good: 200, foreign: 0 },
    ],
  ] as const;

  it.each(CASES)('%s %s', async (type, more, expected) => {
    const webFile = `${TLS}, client_auth_type: ${type}${more === '' ? '' : `, ${more}`}}\n`;
    await using run = await startWebAgent({ webFile, files: server() });
    const status = (certificate: Partial<Pick<Certificate, 'cert' | 'key'>>) =>
      ask(`${run.url}/metrics`, { ca: authority.cert, ...certificate }).then(
        (answer) => answer.status,
        () => 0,
      );
    expect({
      none: await status({}),
      good: await status({ cert: client.cert, key: client.key }),
      foreign: await status({ cert: otherClient.cert, key: otherClient.key }),
    }).toEqual(expected);
    const refused = Object.values(expected).filter((code) => code === 0).length;
    const counted = (await run.scrape()).value('informer_http_refused_total', { reason: 'certificate' });
    expect(counted ?? 0).toBe(refused);
    // Each client is told of once.
    expect(run.logs.filter(({ message }) => message === 'request refused')).toHaveLength(
      Math.min(refused, 1),
    );
  });
});

describe('a changed certificate', () => {
  it('is shown to who connects from then on, and ends no connection', async () => {
    await using run = await startWebAgent({ webFile: `${TLS}}\n`, files: server() });
    const kept = oneConnection();
    const sockets = new Set<unknown>();
    const scrape = async () => {
      const answer = await ask(`${run.url}/metrics`, { ca: authority.cert, agent: kept });
      for (const socket of Object.values(kept.freeSockets).flat()) sockets.add(socket);
      return answer.status;
    };
    expect(await scrape()).toBe(200);
    expect(await shownName(run.port)).toBe('first');

    await run.write('server.key', second.key);
    await run.write('server.pem', second.cert);
    await run.until('the new certificate', async () => (await shownName(run.port)) === 'second');
    expect(await scrape()).toBe(200);
    expect(sockets.size).toBe(1);
    kept.destroy();
  });

  it('is found behind the links of a mounted secret', async () => {
    await using run = await startWebAgent({
      webFile: 'tls_server_config: {cert_file: secret/tls.crt, key_file: secret/tls.key}\n',
      files: {
        'secret/..1/tls.crt': first.cert,
        'secret/..1/tls.key': first.key,
        'secret/tls.crt': first.cert,
        'secret/tls.key': first.key,
      },
    });
    const secret = join(run.folder, 'secret');
    const swap = async (name: string) => {
      await symlink(name, join(secret, '..data_tmp'));
      await rename(join(secret, '..data_tmp'), join(secret, '..data'));
    };
    for (const file of ['tls.crt', 'tls.key']) {
      await rm(join(secret, file));
      await symlink(join('..data', file), join(secret, file));
    }
    await swap('..1');
    await mkdir(join(secret, '..2'));
    await writeFile(join(secret, '..2/tls.crt'), second.cert);
    await writeFile(join(secret, '..2/tls.key'), second.key);
    await swap('..2');
    await rm(join(secret, '..1'), { recursive: true });
    await run.until('the new certificate', async () => (await shownName(run.port)) === 'second');
  });

  it('that is not usable changes nothing, and says where', async () => {
    await using run = await startWebAgent({ webFile: `${TLS}}\n`, files: server() });
    await run.write('server.key', second.key);
    const result = await run.agent.reload();
    expect(result.successful).toBe(false);
    expect(result.errors).toEqual([
      expect.stringMatching(
        /web\.yml:1:\d+: tls_server_config\.key_file: the key does not belong to the certificate; use the two/,
      ),
    ]);
    expect(await shownName(run.port)).toBe('first');
    expect(result.errors.join()).not.toContain('PRIVATE KEY');
  });

  it('costs no request while many come', async () => {
    await using run = await startWebAgent({ webFile: `${TLS}}\n`, files: server() });
    const failures: unknown[] = [];
    const state = { ended: false, requests: 0 };
    const connections = [oneConnection(), oneConnection(), false, false] as const;
    const load = connections.map(async (agent) => {
      while (!state.ended) {
        const answer = await ask(`${run.url}/metrics`, { ca: authority.cert, agent }).catch((error) => error);
        if (answer.status !== 200) failures.push(answer);
        state.requests++;
      }
    });
    const names = ['first', 'second'];
    for (let turn = 1; turn <= 6; turn++) {
      const next = turn % 2 === 0 ? first : second;
      await run.write('server.key', next.key);
      await run.write('server.pem', next.cert);
      await run.until('the other certificate', async () => (await shownName(run.port)) === names[turn % 2]);
    }
    state.ended = true;
    await Promise.all(load);
    for (const agent of connections) if (agent) agent.destroy();
    expect(failures).toEqual([]);
    expect(state.requests).toBeGreaterThan(20);
  });
});

it('goes over to TLS and client certificates by a reload, without leaving the port', async () => {
  await using run = await startWebAgent({ files: { ...server(), 'web.yml': `${TLS}}\n` } });
  expect((await ask(`${run.url}/metrics`)).status).toBe(200);
  const text = await readFile(join(run.folder, 'informer.yaml'), 'utf8');
  await run.write('informer.yaml', text.replace('web: {', 'web: {config_file: web.yml, '));
  await run.until('TLS', async () => (await shownName(run.port)) === 'first');
  expect(run.agent.url).toBe(`https://127.0.0.1:${run.port}/`);

  const kept = oneConnection();
  const url = `https://127.0.0.1:${run.port}/metrics`;
  expect((await ask(url, { ca: authority.cert, agent: kept })).headers.connection).toBe('keep-alive');
  await run.write(
    'web.yml',
    `${TLS}, client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert}\n`,
  );
  await run.until('client certificates to be asked for', () =>
    ask(url, { ca: authority.cert }).then(
      () => false,
      () => true,
    ),
  );
  // Who was let in without one gets one more answer.
  expect((await ask(url, { ca: authority.cert, agent: kept })).headers.connection).toBe('close');
  kept.destroy();
});

it('does not start with a web.yml that is not usable', async () => {
  await using run = await startWebAgent({ webFile: `${TLS}, min_verison: TLS12}\n`, files: server() });
  expect(run.started.successful).toBe(false);
  expect(run.started.errors).toEqual([
    expect.stringMatching(
      /web\.yml:1:\d+: tls_server_config: unknown key "min_verison"; did you mean "min_version"\?/,
    ),
  ]);
});
