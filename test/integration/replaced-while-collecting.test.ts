import { expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';

const plugins = { 'acme.ts': ACME };
const config = (every: string, mode: string) =>
  `resources:\n  a: {plugin: acme, every: ${every}, timeout: 2s, config: {mode: ${mode}}}\n`;

it('a resource that was mended while a collect of it hung stays well when that collect ends', async () => {
  await using run = await startAgent({ plugins, config: config('1h', 'slow') });
  await run.until('the collect to hang', () =>
    run.agent.inject('/metrics').then(({ body }) => /^informer_limiter_running 1$/m.test(body)),
  );
  await run.configure(config('1h', 'good'));
  expect((await run.agent.reload()).replaced).toEqual(['a']);
  expect((await run.scrape()).value('queue_messages', { resource: 'a' })).toBe(1);
  await run.until(
    'the old collect to end',
    async () => (await run.scrape()).value('informer_limiter_running') === 0,
  );
  const page = await run.scrape();
  expect(page.value('informer_resource_up', { resource: 'a' })).toBe(1);
  expect(page.value('queue_messages', { resource: 'a' })).toBe(1);
});

it('a scrape that began after a resource was mended shows it, though a collect of before still hangs', async () => {
  await using run = await startAgent({ plugins, config: config('scrape', 'slow') });
  const before = run.scrape();
  await run.until('the collect to hang', () => run.agent.inject('/metrics?resource=a').then(() => true));
  await before;
  const hanging = run.scrape();
  await run.configure(config('scrape', 'good'));
  expect((await run.agent.reload()).replaced).toEqual(['a']);
  const page = await run.scrape();
  expect(page.value('informer_resource_up', { resource: 'a' })).toBe(1);
  expect(page.value('queue_messages', { resource: 'a' })).toBe(1);
  await hanging;
});
