import { describe, expect, it } from 'vitest';
import { counter, definePlugin, gauge, Type, targetError } from '../index.ts';
import { openForTest, testPlugin } from './index.ts';

const depth = gauge('queue_depth', 'Messages waiting.', ['queue']);
const served = counter('served_total', 'Requests served.', []);

const queue = definePlugin({
  name: 'acme-queue',
  config: Type.Object({
    queues: Type.Array(Type.String(), { description: 'Queues to read.' }),
    fail: Type.Optional(Type.String({ description: 'How to fail.' })),
  }),
  metrics: [depth, served],
  open: (config) => ({
    async collect({ error, signal }) {
      if (config.fail === 'throw') throw targetError('The broker is away.');
      if (config.fail === 'part') error(targetError('One queue is away.'));
      if (config.fail === 'late') await new Promise((resolve) => signal.addEventListener('abort', resolve));
      if (config.fail === 'nan') return [depth.sample(Number.NaN, { queue: 'a' }), served.sample(1)];
      return config.queues.map((name, index) => depth.sample(index, { queue: name }));
    },
  }),
});

describe('the conformance suite on a plugin that keeps to the contract', () => {
  for (const check of testPlugin(queue, {
    folder: import.meta.dirname,
    target: 'none',
    config: () => ({ queues: ['a', 'b'] }),
  })) {
    it(check.name, { timeout: check.timeout }, check.run);
  }
});

describe('what a collect comes to', () => {
  const collect = async (config: object, timeoutMs = 1000) => {
    await using collector = await openForTest(queue, { queues: ['a', 'b'], ...config });
    return collector.collect({ timeoutMs });
  };

  it('is ok with everything that was returned', async () => {
    const { outcome, exposition } = await collect({});
    expect(outcome).toBe('ok');
    expect(exposition).toBe(
      '# HELP queue_depth Messages waiting.\n# TYPE queue_depth gauge\nqueue_depth{queue="a"} 0\nqueue_depth{queue="b"} 1\n',
    );
  });

  it('is partial when a part failed, and keeps the rest', async () => {
    const { outcome, errors, value } = await collect({ fail: 'part' });
    expect(outcome).toBe('partial');
    expect(errors).toEqual([{ code: 'TARGET_FAILED', class: 'target', message: 'One queue is away.' }]);
    expect(value('queue_depth', { queue: 'b' })).toBe(1);
  });

  it('drops all when it throws', async () => {
    const { outcome, exposition } = await collect({ fail: 'throw' });
    expect(outcome).toBe('target');
    expect(exposition).toBe('');
  });

  it('keeps what comes back within the grace after a timeout', async () => {
    const { outcome, value } = await collect({ fail: 'late' }, 20);
    expect(outcome).toBe('timeout');
    expect(value('queue_depth', { queue: 'b' })).toBe(1);
  });

  it('costs a bad sample that sample, and names it', async () => {
    const { outcome, errors, value } = await collect({ fail: 'nan' });
    expect(outcome).toBe('partial');
    expect(errors[0]).toMatchObject({ code: 'PLUGIN_NAN', message: 'Metric "queue_depth" is NaN.' });
    expect(value('served_total')).toBe(1);
  });
});
