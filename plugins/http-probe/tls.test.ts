import { createHash, X509Certificate } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { openForTest } from '@dynamic-informer/sdk/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, type Certificate, createAuthority } from '../../test/support/certificates.ts';
import { startHttp, startHttps, startTcp } from '../../test/support/http-server.ts';
import { program } from '../../test/support/packages.ts';
import { outputOf } from '../../test/support/run-program.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/support/temp.ts';
import plugin from './index.ts';

const NAMES = 'DNS:localhost,DNS:*.shop.example,IP:127.0.0.1';

let folder: TemporaryFolder;
let root: Authority;
let intermediate: Authority;
let leaf: Certificate;
beforeAll(async () => {
  folder = await temporaryFolder('http-probe');
  // Each expires before what it signed, so that no two of the dates below can be mixed up.
  root = await createAuthority(folder.path, { name: 'root', expiresInDays: 20 });
  intermediate = await root.issueAuthority({ name: 'intermediate', expiresInDays: 25 });
  leaf = await intermediate.issue({ name: 'leaf', subjectAltName: NAMES, expiresInDays: 30 });
});
afterAll(() => folder?.[Symbol.asyncDispose]());

const serve = (certificate: Certificate, chain: readonly Certificate[] = [intermediate]) =>
  startHttps(
    { key: certificate.key, cert: [certificate, ...chain].map(({ cert }) => cert).join('') },
    (request, response) => response.end(request.headers.host),
  );

async function probe(config: object) {
  await using collector = await openForTest(plugin, config);
  const collected = await collector.collect();
  const reason = /probe_failure_info\{reason="(\w+)"/.exec(collected.exposition)?.[1];
  return { ...collected, reason, message: collector.logs[0]?.message };
}

const openssl = (...args: string[]) => outputOf(program('openssl'), args);

/** The end of a certificate as the openssl program reads it, in seconds since the epoch. */
async function expiryOf({ certFile }: Certificate): Promise<number> {
  const line = await openssl('x509', '-in', certFile, '-noout', '-enddate');
  return Date.parse(line.replace('notAfter=', '')) / 1000;
}

describe('a trusted certificate', () => {
  it('gives its dates, names and fingerprint as openssl reads them', async () => {
    await using server = await serve(leaf);
    const { value, exposition, reason } = await probe({
      targets: [server.url],
      tls: { ca_file: root.certFile },
    });
    expect(reason).toBeUndefined();
    expect(value('probe_http_ssl')).toBe(1);
    // The server sends leaf and intermediate; the root is the probe's own.
    expect(value('probe_ssl_earliest_cert_expiry')).toBe(await expiryOf(intermediate));
    expect(value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBe(await expiryOf(root));
    const digest = await openssl('x509', '-in', leaf.certFile, '-noout', '-fingerprint', '-sha256');
    const serial = await openssl('x509', '-in', leaf.certFile, '-noout', '-serial');
    const subject = await openssl('x509', '-in', leaf.certFile, '-noout', '-subject', '-nameopt', 'RFC2253');
    const issuer = await openssl('x509', '-in', leaf.certFile, '-noout', '-issuer', '-nameopt', 'RFC2253');
    const labels = {
      fingerprint_sha256: digest.replace(/^.*=/, '').replaceAll(':', '').toLowerCase(),
      serialnumber: serial.replace('serial=', '').toLowerCase(),
      subject: subject.replace('subject=', ''),
      issuer: issuer.replace('issuer=', ''),
      subjectalternative: 'localhost,*.shop.example',
    };
    expect(value('probe_ssl_last_chain_info', labels), exposition).toBe(1);
    expect(labels.fingerprint_sha256).toBe(
      createHash('sha256').update(new X509Certificate(leaf.cert).raw).digest('hex'),
    );
    expect(value('probe_tls_version_info', { version: 'TLS 1.3' })).toBe(1);
    expect(exposition).toMatch(/probe_tls_cipher_info\{cipher="TLS_\w+"/);
  });

  it('tells TLS 1.2', async () => {
    await using server = await startHttps(
      { key: leaf.key, cert: leaf.cert + intermediate.cert, maxVersion: 'TLSv1.2' },
      (_request, response) => response.end(),
    );
    const { value } = await probe({ targets: [server.url], tls: { ca_file: root.certFile } });
    expect(value('probe_tls_version_info', { version: 'TLS 1.2' })).toBe(1);
  });

  it('counts the handshake as the phase tls', async () => {
    await using inner = await serve(leaf);
    const terminator = createTlsServer({ key: leaf.key, cert: leaf.cert + intermediate.cert }, (secure) => {
      secure.once('data', () => secure.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    });
    await using slow = await startTcp(async (socket) => {
      await pause(100);
      terminator.emit('connection', socket);
    });
    const url = slow.url.replace('http:', 'https:');
    const { value } = await probe({ targets: [url, inner.url], tls: { ca_file: root.certFile } });
    expect(value('probe_success', { target: url })).toBe(1);
    expect(value('probe_http_duration_seconds', { target: url, phase: 'tls' })).toBeGreaterThan(0.05);
    expect(value('probe_http_duration_seconds', { target: inner.url, phase: 'tls' })).toBeGreaterThan(0);
  });

  it('may be of another name than the host, if the configuration says so', async () => {
    const named = await intermediate.issue({ name: 'named', subjectAltName: 'DNS:pay.shop.example' });
    await using server = await serve(named);
    const tls = { ca_file: root.certFile };
    const refused = await probe({ targets: [server.url], tls });
    expect(refused.reason).toBe('tls');
    expect(refused.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(
      (await probe({ targets: [server.url], tls: { ...tls, server_name: 'pay.shop.example' } })).reason,
    ).toBeUndefined();
    // The name in the header Host is asked for too.
    const headers = { Host: 'pay.shop.example:443' };
    expect((await probe({ targets: [server.url], tls, headers })).reason).toBeUndefined();
  });

  it('is asked for again by its own name after a redirect to another host', async () => {
    await using other = await serve(leaf);
    await using server = await startHttps(
      { key: leaf.key, cert: leaf.cert + intermediate.cert },
      (_request, response) => response.writeHead(302, { location: other.url }).end(),
    );
    const tls = { ca_file: root.certFile, server_name: 'www.shop.example' };
    expect((await probe({ targets: [server.url], tls })).reason).toBeUndefined();
  });
});

describe('a certificate that is refused', () => {
  it('still tells that it has expired, and nothing is sent to its server', async () => {
    const old = await intermediate.issue({ name: 'old', subjectAltName: NAMES, expiresInDays: -1 });
    let asked = 0;
    await using server = await startHttps(
      { key: old.key, cert: old.cert + intermediate.cert },
      (_request, response) => {
        asked++;
        response.end();
      },
    );
    const { value, reason, message } = await probe({
      targets: [server.url.replace('//', '//user:pass@')],
      tls: { ca_file: root.certFile },
    });
    expect(reason).toBe('tls');
    expect(message).toBe(
      `The probe of ${server.url}/ fails: the certificate is not accepted (CERT_HAS_EXPIRED).`,
    );
    expect(value('probe_success')).toBe(0);
    expect(value('probe_ssl_earliest_cert_expiry')).toBe(await expiryOf(old));
    expect(value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBeUndefined();
    expect(asked).toBe(0);
  });

  it.each<[string, readonly string[], string]>([
    ['of an unknown authority', [], 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['without its intermediate', ['root'], 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('%s fails unless verification is off', async (_what, trusted, code) => {
    await using server = await serve(leaf, []);
    const tls = trusted.length > 0 ? { ca_file: root.certFile } : {};
    const { reason, message } = await probe({ targets: [server.url], tls });
    expect(reason).toBe('tls');
    expect(message).toContain(code);
    const lax = await probe({ targets: [server.url], tls: { ...tls, insecure_skip_verify: true } });
    expect(lax.reason).toBeUndefined();
    expect(lax.value('probe_ssl_earliest_cert_expiry')).toBe(await expiryOf(leaf));
    expect(lax.value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBeUndefined();
  });
});

describe('a server that wants a certificate of the client', () => {
  it('gets it, and refuses who has none', async () => {
    const client = await root.issue({ name: 'client' });
    await using server = await startHttps(
      { key: leaf.key, cert: leaf.cert + intermediate.cert, ca: root.cert, requestCert: true },
      (_request, response) => response.end(),
    );
    const tls = { ca_file: root.certFile };
    const refused = await probe({ targets: [server.url], tls });
    expect(refused.reason, refused.message).toBe('tls');
    const files = { cert_file: client.certFile, key_file: client.keyFile };
    expect((await probe({ targets: [server.url], tls: { ...tls, ...files } })).reason).toBeUndefined();
  });
});

describe('where TLS is wanted or not', () => {
  it('the last request counts', async () => {
    await using server = await serve(leaf);
    await using plain = await startHttp((_request, response) =>
      response.writeHead(302, { location: server.url }).end(),
    );
    const tls = { ca_file: root.certFile };
    expect((await probe({ targets: [plain.url], tls, fail_if_not_ssl: true })).reason).toBeUndefined();
    expect((await probe({ targets: [plain.url], tls, fail_if_ssl: true })).reason).toBe('ssl');
  });
});

it('reads its files anew for every collect', async () => {
  const file = `${folder.path}/rotating.pem`;
  const stranger = await createAuthority(`${folder.path}/stranger`, { name: 'stranger' });
  await copyFile(stranger.certFile, file);
  await using server = await serve(leaf);
  await using collector = await openForTest(plugin, { targets: [server.url], tls: { ca_file: file } });
  expect((await collector.collect()).value('probe_success')).toBe(0);
  await copyFile(root.certFile, file);
  expect((await collector.collect()).value('probe_success')).toBe(1);
});
