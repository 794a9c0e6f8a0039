import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { testPlugin } from '@dynamic-informer/sdk/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Redis, startRedis } from '../../test/support/redis.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/support/temp.ts';
import plugin from './index.ts';

let redis: Redis;
let spool: TemporaryFolder;

beforeAll(async () => {
  [redis, spool] = await Promise.all([startRedis(), temporaryFolder('spool')]);
  await fillRedis(redis);
  await fillSpool(spool.path);
});
afterAll(() => Promise.all([redis.stop(), spool[Symbol.asyncDispose]()]));

describe('with Redis', () => {
  const checks = testPlugin(plugin, {
    folder: import.meta.dirname,
    config: () => ({ broker: 'redis', url: redis.url, queues: ['orders', 'events'] }),
    configFor: ({ host, port }) => ({
      broker: 'redis',
      url: `redis://${host}:${port}`,
      queues: ['orders', 'events'],
    }),
    halfAnswer: '*2\r\n$6\r\nord',
    variables: () => ({ REDIS_URL: redis.url, SPOOL: spool.path }),
  });
  for (const check of checks) it(check.name, { timeout: check.timeout }, check.run);
});

describe('with a spool folder', () => {
  const checks = testPlugin(plugin, {
    folder: join(import.meta.dirname, 'spool'),
    target: 'none',
    config: () => ({ broker: 'spool', url: `file://${spool.path}`, queues: ['incoming'] }),
  });
  for (const check of checks) it(check.name, { timeout: check.timeout }, check.run);
});

async function fillRedis({ command }: Redis): Promise<void> {
  await command('RPUSH', 'orders', 'a', 'b', 'c');
  await command('SADD', 'tags', 'red', 'green');
  await command('ZADD', 'ranked', '1', 'x', '2', 'y');
  await command(
    'ZADD',
    'due',
    '1000000000',
    'long ago',
    '1000000001',
    'long ago too',
    '99999999999',
    'later',
  );
  for (const value of ['1', '2', '3', '4', '5']) await command('XADD', 'events', '*', 'n', value);
  await command('XGROUP', 'CREATE', 'events', 'mailers', '0');
  await command('XGROUP', 'CREATE', 'events', 'archive', '$');
  await command('XREADGROUP', 'GROUP', 'mailers', 'one', 'COUNT', '2', 'STREAMS', 'events', '>');
  // As BullMQ lays them; its wait list ends with a marker here.
  await command('RPUSH', 'bull:mail:wait', '3', '2', '1', '0:1700000000000');
  await command('RPUSH', 'bull:mail:active', '4');
  await command('ZADD', 'bull:mail:delayed', '7000', '5', '8000', '6');
  await command('ZADD', 'bull:mail:failed', '9000', '7');
}

async function fillSpool(root: string): Promise<void> {
  const files = {
    'incoming/1.json': '0123456789',
    'incoming/2.json': '0123456789',
    'incoming/.hidden': 'x',
    'incoming/3.json.tmp': 'x',
    'incoming/deep/4.json': '0123456789',
    'failed/5.err': 'err',
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, dirname(name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}
