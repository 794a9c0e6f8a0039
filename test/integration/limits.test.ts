import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';

/** A plugin that returns more with every collect: of one metric's series, of their text, or of instruments. */
const FLOOD = `
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const requests = gauge('requests', 'Requests.', ['path']);
const steady = gauge('steady', 'Always there.');

export default definePlugin({
  name: 'flood',
  config: Type.Object({
    series: Type.Integer({ default: 0, description: 'New series with each collect.' }),
    length: Type.Integer({ default: 1, description: 'Characters of each label.' }),
  }),
  metrics: [requests, steady],
  open({ series, length }, { registry }) {
    const counted = registry.counter('counted_total', 'Counted.', ['path']);
    counted.with({ path: 'first' }).inc();
    let round = 0;
    return {
      collect() {
        const samples = [requests.sample(1, { path: 'first' })];
        const text = 'x'.repeat(length);
        for (let i = 0; round > 0 && i < series; i++) samples.push(requests.sample(1, { path: round + '/' + i + text }));
        for (let i = 0; round > 0 && i < Math.min(series, 1000); i++) counted.with({ path: round + '/' + i });
        round++;
        return [...samples, steady.sample(1)];
      },
    };
  },
});
`;

const plugins = { 'acme.ts': ACME, 'flood.ts': FLOOD };

describe('a resource that returns more than it may', () => {
  it.each([
    ['a hundred thousand series', 'config: {series: 100000}', 'LIMIT_SERIES', 'label "path" of requests has'],
    [
      '100 MB of label text',
      'max_series: 1000000, max_bytes: 100KiB, config: {series: 10000, length: 10000}',
      'LIMIT_BYTES',
      'label "path" of requests has',
    ],
  ])(
    '%s: what was there stays, the label is named, the others do not notice',
    async (_name, of, code, message) => {
      await using run = await startAgent({
        plugins,
        config: `resources:\n  good: {plugin: acme}\n  bad: {plugin: flood, timeout: 20s, ${of}}\n`,
      });
      await run.scrape();
      for (let scrape = 0; scrape < 3; scrape++) {
        const page = await run.scrape('', { 'x-prometheus-scrape-timeout-seconds': '25' });
        expect(page.value('queue_messages', { resource: 'good' })).toBe(1);
        expect(page.value('requests', { resource: 'bad', path: 'first' })).toBe(1);
        expect(page.value('counted_total', { resource: 'bad', path: 'first' })).toBe(1);
        expect(page.lines('informer_host_restarts_total')).toEqual([]);
        expect(run.status('bad').errors[0]).toMatchObject({
          code,
          message: expect.stringContaining(message),
        });
      }
      const page = await run.scrape('?resource=bad', { 'x-prometheus-scrape-timeout-seconds': '25' });
      expect(page.value('informer_samples_dropped_total', { reason: 'limit' })).toBeGreaterThan(1000);
      expect(page.value('informer_collects_total', { outcome: 'limit' })).toBeGreaterThan(2);
      expect(run.logs.filter(({ fields }) => fields.code === code)).toHaveLength(1);
    },
  );

  it('says how many bytes it has, and is adjusted in place', async () => {
    const config = (maxBytes: string) =>
      `resources:\n  a: {plugin: flood, every: 1h, max_bytes: ${maxBytes}, config: {series: 100, length: 1000}}\n`;
    await using run = await startAgent({ plugins, config: config('10KiB') });
    await run.until('the first collect', () => run.status('a').outcome === 'ok');
    await run.configure(config('9KiB'));
    expect((await run.agent.reload()).adjusted).toEqual(['a']);
    await run.until('the limit', () => run.status('a').outcome === 'limit');
    const pid = run.status('a').hostPid;
    const page = await run.scrape('?resource=a');
    const lines = page.text.split('\n').filter((line) => /^(requests|counted_total|steady)\{/.test(line));
    const bytes = page.value('informer_resource_exposition_bytes', { resource: 'a' });
    expect(bytes).toBe(Buffer.byteLength(lines.map((line) => `${line}\n`).join('')));
    expect(bytes).toBeLessThanOrEqual(10 * 1024);
    await run.configure(config('2MiB'));
    expect((await run.agent.reload()).adjusted).toEqual(['a']);
    await run.until('all of it', () => run.status('a').outcome === 'ok');
    expect(run.status('a').hostPid).toBe(pid);
    expect(run.status('a').bytes).toBeGreaterThan(100_000);
  });
});
