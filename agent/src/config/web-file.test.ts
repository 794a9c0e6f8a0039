import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, createAuthority } from '../../../test/support/certificates.ts';
import { temporaryFolder } from '../../../test/support/temp.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { loadConfig } from './load.ts';

const HASH = '$2b$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze';
const TLS = 'tls_server_config:\n  cert_file: s.pem\n  key_file: s.key\n';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let files: Record<string, string>;
let server: Certificate;

beforeAll(async () => {
  folder = await temporaryFolder('web');
  const authority = await createAuthority(join(folder.path, 'ca'), { name: 'authority' });
  server = await authority.issue({
    name: 'server',
    subjectAltName: 'DNS:Agent.example,DNS:*.agent.example,IP:127.0.0.1',
  });
  const other = await authority.issue({ name: 'other' });
  files = {
    's.pem': server.cert,
    's.key': server.key,
    'other.key': other.key,
    'ca.pem': `${authority.cert}\n${other.cert}`,
    'not.pem': 'nothing\n',
    'locked.key': createPrivateKey(server.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString(),
  };
});
afterAll(() => folder[Symbol.asyncDispose]());

async function load(text: string, main = 'web: {config_file: web.yml}\n', webConfigFile?: string) {
  const contents: Record<string, string> = { ...files, 'web.yml': text, 'informer.yaml': main };
  return loadConfig('conf/informer.yaml', {
    readFile: async (path) => {
      const name = path.split('/').at(-1) ?? '';
      if (!path.includes('/conf/') || contents[name] === undefined)
        throw Object.assign(new Error('none'), { code: 'ENOENT' });
      return Buffer.from(contents[name]);
    },
    glob: async () => [],
    env: {},
    webConfigFile,
  });
}

const errorsOf = async (text: string, main?: string, flag?: string) =>
  (await load(text, main, flag)).issues.map(formatDiagnostic);

describe('a web configuration', () => {
  it('gives what a server needs, read from the files beside it', async () => {
    const { config, issues, sources, secrets } = await load(`${TLS}  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example]
  min_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [CurveP256, X25519]
http_server_config:
  http2: false
  headers: {X-Frame-Options: sameorigin, X-XSS-Protection: 1, Content-Security-Policy: ""}
basic_auth_users: {alice: ${HASH}}
rate_limit: {interval: 1s, burst: 20}
`);
    expect(issues).toEqual([]);
    expect(config?.access).toEqual({
      tls: {
        cert: server.cert,
        key: server.key,
        clientCa: files['ca.pem'],
        clientAuth: { isRequested: true, isRequired: true, isVerified: true },
        allowedSans: ['prometheus.example'],
        minVersion: 'TLSv1.3',
        maxVersion: 'TLSv1.3',
        ciphers:
          'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-RSA-AES128-GCM-SHA256',
        honorCipherOrder: false,
        curves: 'P-256:X25519',
        names: ['agent.example', '*.agent.example'],
      },
      users: { alice: HASH },
      headers: { 'x-frame-options': 'sameorigin', 'x-xss-protection': '1' },
      rateLimit: { intervalMs: 1_000, burst: 20 },
    });
    const watched = Object.keys(sources?.digests ?? {}).map((path) => path.split('/').at(-1));
    expect(watched).toEqual(expect.arrayContaining(['informer.yaml', 'web.yml', 's.pem', 's.key', 'ca.pem']));
    expect(secrets).toEqual(expect.arrayContaining([HASH, server.key]));
  });

  it('may be empty of everything but comments in a part, and may hold the certificate itself', async () => {
    const indented = (text: string) => text.replaceAll('\n', '\n    ');
    const inline = `tls_server_config:\n  cert: |\n    ${indented(server.cert)}\n  key: |\n    ${indented(server.key)}\n`;
    expect(
      await errorsOf(`${inline}basic_auth_users:\n  # alice: nobody\nrate_limit: {interval: 0, burst: 0}\n`),
    ).toEqual([]);
  });

  it('is the one that the command line names', async () => {
    const { config, issues } = await load(
      `basic_auth_users: {alice: ${HASH}}\n`,
      'web: {config_file: gone.yml}\n',
      'conf/web.yml',
    );
    expect(issues).toEqual([]);
    expect(config?.access.users).toEqual({ alice: HASH });
    expect(await errorsOf('', 'resources: {}\n', 'conf/gone.yml')).toEqual([
      "conf/gone.yml:1:1: the file can't be read: there is no such file; create it, or correct the path",
    ]);
  });
});

const BAD: readonly (readonly [text: string, ...errors: string[]])[] = [
  ['', 'conf/web.yml:1:1: the file is empty; '],
  [
    'tls_server_config: {}\n',
    '1:1: tls_server_config: TLS needs cert_file; ',
    '1:1: tls_server_config: TLS needs key_file; ',
  ],
  [
    'tls_server_config: {cert_filse: x}\n',
    '1:21: tls_server_config: unknown key "cert_filse"; did you mean "cert_file"?',
  ],
  [
    'tls_server_config: {cert_file: "", key_file: s.key}\n',
    'tls_server_config.cert_file: must not be empty; ',
  ],
  [
    TLS.replace('s.pem', 'x.pem'),
    '2:14: tls_server_config.cert_file: can\'t read "x.pem": there is no such file; ',
  ],
  [TLS.replace('s.pem', 'not.pem'), '2:14: tls_server_config.cert_file: it holds no certificate in PEM'],
  [TLS.replace('s.key', 'not.pem'), '3:13: tls_server_config.key_file: it holds no private key in PEM'],
  [
    TLS.replace('s.key', 'other.key'),
    '3:13: tls_server_config.key_file: the key does not belong to the certificate; ',
  ],
  [TLS.replace('s.key', 'locked.key'), '3:13: tls_server_config.key_file: the key is encrypted, '],
  [`${TLS}  cert: x\n`, '4:9: tls_server_config.cert: cert_file says the same; '],
  [
    `${TLS}  client_ca_file: ca.pem\n`,
    '4:19: tls_server_config.client_ca_file: client certificates are not asked for',
  ],
  [
    `${TLS}  client_ca_file: not.pem\n  client_auth_type: VerifyClientCertIfGiven\n`,
    '4:19: tls_server_config.client_ca_file: it holds no certificate',
  ],
  [
    `${TLS}  client_auth_type: RequireAndVerifyClientCert\n`,
    '4:21: tls_server_config.client_auth_type: without client_ca_file, ',
  ],
  [
    `${TLS}  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [a]\n`,
    '5:24: tls_server_config.client_allowed_sans: names mean nothing',
  ],
  [`${TLS}  client_auth_type: Sometimes\n`, '4:21: tls_server_config.client_auth_type: must be one of '],
  [
    `${TLS}  min_version: TLS11\n`,
    '4:16: tls_server_config.min_version: TLS11 is not offered: it is not safe any more (RFC 8996); ',
  ],
  [`${TLS}  max_version: TLS9\n`, '4:16: tls_server_config.max_version: "TLS9" is no version of TLS; '],
  [
    `${TLS}  min_version: TLS13\n  max_version: TLS12\n`,
    '4:16: tls_server_config.min_version: it is above max_version; ',
  ],
  [
    `${TLS}  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n`,
    '4:19: tls_server_config.cipher_suites[0]: must be one of ',
  ],
  [
    `${TLS}  curve_preferences: [CurveP257]\n`,
    '4:23: tls_server_config.curve_preferences[0]: must be one of ',
  ],
  ['http_server_config: {http2: true}\n', '1:29: http_server_config: http2: true is not supported: '],
  [
    'http_server_config: {headers: {Content-Type: x}}\n',
    'http_server_config.headers: unknown key "Content-Type"; ',
  ],
  [
    'http_server_config: {headers: {X-Frame-Options: allow}}\n',
    'http_server_config.headers.X-Frame-Options: must be one of ',
  ],
  [
    'http_server_config: {headers: {Strict-Transport-Security: "a\\nb"}}\n',
    'Strict-Transport-Security: a header is one line of ASCII; ',
  ],
  ['basic_auth_users: {alice: secret-word}\n', '1:27: basic_auth_users.alice: it is not a bcrypt hash; '],
  [
    `basic_auth_users: {alice: ${HASH.replace('$10$', '$31$')}}\n`,
    "1:27: basic_auth_users.alice: a bcrypt cost of 31 can't be used; ",
  ],
  [
    `basic_auth_users: {"a:b": ${HASH}}\n`,
    '1:20: basic_auth_users["a:b"]: the name of a user has no colon; ',
  ],
  ['rate_limit: {interval: 5}\n', 'rate_limit.interval: '],
  ['- a\n', '1:1: must be a mapping, not a list; '],
];

describe('a mistake is told with its place', () => {
  it.each(BAD)('%j', async (text, ...expected) => {
    const { config, issues, secrets } = await load(text);
    const errors = issues.map(formatDiagnostic);
    expect(config).toBeUndefined();
    expect(errors).toEqual(expected.map((error) => expect.stringContaining(error)));
    expect(errors.join()).not.toMatch(/secret-word|BEGIN [A-Z ]*KEY-----\n/);
    if (text.includes('secret-word')) expect(secrets).toContain('secret-word');
  });

  it('also that there is no such file', async () => {
    expect(await errorsOf('', 'web:\n  config_file: gone.yml\n')).toEqual([
      'conf/informer.yaml:2:16: web.config_file: can\'t read "gone.yml": there is no such file; create it, or correct the path',
    ]);
  });
});
