import { lint, parseExposition } from '@dynamic-informer/sdk/lint';
import { describe, expect, it } from 'vitest';
import { inProcessHost } from '../../agent/src/hosts/in-process-host.ts';
import { ESCAPINGS, type Escaping } from '../../sdk/src/exposition/names.ts';
import { type Encoding, encodingKey, FORMATS } from '../../sdk/src/host.ts';
import { CONTRACT_VERSION } from '../../sdk/src/plugin.ts';
import { startAgent } from '../support/agent.ts';
import { promtoolCheckMetrics } from '../support/prometheus.ts';

/** A plugin whose metrics are named as OpenTelemetry names them. */
const otel = (name: string, metric: string) => `
import { counter, definePlugin, gauge, histogram, stateset, Type } from '@dynamic-informer/sdk';

const UTF8 = { utf8Names: true };
const requests = counter('http.server.requests_total', 'Requests.', ['http.route', 'code'], UTF8);
const size = histogram('http.size', 'Sizes.', ['http.route'], { buckets: [1], ...UTF8 });
const door = stateset('door.state', 'The door.', ['open', 'closed'], [], UTF8);
const plain = gauge('plain', 'Named as ever.', ['code']);
const own = gauge(${JSON.stringify(metric)}, 'Of this plugin.', [], UTF8);

export default definePlugin({
  name: '${name}',
  config: Type.Object({}),
  open: () => ({
    describe: () => [requests, size, door, plain, own],
    collect: () => [
      requests.sample(2, { 'http.route': '/"a"', code: '200' }, { exemplar: { labels: { trace_id: 'x' }, value: 1 } }),
      size.sample({ counts: [1, 1], sum: 3 }, { 'http.route': '/' }),
      door.sample('open'),
      plain.sample(1, { code: '1' }),
      own.sample(1),
    ],
  }),
});
`;

const plugins = { 'otel.ts': otel('otel', 'own.thing'), 'rival.ts': otel('rival', 'own-thing') };
const CONFIG = 'resources:\n  web: {plugin: otel}\n';

/** What Prometheus 3 sends, with the escaping that its configuration names. */
const accepting = (escaping: Escaping): string =>
  `application/openmetrics-text;version=1.0.0;escaping=${escaping};q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=${escaping};q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`;
const acceptingText = (escaping: Escaping): string =>
  `text/plain;version=1.0.0;escaping=${escaping};q=0.6,*/*;q=0.2`;

const LINES: Readonly<Record<Escaping, readonly string[]>> = {
  'allow-utf-8': [
    '# TYPE "http.server.requests" counter',
    '{"http.server.requests_total",code="200","http.route"="/\\"a\\"",resource="web"} 2.0 # {trace_id="x"} 1.0',
    '{"http.size_bucket","http.route"="/",resource="web",le="1.0"} 1',
    '{"http.size_count","http.route"="/",resource="web"} 2',
    '{"door.state",resource="web","door.state"="open"} 1.0',
  ],
  underscores: [
    '# TYPE http_server_requests counter',
    'http_server_requests_total{code="200",http_route="/\\"a\\"",resource="web"} 2.0 # {trace_id="x"} 1.0',
    'http_size_bucket{http_route="/",resource="web",le="1.0"} 1',
    'http_size_count{http_route="/",resource="web"} 2',
    'door_state{resource="web",door_state="open"} 1.0',
  ],
  dots: [
    '# TYPE http_dot_server_dot_requests_ counter',
    'http_dot_server_dot_requests__total{code="200",http_dot_route="/\\"a\\"",resource="web"} 2.0 # {trace_id="x"} 1.0',
    'http_dot_size_bucket{http_dot_route="/",resource="web",le="1.0"} 1',
    'http_dot_size_count{http_dot_route="/",resource="web"} 2',
    'door_dot_state{resource="web",door_dot_state="open"} 1.0',
  ],
  values: [
    '# TYPE U__http_2e_server_2e_requests_ counter',
    'U__http_2e_server_2e_requests__total{code="200",U__http_2e_route="/\\"a\\"",resource="web"} 2.0 # {trace_id="x"} 1.0',
    'U__http_2e_size_bucket{U__http_2e_route="/",resource="web",le="1.0"} 1',
    'U__http_2e_size_count{U__http_2e_route="/",resource="web"} 2',
    'U__door_2e_state{resource="web",U__door_2e_state="open"} 1.0',
  ],
};

describe('metrics with UTF-8 names', () => {
  it('come out of the agent as the scraper asked for them, and others come as ever', async () => {
    await using run = await startAgent({ plugins, config: CONFIG });
    for (const escaping of ESCAPINGS) {
      const response = await run.agent.inject({ url: '/metrics', headers: { accept: accepting(escaping) } });
      expect(response.headers['content-type']).toBe(
        `application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=${escaping}`,
      );
      const lines = response.body.split('\n');
      for (const line of [...LINES[escaping], 'plain{code="1",resource="web"} 1.0'])
        expect(lines).toContain(line);
      const { families, errors } = parseExposition(response.body);
      expect(errors).toEqual([]);
      expect(lint(families).filter(({ metric }) => /http|door/.test(metric))).toEqual([]);
    }
    expect(run.status('web')).toMatchObject({ outcome: 'ok' });
  });

  it('are escaped for a scraper that does not ask, and promtool reads them', async () => {
    await using run = await startAgent({ plugins, config: CONFIG });
    for (const escaping of [undefined, 'underscores', 'dots', 'values'] as const) {
      const headers = escaping === undefined ? {} : { accept: acceptingText(escaping) };
      const { text } = await run.scrape('', headers);
      expect(text).toContain('plain{code="1",resource="web"} 1\n');
      expect(text).toMatch(/^# TYPE \w*http\w*size histogram$/m);
      expect((await promtoolCheckMetrics(text)).stderr).not.toContain('error while linting');
    }
    expect((await run.scrape()).value('http_server_requests_total', { http_route: '/\\"a\\"' })).toBe(2);
  });

  it('never become one family on the way to an old scraper', async () => {
    await using run = await startAgent({
      plugins,
      config: 'resources:\n  web: {plugin: otel}\n  other: {plugin: rival}\n',
    });
    // Whoever is first at the first scrape: the configuration's order decides, and the next one shows it.
    await run.scrape();
    const page = await run.scrape();
    expect(page.lines('own_thing')).toEqual(['own_thing{resource="web"} 1']);
    expect(page.lines('http_size_count')).toHaveLength(2);
    expect(run.status('other')).toMatchObject({
      outcome: 'partial',
      errors: [
        {
          code: 'CONFLICT_FAMILY',
          message:
            'The gauge "own-thing" of resource "other" is left out: resource "web" exposes the gauge "own.thing".',
        },
      ],
    });
  });

  it('cost encodings only where an escaping changes them', async () => {
    const metric = (name: string) => ({ name, help: '', type: 'gauge', labels: [], utf8Names: true });
    const plugin = `
      const metrics = ${JSON.stringify([metric('a_b'), metric('a.c')])};
      const samples = metrics.map((descriptor) => ({ descriptor, value: 1, labels: {} }));
      const open = () => ({ describe: () => metrics, collect: () => samples });
      export default { name: 'plain', contract: ${CONTRACT_VERSION}, config: { type: 'object', properties: {} }, open };`;
    const host = inProcessHost('here', () => undefined);
    await host.open({
      id: '1',
      plugin: { name: 'plain', url: `data:text/javascript,${encodeURIComponent(plugin)}`, version: '1' },
      config: {},
      substituted: [],
      directory: '/',
      stateFile: '/nowhere',
      timeoutMs: 5000,
      gather: { resource: 'r', labels: {}, relabel: [], maxSeries: 100, maxBytes: 2 ** 20 },
    });
    const encodings = FORMATS.flatMap((format) =>
      ESCAPINGS.map((escaping): Encoding => ({ format, escaping })),
    );
    const { fragments } = await host.collect('1', 5000, encodings);
    expect(fragments.map(({ name, bodies }) => [name, [...bodies.keys()]])).toEqual([
      ['a.c', encodings.map(encodingKey)],
      ['a_b', FORMATS.map((format) => encodingKey({ format, escaping: 'underscores' }))],
    ]);
    await host.stop();
  });
});
