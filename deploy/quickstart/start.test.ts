import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { processesIn } from '../../test/support/left-behind.ts';
import { freePort, isListening } from '../../test/support/ports.ts';
import { informer } from '../../test/support/program.ts';
import { temporaryFolder } from '../../test/support/temp.ts';
import { waitFor } from '../../test/support/wait.ts';

const START = fileURLToPath(new URL('./dist/start.js', import.meta.url));
const RESOURCES = ['access-log', 'agent-health', 'database', 'host', 'processes', 'service-health', 'spool'];

describe('npm start', () => {
  it("prints the page's URL first, shows every part at work, and ends on SIGTERM with all of it", async () => {
    const { child, url, port, output, folder } = await start();
    expect(output.stdout).toBe(`${url}/\n`);
    const value = async (series: RegExp) => {
      const lines = (await metrics(url)).split('\n').filter((line) => series.test(line));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    };
    const up = /^informer_resource_up\{/;
    await waitFor(async () => (await value(up)) === RESOURCES.length, { what: 'every resource to be up' });
    const named = [...(await metrics(url)).matchAll(/^informer_resource_up\{.*resource="([^"]+)".*\} 1$/gm)];
    expect(named.map(([, name]) => name).sort()).toEqual(RESOURCES);
    await waitFor(async () => (await value(/^probe_success\{/)) === 2, { what: 'both probes to succeed' });
    await waitFor(async () => (await value(/^http_requests_total\{.*status="201"/)) > 3, {
      what: 'jobs in the access log',
    });
    await waitFor(async () => (await value(/^queue_depth\{/)) > 0, { what: 'jobs in the spool folder' });
    await waitFor(async () => (await value(/^queue_depth\{/)) === 0, { what: 'the worker to drain it' });
    expect(await value(/^db_pool_connections\{/)).toBeGreaterThan(0);
    expect(await value(/^namedprocess_namegroup_num_procs\{.*"job-worker"/)).toBeGreaterThanOrEqual(1);
    expect(await value(/^node_boot_time_seconds/)).toBeGreaterThan(0);
    expect(await informer(['lint', '-'], { input: await metrics(url) })).toMatchObject({
      code: 0,
      stdout: '',
    });

    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await left(folder)).toEqual([]);
    expect(await isListening(port)).toBe(false);
  });

  it.each([
    ['it is killed', false],
    ['the bootstrap that started it is killed', true],
  ])('leaves nothing when %s', async (_, bootstrapped) => {
    const { child, folder, port } = await start(bootstrapped);
    child.kill('SIGKILL');
    await waitFor(async () => (await left(folder)).length === 0, {
      what: 'everything to end',
      timeout: 20_000,
    });
    expect(await isListening(port)).toBe(false);
  });

  it('says so when its port is taken, prints no URL, and ends', async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    const port = await freePort();
    await once(taken.listen(port, '127.0.0.1'), 'listening');
    await using folder = await temporaryFolder('start');
    await chmod(folder.path, 0o711);
    const { child, output } = run(folder.path, port, []);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(output.stderr).toContain(`127.0.0.1:${port}`);
    expect(output.stderr).toMatch(/in use/);
    expect(output.stdout).toBe('');
    expect(await left(folder.path)).toEqual([]);
  });

  it('runs the agent alone with another configuration', async () => {
    await using folder = await temporaryFolder('start');
    const port = await freePort();
    const config = join(folder.path, 'own.yaml');
    const text = `web: {listen: ['127.0.0.1:${port}']}\nstate_dir: ${folder.path}/state\nresources: {own: {plugin: host}}\n`;
    await writeFile(config, text);
    const { child, output } = run(folder.path, port, ['--config', config]);
    await waitFor(() => output.stdout !== '', { what: 'the URL' });
    expect(output.stdout).toBe(`http://127.0.0.1:${port}/\n`);
    // The URL is printed when the agent listens; its resources open meanwhile.
    const isReady = async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
    await waitFor(isReady, { what: 'the agent to be ready' });
    expect(await metrics(`http://127.0.0.1:${port}`)).toContain('node_load1{resource="own"}');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

/** Started, and its URL printed. */
async function start(bootstrapped = false) {
  const temporary = await temporaryFolder('start');
  // PostgreSQL runs under another account when the test is root.
  await chmod(temporary.path, 0o711);
  const port = await freePort();
  const started = run(temporary.path, port, [], bootstrapped);
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  await waitFor(() => started.output.stdout.includes('\n'), { what: 'the URL', timeout: 20_000 });
  return { ...started, port, url: `http://127.0.0.1:${port}`, folder: temporary.path };
}

/** As the bootstrap runs it; with `bootstrapped`, below a process that stands for the bootstrap. */
function run(folder: string, port: number, args: string[], bootstrapped = false) {
  const env = { ...process.env, TMPDIR: folder, INFORMER_PORT: String(port) };
  const parent = `
    const { spawn } = require('node:child_process');
    spawn(process.execPath, process.argv.slice(1), {
      stdio: 'inherit',
      env: { ...process.env, INFORMER_BOOTSTRAP_PID: String(process.pid) },
    });`;
  const command = bootstrapped ? ['-e', parent, START, ...args] : [START, ...args];
  const child: ChildProcess = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });
  return { child, output };
}

const metrics = async (url: string) => (await fetch(`${url}/metrics`)).text();

/** Processes whose working folder is below the folder, and what is in the folder. */
async function left(folder: string): Promise<(number | string)[]> {
  return [...processesIn(folder), ...(await readdir(folder))];
}
