import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { startInformer } from '../support/program.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { TYPES } from '../support/types-plugin.ts';

const config = 'plugin_dirs: [plugins]\nresources:\n  types: {plugin: types}\n';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

describe('a real Prometheus', () => {
  it.each([
    ['OpenMetrics', [], 'openmetrics'],
    ['protobuf, with native histograms', ['--enable-feature=native-histograms'], 'protobuf'],
  ])('reads %s', async (_, args, format) => {
    await using informer = await startInformer({ config, files: { 'plugins/types.ts': TYPES } });
    await using prometheus = await startPrometheus({
      args,
      scrapeConfigs: [{ job_name: 'agent', static_configs: [{ targets: [`127.0.0.1:${informer.port}`] }] }],
    });
    await prometheus.queryUntilAny(`informer_scrapes_total{format="${format}"} > 1`);
    const [target] = await prometheus.untilUp();
    expect(target?.lastError).toBe('');
    const ask = async (query: string) => (await prometheus.query(query)).map(({ value }) => value);
    expect(await ask('jobs_total{kind="a\\"b\\\\c",resource="types"}')).toEqual([1234567]);
    expect(await ask('part_load_ratio')).toEqual([0.5]);
    expect(await ask('types_build_info{version="1"}')).toEqual([1]);
    expect(await ask('door{door="closed"}')).toEqual([1]);
    expect(await ask('door{door="open"}')).toEqual([0]);
    expect(await ask('wait_seconds{quantile="0.5"}')).toEqual([1.5]);
    expect(await ask('wait_seconds_sum')).toEqual([4.5]);
    expect(await ask('wait_seconds_count')).toEqual([3]);
    if (format === 'protobuf') {
      expect(await ask('histogram_count(size_bytes)')).toEqual([3]);
      expect(await ask('histogram_sum(size_bytes)')).toEqual([321]);
      const [median] = await ask('histogram_quantile(0.5, size_bytes)');
      expect(median).toBeGreaterThan(18);
      expect(median).toBeLessThan(22);
    } else {
      expect(await ask('size_bytes_bucket{le="10.0"}')).toEqual([1]);
      expect(await ask('size_bytes_bucket{le="+Inf"}')).toEqual([3]);
      expect(await ask('size_bytes_sum')).toEqual([321]);
    }
    expect(await ask('informer_samples_dropped_total{reason="invalid"} > 0')).toHaveLength(1);
  });
});

describe('an answer', () => {
  const start = () =>
    startAgent({ plugins: { 'types.ts': TYPES }, config: 'resources: {types: {plugin: types}}\n' });

  it.each([
    ['gzip', gunzipSync],
    ['zstd', zstdDecompressSync],
  ] as const)('in %s is the same as without', async (coding, decompress) => {
    await using run = await start();
    const headers = { 'accept-encoding': coding };
    const unchanging = (text: string) =>
      text.split('\n').filter((line) => /^(size|jobs|wait|part)_/.test(line));
    for (let scrape = 0; scrape < 3; scrape++) {
      const plain = await run.agent.inject('/metrics');
      const packed = await run.agent.inject({ url: '/metrics', headers });
      expect(packed.headers['content-encoding']).toBe(coding);
      expect(packed.headers.vary).toBe('Accept, Accept-Encoding');
      expect(unchanging(decompress(packed.rawPayload).toString())).toEqual(unchanging(plain.body));
      expect(unchanging(plain.body)).not.toHaveLength(0);
    }
  });

  it('says what it is written in, and OpenMetrics ends with its last line', async () => {
    await using run = await start();
    const ask = async (accept: string) => {
      const { headers, body } = await run.agent.inject({ url: '/metrics', headers: { accept } });
      return { type: headers['content-type'], body };
    };
    const open = await ask('application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
    expect(open.type).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
    );
    expect(open.body).toMatch(
      /\nsize_bytes_bucket{resource="types",le="\+Inf"} 3 # {trace_id="t300"} 300.0 \S+\n/,
    );
    expect(open.body).toContain('# UNIT wait_seconds seconds\n');
    expect(open.body).not.toContain('_created');
    expect(open.body.endsWith('# EOF\n')).toBe(true);
    expect((await ask('text/plain')).type).toBe(
      'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    );
    const dotted = await ask('application/openmetrics-text;escaping=dots');
    expect(dotted.body).toContain('part_load_ratio{part="x",resource="types"} 0.5\n');
    expect((await ask(PROTOBUF)).type).toContain('application/vnd.google.protobuf;');
  });

  it('tells when series began if the configuration says so', async () => {
    await using run = await startAgent({
      plugins: { 'types.ts': TYPES },
      config: 'resources: {types: {plugin: types}}\n',
      web: 'openmetrics_created: true',
    });
    const { body } = await run.agent.inject({
      url: '/metrics',
      headers: { accept: 'application/openmetrics-text' },
    });
    expect(body).toMatch(/\njobs_created{kind="a\\"b\\\\c",resource="types"} \d\.\d+e\+09\n/);
  });

  it('is text as long as a resource with an interval has no other', async () => {
    await using run = await startAgent({
      plugins: { 'types.ts': TYPES },
      config: 'resources: {types: {plugin: types, every: 300ms}}\n',
    });
    await run.until('the first collect', () => run.status('types').outcome);
    const ask = async () =>
      (await run.agent.inject({ url: '/metrics', headers: { accept: 'application/openmetrics-text' } }))
        .headers['content-type'];
    expect(await ask()).toContain('text/plain');
    await run.until('the next collect to bring it', async () => (await ask())?.includes('openmetrics'));
  });
});
