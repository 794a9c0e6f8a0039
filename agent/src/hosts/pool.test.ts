import { describe, expect, it } from 'vitest';
import type { Host, HostDeath } from '../contract.ts';
import { inProcessHost } from './in-process-host.ts';
import { HostPool } from './pool.ts';

const group = { key: 'shared', name: 'shared', memoryBytes: 2 ** 28, nice: 0 };

/** A pool whose hosts start when the test says so, and what was stopped. */
function heldPool() {
  const starts: PromiseWithResolvers<Host>[] = [];
  const stopped: number[] = [];
  const pool = new HostPool(() => {
    const start = Promise.withResolvers<Host>();
    starts.push(start);
    return start.promise;
  });
  const begin = (index: number) => {
    const host = inProcessHost('shared', () => undefined);
    host.stop = async () => void stopped.push(index);
    starts[index]?.resolve(host);
  };
  return { pool, starts, stopped, begin };
}

describe('the pool of hosts', () => {
  it('tells those who hold a lease of a death, and keeps nobody waiting who has given it back', async () => {
    const starts: ((death: HostDeath) => void)[] = [];
    const pool = new HostPool(async (_group, onDeath) => {
      starts.push(onDeath);
      return inProcessHost('shared', () => undefined);
    });
    const [gone, there] = await Promise.all([pool.lease(group), pool.lease(group)]);
    gone.release();
    expect(await gone.died).toBeUndefined();
    starts[0]?.({ reason: 'crash', message: 'It is dead.' });
    expect(await there.died).toEqual({ reason: 'crash', message: 'It is dead.' });
  });

  it('does not wait for a host that still starts when it is asked which there are', async () => {
    const { pool, begin } = heldPool();
    const leasing = pool.lease(group);
    expect(pool.hosts).toEqual([]);
    begin(0);
    const { host } = await leasing;
    expect(pool.hosts).toEqual([host]);
  });

  it('stops a host that was still starting when it was asked to stop, and starts no other', async () => {
    const { pool, starts, stopped, begin } = heldPool();
    const leasing = pool.lease(group);
    const stopping = pool.stop();
    begin(0);
    await stopping;
    expect(stopped).toEqual([0]);
    expect(await (await leasing).died).toBeUndefined();
    await expect(pool.lease(group)).rejects.toMatchObject({ class: 'internal' });
    expect(starts).toHaveLength(1);
  });

  it('starts another when the first did not start, and stops it once when its last lease is released', async () => {
    const { pool, starts, stopped, begin } = heldPool();
    const failing = [pool.lease(group), pool.lease(group)];
    starts[0]?.reject(new Error('no'));
    expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const leasing = [pool.lease(group), pool.lease(group)];
    begin(1);
    const [first, second] = await Promise.all(leasing);
    first?.release();
    first?.release();
    expect(stopped).toEqual([]);
    second?.release();
    expect(await second?.died).toBeUndefined();
    await pool.stop();
    expect(stopped).toEqual([1]);
    expect(pool.hosts).toEqual([]);
  });
});
