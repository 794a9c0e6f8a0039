import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { processesIn } from './left-behind.ts';
import { startProcess } from './process.ts';
import { temporaryFolder } from './temp.ts';
import { waitFor } from './wait.ts';

const shell = (script: string) => ({ command: '/bin/sh', args: ['-c', script], ready: isReady });
const isReady = (output: string) => output.includes('ready');

test('a process that ends before it is ready is an error with its output', async () => {
  await expect(startProcess(shell('echo port is taken >&2; exit 3'))).rejects.toThrow(
    /^sh ended \(exit code 3\) before it was ready; its output:\nport is taken$/,
  );
});

test('a program that does not exist is an error', async () => {
  await expect(startProcess({ command: '/no/such', ready: isReady })).rejects.toThrow(/no\/such/);
});

test('a process that does not become ready is ended and its output shown', async () => {
  await using inner = await temporaryFolder('inner');
  const start = startProcess({
    ...shell('echo still waiting; exec sleep 600'),
    cwd: inner.path,
    timeout: 300,
  });
  await expect(start).rejects.toThrow(/Waited 300 ms for sh to be ready.*\nstill waiting$/s);
  expect(processesIn(inner.path)).toEqual([]);
});

test('a process that ignores SIGTERM is killed, with its children, even when it is stopped', async () => {
  await using inner = await temporaryFolder('inner');
  const child = await startProcess({
    ...shell("trap '' TERM; sleep 600 & echo ready; while :; do wait; done"),
    cwd: inner.path,
    grace: 100,
  });
  child.signal('SIGSTOP');
  await child.stop();
  expect(await child.exited).toBe('SIGKILL');
  await waitFor(() => processesIn(inner.path).length === 0, { what: 'the sleep to be gone' });
});

test('what a test started ends when the process of the test is killed', async () => {
  await using inner = await temporaryFolder('inner');
  const script = `
    const { startProcess } = await import(${JSON.stringify(new URL('process.ts', import.meta.url).href)});
    await startProcess({
      command: '/bin/sh', args: ['-c', 'echo ready; exec sleep 600'], cwd: ${JSON.stringify(inner.path)},
      ready: (output) => output.includes('ready'),
    });
    process.stdout.write('started');
    setInterval(() => {}, 60_000);
  `;
  const outer = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(outer.stdout, 'data');
  expect(processesIn(inner.path)).toHaveLength(1);
  outer.kill('SIGKILL');
  await waitFor(() => processesIn(inner.path).length === 0, { what: 'the child to end with its parent' });
});
