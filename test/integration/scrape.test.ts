import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { startNginx } from '../support/nginx.ts';
import { ACME } from '../support/plugins.ts';
import { promtoolCheckMetrics } from '../support/prometheus.ts';

const plugins = { 'acme.ts': ACME, 'other.ts': ACME.replace("name: 'acme'", "name: 'other'") };

describe('a scrape', () => {
  it('collects once for every scrape, and on its own clock where an interval is set', async () => {
    await using run = await startAgent({
      plugins,
      config: 'resources:\n  each: {plugin: acme}\n  own: {plugin: acme, every: 1h}\n',
    });
    await run.until('the first collect of its own', () => run.status('own').outcome);
    for (let scrape = 1; scrape <= 3; scrape++) {
      const page = await run.scrape();
      expect(page.value('acme_collects_total', { resource: 'each' })).toBe(scrape);
      expect(page.value('acme_collects_total', { resource: 'own' })).toBe(1);
    }
  });

  it('that overlaps another shares its collect', async () => {
    await using run = await startAgent({
      plugins,
      config: 'resources:\n  slow: {plugin: acme, timeout: 300ms, config: {mode: slow}}\n',
    });
    const pages = await Promise.all([run.scrape(), run.scrape(), run.scrape()]);
    const counts = pages.map((page) => page.value('acme_collects_total', { resource: 'slow' }));
    expect(counts).toEqual([1, 1, 1]);
  });

  it.each([
    ['?resource=a', ['a']],
    ['?resource=a&resource=b', ['a', 'b']],
    ['?plugin=other', ['c']],
    ['?collect[]=b', ['b']],
    ['?exclude[]=a', ['b', 'c']],
  ])('%s gives those resources only, with their own informer_ series', async (query, names) => {
    await using run = await startAgent({
      plugins,
      config: 'resources:\n  a: {plugin: acme}\n  b: {plugin: acme}\n  c: {plugin: other}\n',
    });
    const page = await run.scrape(query);
    const resourcesOf = (name: string) => page.lines(name).map((line) => /resource="(\w+)"/.exec(line)?.[1]);
    expect(resourcesOf('queue_messages')).toEqual(names);
    expect(resourcesOf('informer_resource_up')).toEqual(names);
    expect(page.lines('informer_build_info')).toHaveLength(query.includes('exclude') ? 1 : 0);
    // What was not asked for was not collected either.
    const all = (await run.scrape()).lines('acme_collects_total');
    expect(all.filter((line) => line.endsWith(' 2'))).toHaveLength(names.length);
  });

  it("has the agent's own process_ and nodejs_ metrics, which promtool accepts", async () => {
    await using run = await startAgent({ plugins, config: 'resources: {}\n' });
    await run.until("a sample of the event loop's lag", async () =>
      (await run.scrape()).value('nodejs_eventloop_lag_seconds_count'),
    );
    const page = await run.scrape();
    expect(page.value('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(page.value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(page.value('nodejs_eventloop_time_seconds_total', { state: 'active' })).toBeGreaterThan(0);
    expect(page.lines('nodejs_version_info').join()).toContain(`version="${process.version}"`);
    const own = page.text.split('\n').filter((line) => /^(# \w+ )?(process|nodejs)_/.test(line));
    expect(await promtoolCheckMetrics(`${own.join('\n')}\n`)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('for a name that is not configured is 404, with what to do', async () => {
    await using run = await startAgent({ plugins, config: 'resources:\n  a: {plugin: acme}\n' });
    const response = await run.agent.inject('/metrics?resource=b');
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: 'HTTP_UNKNOWN_NAME', detail: 'There is no resource "b".' });
  });

  it('says in its type what it is', async () => {
    await using run = await startAgent({ config: 'resources: {}\n' });
    const response = await run.agent.inject('/metrics');
    expect(response.headers['content-type']).toContain('text/plain; version=0.0.4; charset=utf-8');
  });
});

describe('labels', () => {
  it('of the resource are added, and rules are applied before the label resource', async () => {
    await using run = await startAgent({
      plugins,
      config: `resources:
  a:
    plugin: acme
    labels: {team: shop}
    config: {queues: [jobs, trash]}
    relabel:
      - {source_labels: [queue], regex: trash, action: drop}
      - {source_labels: [__name__], regex: 'queue_(.*)', target_label: __name__, replacement: 'acme_$1'}
`,
    });
    const page = await run.scrape();
    expect(page.lines('acme_messages')).toEqual(['acme_messages{queue="jobs",resource="a",team="shop"} 4']);
    expect(page.value('informer_samples_dropped_total', { resource: 'a', reason: 'relabel' })).toBe(1);
  });
});

describe('limits', () => {
  it('max_series leaves each metric a place, keeps the first ones, and says so', async () => {
    await using run = await startAgent({
      plugins,
      config: 'resources:\n  a: {plugin: acme, max_series: 3, config: {queues: [a, b, c]}}\n',
    });
    const page = await run.scrape();
    expect(page.lines('queue_messages').map((line) => line.slice(0, 25))).toEqual([
      'queue_messages{queue="a",',
      'queue_messages{queue="b",',
    ]);
    expect(page.value('acme_collects_total', { resource: 'a' })).toBe(1);
    expect(page.value('informer_resource_series', { resource: 'a' })).toBe(3);
    expect(page.value('informer_collects_total', { resource: 'a', outcome: 'limit' })).toBe(1);
    expect(run.status('a').errors[0]).toMatchObject({ code: 'LIMIT_SERIES' });
  });

  it('max_stale keeps the last good values of a target that failed, with their age, and no longer', async () => {
    const config = (mode: string) => `resources:
  keeps: {plugin: acme, max_stale: 1h, config: {mode: ${mode}}}
  drops: {plugin: acme, config: {mode: ${mode}}}
`;
    await using run = await startAgent({ plugins, config: config('ok') });
    await run.scrape();
    await run.configure(config('target'));
    await run.agent.reload();
    const page = await run.scrape();
    expect(page.value('queue_messages', { resource: 'keeps' })).toBe(1);
    expect(page.value('informer_resource_up', { resource: 'keeps' })).toBe(0);
    expect(page.value('informer_resource_snapshot_age_seconds', { resource: 'keeps' })).toBeGreaterThan(0);
    expect(page.value('queue_messages', { resource: 'drops' })).toBeUndefined();
  });
});

describe('a changed web.listen', () => {
  it('that can not be listened on is rejected with its place, and the old address goes on', async () => {
    await using nginx = await startNginx();
    await using run = await startAgent({ plugins, config: 'resources:\n  a: {plugin: acme}\n' });
    await run.write(
      'informer.yaml',
      `web:\n  listen: ['127.0.0.1:${nginx.port}']\nstate_dir: ${run.folder}/state\nresources: {}\n`,
    );
    const result = await run.agent.reload();
    expect(result.errors).toEqual([
      expect.stringMatching(
        /informer\.yaml:2:\d+: web\.listen: 127\.0\.0\.1:\d+ is in use by another process; .+/,
      ),
    ]);
    expect(run.agent.addresses).toContain(`unix:${run.folder}/web.sock`);
    expect(run.status('a').state).toBe('running');
  });

  it('is bound before the old one is left', async () => {
    await using run = await startAgent({ plugins, config: 'resources: {}\n' });
    await run.write(
      'informer.yaml',
      `web: {listen: ['127.0.0.1:0'], metrics_path: /m}\nstate_dir: ${run.folder}/state\nresources: {}\n`,
    );
    expect((await run.agent.reload()).successful).toBe(true);
    const [address] = run.agent.addresses.filter((text) => !text.startsWith('unix:'));
    expect((await fetch(`http://${address}/m`)).status).toBe(200);
    expect((await fetch(`http://${address}/metrics`)).status).toBe(404);
  });
});
