import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { program } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/process.ts';
import { INFORMER, informer } from '../support/program.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';

/** bcrypt of "open sesame". */
const HASH = '$2b$10$WeHd7Ha.RhljKmOJ6JXU2.alnRfgkqGAu9mpB6QiliIwJE.8LneeO';
const SAN = 'DNS:localhost,IP:127.0.0.1';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let authority: Authority;
let server: Certificate;
let client: Certificate;
beforeAll(async () => {
  folder = await temporaryFolder('web');
  authority = await createAuthority(join(folder.path, 'ca'), { name: 'authority' });
  server = await authority.issue({ name: 'server', subjectAltName: SAN });
  client = await authority.issue({ name: 'client' });
});
afterAll(() => folder[Symbol.asyncDispose]());

const tls = (more: readonly string[]) =>
  [
    'tls_server_config:',
    `  cert_file: ${server.certFile}`,
    `  key_file: ${server.keyFile}`,
    ...more,
    '',
  ].join('\n');

/** The built agent, with what stands in these files. */
async function start(files: Readonly<Record<string, string>>, ...args: string[]) {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder('agent'));
  const port = await freePort();
  const config = `web: {listen: ['127.0.0.1:${port}'], admin: {token_file: token}}\nstate_dir: state\nresources: {}\n`;
  for (const [name, text] of Object.entries({ 'informer.yaml': config, ...files })) {
    await writeFile(join(path, name), text);
  }
  const started = stack.use(
    await startProcess({
      command: process.execPath,
      args: [INFORMER, 'run', '--print-url', ...args],
      cwd: path,
      ready: (output) => output.includes('msg=listening'),
    }),
  );
  return { path, port, process: started, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

it('is scraped by Prometheus over https, with a password or with a client certificate', async () => {
  await using withPassword = await start(
    { 'web.yml': `${tls([])}basic_auth_users: {prometheus: '${HASH}'}\n` },
    '--web.config.file',
    'web.yml',
  );
  await using withCertificate = await start(
    {
      'web.yml': tls([
        `  client_ca_file: ${authority.certFile}`,
        '  client_auth_type: RequireAndVerifyClientCert',
      ]),
    },
    '--web.config.file',
    'web.yml',
  );
  const target = (name: string, port: number, more: object, tlsConfig: object = {}) => ({
    job_name: name,
    scheme: 'https',
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    tls_config: { ca_file: authority.certFile, ...tlsConfig },
    ...more,
  });
  const login = { basic_auth: { username: 'prometheus', password: 'open sesame' } };
  const certificate = { cert_file: client.certFile, key_file: client.keyFile };
  await using prometheus = await startPrometheus({
    scrapeInterval: '1s',
    scrapeConfigs: [
      target('password', withPassword.port, login),
      target('certificate', withCertificate.port, {}, certificate),
      target('no password', withPassword.port, {}),
      target('no certificate', withCertificate.port, {}),
    ],
  });
  const healthOf = async (name: string) =>
    (await prometheus.targets()).find(({ labels }) => labels.job === name)?.health;
  for (const [name, health] of [
    ['password', 'up'],
    ['certificate', 'up'],
    ['no password', 'down'],
    ['no certificate', 'down'],
  ] as const) {
    await waitFor(async () => (await healthOf(name)) === health, {
      what: `the scrape with "${name}" to be ${health}`,
      timeout: 30_000,
    });
  }
  const found = await prometheus.queryUntilAny('informer_http_refused_total{reason="certificate"}');
  expect(found[0]?.value).toBeGreaterThan(0);
  for (const run of [withPassword, withCertificate]) {
    expect(run.process.output()).toContain(`https://127.0.0.1:${run.port}/\n`);
    const refused = run.process
      .output()
      .split('\n')
      .filter((line) => line.includes('request refused'));
    expect(refused.length).toBeLessThanOrEqual(1);
  }
}, 60_000);

it('speaks to curl and openssl, and to the command line with the token', async () => {
  await using run = await start(
    {
      'web.yml': `${tls(['  min_version: TLS13'])}basic_auth_users: {alice: '${HASH}'}\n`,
      token: 'the-token\n',
    },
    '--web.config.file=web.yml',
  );
  const url = `https://localhost:${run.port}`;
  const curl = (...args: string[]) =>
    runProgram(program('curl'), [
      '-sS',
      '--cacert',
      authority.certFile,
      '-w',
      '\n%{http_code} %{http_version}',
      ...args,
    ]);
  expect((await curl('-u', 'alice:open sesame', `${url}/-/healthy`)).stdout).toBe(
    'The agent is alive.\n\n200 1.1',
  );
  expect((await curl('-u', 'alice:wrong', `${url}/-/healthy`)).stdout).toMatch(
    /HTTP_NOT_ALLOWED.*\n401 1\.1$/s,
  );
  const old = await curl('--tls-max', '1.2', '-u', 'alice:open sesame', url);
  expect(old.code).not.toBe(0);
  const shown = await runProgram(
    program('openssl'),
    [
      's_client',
      '-connect',
      `127.0.0.1:${run.port}`,
      '-CAfile',
      authority.certFile,
      '-alpn',
      'h2,http/1.1',
      '-brief',
    ],
    { input: '' },
  );
  expect(shown.stdout + shown.stderr).toMatch(/TLSv1\.3[\s\S]*Verification: OK/);

  const trusting = { NODE_EXTRA_CA_CERTS: authority.certFile };
  const reload = (...args: string[]) =>
    informer(['reload', '--url', url, ...args], { cwd: run.path, env: trusting });
  expect((await reload()).code).toBe(1);
  expect((await reload('--token-file', 'token')).code).toBe(0);
  // Over its own socket nothing of this is asked.
  expect((await informer(['reload'], { cwd: run.path })).code).toBe(0);
  const socketPath = join(run.path, 'state/agent.sock');
  expect((await ask('http://localhost/-/healthy', { socketPath })).status).toBe(200);
});

it('does not start with a web configuration that is not usable, and says where', async () => {
  await using own = await temporaryFolder('bad');
  await writeFile(join(own.path, 'informer.yaml'), 'web: {config_file: web.yml}\nstate_dir: state\n');
  await writeFile(join(own.path, 'web.yml'), 'basic_auth_users: {alice: not-a-hash}\n');
  const run = await informer(['run'], { cwd: own.path });
  expect(run.code).toBe(1);
  expect(run.stderr).toContain(
    'web.yml:1:27: basic_auth_users.alice: it is not a bcrypt hash; make one with',
  );
  const checked = await informer(['check'], { cwd: own.path });
  expect(checked.code).toBe(1);
  expect(checked.stdout).toContain('web.yml:1:27');
  expect(`${run.stdout}${run.stderr}${checked.stdout}${checked.stderr}`).not.toContain('not-a-hash');
});
