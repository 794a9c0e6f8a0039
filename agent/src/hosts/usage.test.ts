import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isUsageKnown, ProcessUsage } from './usage.ts';

const MiB = 1024 * 1024;

/** A Node.js process that has said that it did what it was told. */
async function processThat(does: string) {
  const child = spawn(process.execPath, ['-e', `${does}; console.log('done'); setInterval(() => {}, 1e6)`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const end = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { pid: child.pid as number, end, [Symbol.asyncDispose]: end };
}

describe.skipIf(!isUsageKnown())('what a process uses', () => {
  it('is its CPU time and its memory: what it only asked for is apart, and code that others share', async () => {
    await using idle = await processThat('');
    await using busy = await processThat(
      'globalThis.kept = [Buffer.alloc(64 * 1024 * 1024, 1), Buffer.alloc(64 * 1024 * 1024)]; for (const end = performance.now() + 300; performance.now() < end;)',
    );
    const [little, much] = [new ProcessUsage(idle.pid).read(), new ProcessUsage(busy.pid).read()];
    if (!little || !much) throw new Error('There is no usage.');
    const more = {
      private: much.privateBytes - little.privateBytes,
      data: much.dataBytes - little.dataBytes,
    };
    expect(more.private).toBeGreaterThan(60 * MiB);
    expect(more.private).toBeLessThan(100 * MiB);
    expect(more.data).toBeGreaterThan(120 * MiB);
    expect(little.residentBytes).toBeGreaterThan(little.privateBytes + 10 * MiB);
    expect(much.cpuSeconds).toBeGreaterThan(little.cpuSeconds);
  });

  it('includes what it has started, and what that has used when it has ended', async () => {
    await using parent = await processThat(
      `globalThis.child = require('child_process').spawn(process.execPath, ['-e', 'globalThis.kept = Buffer.alloc(64 * 1024 * 1024, 1); console.log(1); for (;;);'], { stdio: ['ignore', 'pipe', 'ignore'] });
       globalThis.child.stdout.once('data', () => console.log('child')); process.on('SIGUSR2', () => globalThis.child.kill('SIGKILL'))`,
    );
    const usage = new ProcessUsage(parent.pid);
    await expect.poll(() => usage.read()?.privateBytes, { timeout: 20_000 }).toBeGreaterThan(64 * MiB);
    await expect.poll(() => usage.read()?.cpuSeconds, { timeout: 20_000 }).toBeGreaterThan(0.5);
    process.kill(parent.pid, 'SIGUSR2');
    await expect.poll(() => usage.read()?.privateBytes, { timeout: 20_000 }).toBeLessThan(64 * MiB);
    await expect.poll(() => usage.read()?.cpuSeconds, { timeout: 20_000 }).toBeGreaterThan(0.5);
  });

  it('is nothing any more once it has ended, and once nobody wants to know', async () => {
    const ended = await processThat('');
    const usage = new ProcessUsage(ended.pid);
    expect(usage.read()).toBeDefined();
    await ended.end();
    expect(usage.read()).toBeUndefined();
    const own = new ProcessUsage(process.pid);
    own.close();
    expect(own.read()).toBeUndefined();
  });
});

it('is not known where there is no /proc', () => {
  expect(isUsageKnown('/nonexistent')).toBe(false);
  expect(() => new ProcessUsage(process.pid, '/nonexistent')).toThrow('ENOENT');
});
