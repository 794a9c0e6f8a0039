import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { ACME } from '../support/plugins.ts';
import { startProcess } from '../support/process.ts';
import { INFORMER, informer, type RunningInformer, startInformer } from '../support/program.ts';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';

const CONFIG = `plugin_dirs: [plugins]
resources:
  orders: {plugin: acme, every: 100ms}
  payments: {plugin: acme, every: 100ms, config: {mode: target}}
  archive: {plugin: acme, enabled: false}
`;

let run: RunningInformer;
const cli = (...args: string[]) => informer(args, { cwd: run.folder });

beforeAll(async () => {
  run = await startInformer({
    timeout: 50_000,
    config: CONFIG,
    files: { 'plugins/acme.ts': ACME, token: 'let me in\n' },
    web: 'admin: {token_file: token}',
  });
  await waitFor(async () => (await cli('status')).stdout.includes('TARGET_FAILED'), {
    what: 'a failed collect',
  });
});
afterAll(() => run[Symbol.asyncDispose]());

describe('informer status', () => {
  it('shows a table with what is broken first, and ends with 0', async () => {
    const { code, stdout, stderr } = await cli('status');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('3 resources: 1 down, 1 up, 1 disabled');
    const table = lines.slice(lines.findIndex((line) => line.startsWith('STATE')));
    expect(table[1]).toMatch(/^down +payments +acme +\d+s +\d+s +[\d.]+m?s +0 +acme$/);
    expect(table[2]).toBe('    TARGET_FAILED: The broker answered 503. Ask the broker.');
    expect(table[3]).toMatch(/^up +orders +acme /);
    expect(table[4]).toMatch(/^disabled +archive +acme /);
  });

  it('has colours where it is told so, and none in a pipe', async () => {
    const coloured = await informer(['status'], { cwd: run.folder, env: { FORCE_COLOR: '1' } });
    expect(coloured.stdout).toContain('\u001b[31m');
    expect((await cli('status')).stdout).not.toContain('\u001b');
  });

  it('shows only what is broken', async () => {
    const { stdout } = await cli('status', '--failed');
    expect(stdout).toContain('payments');
    expect(stdout).not.toContain('orders');
  });

  it('shows one resource in full, with its last log lines', async () => {
    const { stdout } = await cli('status', 'payments');
    expect(stdout).toMatch(/^payments\n {2}state +down \(running\), since /);
    expect(stdout).toMatch(/^ {2}TARGET_FAILED \(target\): The broker answered 503\.$/m);
    expect(stdout).toMatch(/warn collect failed .*code=TARGET_FAILED/);
  });

  it("prints the API's answer", async () => {
    const { stdout } = await cli('status', '--json');
    expect(JSON.parse(stdout).resources).toContainEqual(
      expect.objectContaining({ name: 'archive', state: 'disabled' }),
    );
    expect(JSON.parse((await cli('status', 'orders', '--json')).stdout)).toMatchObject({
      name: 'orders',
      up: true,
    });
  });

  it('suggests the name that was meant', async () => {
    expect(await cli('status', 'paymetns')).toMatchObject({
      code: 1,
      stderr: 'informer: There is no resource "paymetns"; did you mean "payments"?\n',
    });
  });

  it('in a pipe, --watch prints a table whenever something has changed, and waits for an agent that is gone', async () => {
    await using other = await startInformer({ config: CONFIG, files: { 'plugins/acme.ts': ACME } });
    const watching = {
      command: process.execPath,
      args: [INFORMER, 'status', '--watch'],
      cwd: other.folder,
      ready: (output: string) => /^up +orders/m.test(output),
    };
    await using watch = await startProcess(watching);
    const said = (what: string, pattern: RegExp) =>
      waitFor(() => pattern.test(watch.output()), { what, timeout: 20_000 });
    await informer(['disable', 'orders', '--reason', 'a test'], { cwd: other.folder });
    await said('the change', /^disabled +orders/m);
    expect(watch.output().match(/^STATE/gm)?.length).toBeLessThanOrEqual(3);
    await other.process.stop();
    await said('that it is gone', /can't be reached: .*; it is tried again every 2 s/);
    watch.signal('SIGINT');
    expect(await watch.exited).toBe('exit code 0');
  });

  it('in a terminal, --watch draws over a screen of its own and leaves it', async () => {
    const script = [
      '-qefc',
      `stty cols 80 rows 24; exec ${process.execPath} ${INFORMER} status --watch`,
      '/dev/null',
    ];
    await using watch = await startProcess({
      command: 'script',
      args: script,
      cwd: run.folder,
      ready: (output) => output.includes('payments'),
    });
    expect(watch.output()).toContain('\u001b[?1049h');
    const [shell] = readFileSync(`/proc/${watch.pid}/task/${watch.pid}/children`, 'utf8').trim().split(' ');
    process.kill(Number(shell), 'SIGINT');
    await watch.exited;
    expect(watch.output().trimEnd().endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
  });
});

describe('informer disable and enable', () => {
  it('says until when and why, and status shows it', async () => {
    const disabled = await cli('disable', 'orders', '--for', '30m', '--reason', 'a new disk');
    expect(disabled.stdout).toMatch(/^orders is disabled, until [\d: -]+ \(in 30m\), by .+: a new disk\n$/);
    expect((await cli('status')).stdout).toMatch(/^ {4}disabled by hand until .* by .+: a new disk$/m);
    expect(await cli('enable', 'orders')).toEqual({ code: 0, stdout: 'orders is running\n', stderr: '' });
  });

  it('takes several names, and changes nothing while one of them is none', async () => {
    const wrong = await cli('disable', 'orders', 'paymens');
    expect(wrong).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('did you mean "payments"?'),
    });
    expect((await cli('status')).stdout).toMatch(/^up +orders/m);
    expect((await cli('disable', 'orders', 'payments')).stdout.match(/^\w+ is disabled, /gm)).toHaveLength(2);
    expect((await cli('enable', 'payments', 'orders')).stdout).toMatch(
      /^payments is \w+\norders is running\n$/,
    );
  });

  it('refuses a duration that is none before it asks anybody', async () => {
    expect(await cli('disable', 'orders', '--for', '30')).toMatchObject({ code: 1, stdout: '' });
    expect((await cli('status')).stdout).toMatch(/^up +orders/m);
  });

  it('needs the token from elsewhere', async () => {
    expect(await cli('disable', 'orders', '--url', run.url)).toMatchObject({ code: 1, stdout: '' });
    const allowed = await cli('restart', 'orders', '--url', run.url, '--token-file', 'token');
    expect(allowed).toEqual({ code: 0, stdout: 'orders is running\n', stderr: '' });
  });
});

describe('informer reload', () => {
  it('prints what has changed, or every error as check does', async () => {
    expect(await cli('reload')).toMatchObject({ code: 0, stdout: 'nothing has changed\n' });
    await run.configure(
      `${CONFIG}  more: {plugin: acme}\n  bad: {plugin: acme, config: {mode: open-throws}}\n`,
    );
    const { code, stdout } = await cli('reload');
    expect(code).toBe(0);
    // The agent may have seen the file first.
    expect(stdout).toMatch(/^(?:opened {4}more, bad\nbad is failed: .*|nothing has changed)\n$/);
    await run.configure(`${CONFIG}  more: {plugin: acme, tiemout: 5s}\n  bad: {plugin: nope}\n`);
    const rejected = await cli('reload');
    expect(rejected).toMatchObject({
      code: 1,
      stderr: 'informer: the configuration is not usable, and nothing was changed; correct it\n',
    });
    expect(rejected.stdout).toMatch(
      /informer\.yaml:\d+:\d+: resources\.more: unknown key "tiemout"; did you mean "timeout"\?/,
    );
    await run.configure(CONFIG);
    await cli('reload');
  });
});

describe('an agent that does not answer', () => {
  it.each([['status'], ['reload'], ['enable', 'orders'], ['restart', 'orders']])(
    'ends %s with 5',
    async (...args) => {
      await using folder = await temporaryFolder('gone');
      const { code, stdout, stderr } = await informer([...args, '--url', `unix:${folder.path}/agent.sock`]);
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
      expect(stderr).toContain("agent.sock can't be reached: no agent listens there");
    },
  );

  it('says what is missing when nobody is known to vouch for its certificate', async () => {
    await using folder = await temporaryFolder('tls');
    const authority = await createAuthority(folder.path, { name: 'ca' });
    const server = await authority.issue({ name: 'agent', subjectAltName: 'DNS:localhost' });
    const https = createServer(server, (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ resources: [] }));
    });
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
    const { port } = https.address() as { port: number };
    const url = ['--url', `https://localhost:${port}`];
    const untrusted = await informer(['status', ...url]);
    expect(untrusted).toMatchObject({ code: 5, stderr: expect.stringContaining('--ca-file') });
    const trusted = await informer(['status', ...url, '--ca-file', authority.certFile]);
    expect(trusted).toMatchObject({ code: 0, stdout: expect.stringContaining('There are no resources') });
    https.close();
  });
});
