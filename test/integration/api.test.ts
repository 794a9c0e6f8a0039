import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';
import { askOverSocket, sendOverSocket } from '../support/socket-client.ts';

/** Exits when it is imported. */
const FATAL = `process.exit(7);`;
/** Says neither metrics nor a schema. */
const BARE = `export default { name: 'bare', open: () => ({ describe: () => [], collect: () => [] }) };`;

const CONFIG = `
defaults: {timeout: 3s}
plugins:
  nowhere: {path: ./nowhere.js}
resources:
  checkout: {plugin: acme, labels: {team: shop}, config: {token: '7', queues: [a, bb]}}
  alpha: {plugin: acme, every: 1h, timeout: 2s, config: {mode: target}}
  broken: {plugin: acme, config: {mode: open-throws}}
  zulu: {plugin: acme, enabled: false, config: {token: 'a-long-secret', queues: ['\${file:pin}', 'http://u:pw@h']}}
  gone: {plugin: nowhere}
  renamed:
    plugin: acme
    relabel: [{source_labels: [queue], target_label: line}, {regex: queue, action: labeldrop}]
`;

let run: AgentUnderTest;
beforeAll(async () => {
  run = await startAgent({
    plugins: { 'acme.ts': ACME, 'fatal.js': FATAL, 'bare.js': BARE },
    config: 'resources: {}',
  });
  await run.write('pin', '42\n');
  await run.configure(CONFIG);
  const { errors } = await run.agent.reload();
  expect(errors).toEqual([]);
  for (const name of ['broken', 'gone'])
    await run.until(`${name} to have failed`, () => run.status(name).state === 'failed');
  await run.scrape();
  await run.until('one with an interval', () => run.status('alpha').outcome);
});
afterAll(async () => {
  await run[Symbol.asyncDispose]();
});

const ask = async (path: string, method: 'GET' | 'POST' = 'GET') => {
  const { statusCode, headers, body: text } = await run.agent.inject({ url: path, method });
  // biome-ignore lint/suspicious/noExplicitAny: what the agent answers is what the test is about.
  const answer: any = /json/.test(String(headers['content-type'])) ? JSON.parse(text) : text;
  return { status: statusCode, headers, answer };
};
const namesOf = async (query: string): Promise<string[]> =>
  (await ask(`/api/v1/resources${query}`)).answer.resources.map(({ name }: { name: string }) => name);

describe('GET /api/v1/resources', () => {
  it.each([
    ['', ['checkout', 'alpha', 'broken', 'zulu', 'gone', 'renamed']],
    ['?state=disabled', ['zulu']],
    ['?state=disabled&state=running', ['checkout', 'alpha', 'zulu', 'renamed']],
    ['?state=disabled,running', ['checkout', 'alpha', 'zulu', 'renamed']],
    ['?plugin=nowhere', ['gone']],
    ['?search=CHECK', ['checkout']],
    ['?search=BROKER+answered', ['alpha']],
    ['?search=TARGET_', ['alpha']],
    ['?search=nothing-like-it', []],
    ['?state=running&limit=2', ['alpha', 'checkout']],
    ['?after=gone', ['renamed', 'zulu']],
  ])('%s gives %j', async (query, names) => {
    expect(await namesOf(query)).toEqual(names);
  });

  it('gives pages that neither repeat nor leave out what stays, though others come and go between them', async () => {
    const first = (await ask('/api/v1/resources?limit=2')).answer;
    expect(first).toMatchObject({ total: 6, next: 'broken' });
    // As if the last one of the page had gone: the next page begins where it would have stood.
    expect(await namesOf('?limit=2&after=brokem')).toEqual(['broken', 'checkout']);
    expect(await namesOf('?limit=2&after=broken')).toEqual(['checkout', 'gone']);
    const last = (await ask('/api/v1/resources?limit=4&after=broken')).answer;
    expect([last.resources.length, last.total, 'next' in last]).toEqual([4, 6, false]);
  });

  it('gives the last collects where they are asked for', async () => {
    const [status] = (await ask('/api/v1/resources?include=history&search=checkout')).answer.resources;
    expect(status.history).toEqual({
      at: [status.lastCollectAt],
      seconds: [expect.closeTo(status.lastCollectSeconds, 5)],
      outcome: ['ok'],
    });
  });
});

describe('GET /api/v1/resources/NAME', () => {
  it('says what the resource is set to do, and where', async () => {
    const { answer } = await ask('/api/v1/resources/alpha');
    expect(answer.settings).toMatchObject({
      place: { file: `${run.folder}/informer.yaml`, line: 10, column: 3 },
      every: 3_600_000,
      timeoutMs: 2000,
      config: { mode: 'target' },
    });
    expect(answer.settings.fromDefaults).not.toContain('timeoutMs');
    expect(answer.settings.fromDefaults).toContain('openTimeoutMs');
    expect(answer.history.outcome).toEqual(['target']);
  });

  it('masks what is secret, however short it is, also of one that is disabled', async () => {
    expect((await ask('/api/v1/resources/checkout')).answer.settings.config).toEqual({
      token: '***',
      queues: ['a', 'bb'],
    });
    expect((await ask('/api/v1/resources/zulu')).answer.settings.config).toEqual({
      token: '***',
      queues: ['***', 'http://u:***@h'],
    });
  });

  it('shows no configuration whose schema is not known, and says why', async () => {
    const { settings } = (await ask('/api/v1/resources/gone')).answer;
    expect(settings.config).toBeNull();
    expect(settings.problem.code).toBe('PLUGIN_NOT_FOUND');
  });
});

describe('GET /api/v1/plugins', () => {
  it('lists what can be used, without loading it', async () => {
    const { plugins } = (await ask('/api/v1/plugins')).answer;
    const acme = plugins.find(({ name }: { name: string }) => name === 'acme');
    expect(acme).toEqual({
      name: 'acme',
      description: '',
      version: '',
      origin: 'file',
      host: 'own',
      needs: null,
      resources: 5,
    });
    const probe = plugins.find(({ name }: { name: string }) => name === 'http-probe');
    expect(probe).toMatchObject({ origin: 'builtin', host: 'shared', resources: 0 });
    expect(probe.needs.hosts).toContain('${config.targets}');
  });

  it('shows what only the code of one says, and touches nothing that collects', async () => {
    const before = run.status('checkout').hostPid;
    const { answer } = await ask('/api/v1/plugins/http-probe');
    expect(answer.schema.properties.targets).toMatchObject({ type: 'array' });
    expect(answer.metrics).toContainEqual(expect.objectContaining({ name: 'probe_success', type: 'gauge' }));
    expect((await ask('/api/v1/plugins/bare')).answer).toMatchObject({ metrics: [] });
    expect(run.status('checkout').hostPid).toBe(before);
    await run.until('the host that was asked to end', async () => {
      const hosts = (await run.scrape()).lines('informer_host_memory_bytes');
      return !hosts.some((line) => line.includes('"show"'));
    });
  });

  it('says why one can not be loaded', async () => {
    const { status, answer } = await ask('/api/v1/plugins/fatal');
    expect([status, answer.schema]).toEqual([200, null]);
    expect(answer.problem).toMatchObject({ code: expect.any(String), message: expect.stringContaining('7') });
    expect((await ask('/api/v1/plugins/nowhere')).answer.problem.code).toBe('PLUGIN_NOT_FOUND');
  });
});

describe('GET /api/v1/metadata', () => {
  const metric = async (query: string) => (await ask(`/api/v1/metadata${query}`)).answer.metrics;

  it('knows every family that is exposed, with its type and help', async () => {
    const { text } = await run.scrape();
    const exposed = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    const known = new Map((await metric('')).map((each: { name: string }) => [each.name, each])) as Map<
      string,
      { name: string; help: string; series: number }
    >;
    expect(exposed.filter((name) => !known.has(String(name)))).toEqual([]);
    for (const [, name = '', help] of text.matchAll(/^# HELP (\S+) (.*)$/gm))
      expect(known.get(name)?.help, name).toBe(help);
  });

  it('says who brings a metric, how it is collected, and how many series there are', async () => {
    const [found, ...others] = await metric('?search=queue_messages&type=gauge');
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      name: 'queue_messages',
      help: 'Messages waiting in the queue.',
      series: 3,
    });
    // The rules of one of them have put another label in the place of the plugin's.
    expect(found.labels).toEqual(['line', 'queue', 'resource', 'team']);
    expect(found.resources).toContainEqual({
      name: 'checkout',
      plugin: 'acme',
      every: 'scrape',
      host: 'acme',
    });
    expect(found.resources).toContainEqual({ name: 'alpha', plugin: 'acme', every: 3_600_000, host: 'acme' });
  });

  it('knows what may come, before it has come', async () => {
    const [found] = await metric('?search=acme_duration');
    expect(found).toMatchObject({ type: 'gauge', series: 0 });
  });

  it("has the agent's own metrics, which belong to no resource", async () => {
    const [found] = await metric('?search=informer_resource_up');
    expect(found).toMatchObject({ type: 'gauge', labels: ['plugin', 'resource'], resources: [], series: 5 });
    expect((await metric('?resource=checkout')).map(({ name }: { name: string }) => name)).toEqual([
      'acme_collects_total',
      'acme_duration',
      'queue_messages',
    ]);
  });

  it('comes in pages', async () => {
    const all = (await metric('')).map(({ name }: { name: string }) => name);
    const { metrics, next, total } = (await ask('/api/v1/metadata?limit=5')).answer;
    expect([metrics.length, next, total]).toEqual([5, all[4], all.length]);
    expect((await metric(`?limit=3&after=${next}`)).map(({ name }: { name: string }) => name)).toEqual(
      all.slice(5, 8),
    );
  });
});

describe('a request that can not be answered', () => {
  it.each([
    ['GET', '/api/v1/resources?state=brokn', 400, 'HTTP_BAD_REQUEST', 'disabled, opening, running'],
    ['GET', '/api/v1/resources?limit=0', 400, 'HTTP_BAD_REQUEST', 'whole number'],
    ['GET', '/api/v1/resources?limit=1e3', 400, 'HTTP_BAD_REQUEST', 'whole number'],
    ['GET', '/api/v1/resources?limit=5&limit=6', 400, 'HTTP_BAD_REQUEST', 'once'],
    ['GET', '/api/v1/resources?stat=failed', 400, 'HTTP_BAD_REQUEST', 'state, plugin, search'],
    ['GET', '/api/v1/resources?include=everything', 400, 'HTTP_BAD_REQUEST', 'history'],
    ['GET', '/api/v1/resources?plugin=acmee', 404, 'HTTP_UNKNOWN_NAME', '/api/v1/resources'],
    ['GET', '/api/v1/resources/nobody', 404, 'HTTP_UNKNOWN_NAME', '/api/v1/resources'],
    ['GET', '/api/v1/resources/%zz', 400, 'HTTP_BAD_REQUEST', 'percent'],
    ['GET', '/api/v1/plugins/nobody', 404, 'HTTP_UNKNOWN_NAME', '/api/v1/plugins'],
    ['GET', '/api/v1/metadata?type=guage', 400, 'HTTP_BAD_REQUEST', 'gauge'],
    ['GET', '/api/v1/metadata?resource=nobody', 404, 'HTTP_UNKNOWN_NAME', '/api/v1/resources'],
    ['GET', '/api/v1/events?types=everything', 400, 'HTTP_BAD_REQUEST', 'collected'],
    ['GET', '/api/v1/audit?limit=many', 400, 'HTTP_BAD_REQUEST', 'whole number'],
    ['GET', '/api/v1/agent?verbose', 400, 'HTTP_BAD_REQUEST', 'none here'],
    ['GET', '/api/v2/agent', 404, 'HTTP_NOT_FOUND', '/openapi.json'],
    ['POST', '/api/v1/resources', 405, 'HTTP_BAD_REQUEST', 'Use GET or HEAD.'],
    ['POST', '/metrics', 405, 'HTTP_BAD_REQUEST', 'Use GET or HEAD.'],
    ['GET', '/api/v1/resources/checkout/restart', 405, 'HTTP_BAD_REQUEST', 'Use POST.'],
  ] as const)('%s %s is refused with %i and what to do', async (method, path, status, code, fix) => {
    const { status: given, headers, answer } = await ask(path, method);
    expect([given, headers['content-type']]).toEqual([status, 'application/problem+json; charset=utf-8']);
    expect(answer).toMatchObject({ status, code, type: 'about:blank', title: expect.any(String) });
    expect(answer.fix).toContain(fix);
    if (status === 405) expect(headers.allow).toBe(fix.startsWith('Use POST') ? 'POST' : 'GET, HEAD');
  });

  it.each([
    ['broken JSON', '{"for":', 'application/json', 400],
    ['another type', 'for=30m', 'application/x-www-form-urlencoded', 415],
    ['too much', `{"reason": "${'x'.repeat(70_000)}"}`, 'application/json', 413],
  ])('a body of %s is refused', async (_what, body, type, status) => {
    const path = '/api/v1/resources/checkout/disable';
    const given = await sendOverSocket(join(run.folder, 'web.sock'), path, body, type);
    expect(given).toMatchObject({
      status,
      body: { status, code: 'HTTP_BAD_REQUEST', fix: expect.stringContaining('Send') },
    });
  });
});

describe('GET /openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const { answer } = await ask('/openapi.json');
    const validator = new Validator();
    const result = await validator.validate(answer);
    expect(result.errors ?? []).toEqual([]);
    expect([result.valid, validator.version]).toEqual([true, '3.1']);
  });

  it('describes what the agent answers, to the last key', async () => {
    const validated = await schemas();
    const paths = [
      ['/api/v1/agent', '/api/v1/agent'],
      ['/api/v1/resources', '/api/v1/resources'],
      ['/api/v1/resources', '/api/v1/resources?include=history&limit=3'],
      ['/api/v1/plugins', '/api/v1/plugins'],
      ['/api/v1/metadata', '/api/v1/metadata?limit=20'],
      ['/api/v1/audit', '/api/v1/audit'],
      ...['acme', 'http-probe', 'nowhere'].map((name) => [
        '/api/v1/plugins/{name}',
        `/api/v1/plugins/${name}`,
      ]),
      ...run.agent
        .status()
        .resources.map(({ name }) => ['/api/v1/resources/{name}', `/api/v1/resources/${name}`]),
    ] as [string, string][];
    for (const [path, url] of paths) {
      const { status, answer } = await ask(url);
      expect(status, url).toBe(200);
      const place = path.replaceAll('/', '~1');
      validated(`paths/${place}/get/responses/200/content/application~1json/schema`, answer);
    }
    validated('components/schemas/Problem', (await ask('/api/v1/resources/nobody')).answer);
  });

  it('describes what changes and plans are answered with, to the last key', async () => {
    const schema = await schemas();
    const validated = (name: string, answer: unknown) => schema(`components/schemas/${name}`, answer);
    const socket = join(run.folder, 'web.sock');
    const disable = { for: '30m', reason: 'being mended' };
    const changed = await askOverSocket(socket, 'POST', '/api/v1/resources/renamed/disable', disable);
    expect(changed.body.override.reason).toBe('being mended');
    validated('ResourceStatus', changed.body);
    validated('AuditList', (await ask('/api/v1/audit')).answer);
    validated('ChangePlan', (await askOverSocket(socket, 'POST', '/api/v1/plan')).body);
    await run.configure(`${CONFIG}  again: {plugin: acmee, every: soon}\n`);
    const rejected = await askOverSocket(socket, 'POST', '/-/reload');
    expect(rejected.status).toBe(422);
    validated('Problem', rejected.body);
    validated('AgentSummary', (await ask('/api/v1/agent')).answer);
    validated('LogLines', (await ask('/api/v1/logs')).answer);
    await run.configure(`${CONFIG}  another: {plugin: acme}\n`);
    const plan = await askOverSocket(socket, 'POST', '/api/v1/plan');
    validated('ChangePlan', plan.body);
    const reloaded = await askOverSocket(socket, 'POST', '/-/reload');
    validated('ReloadResult', reloaded.body);
  }, 120_000);
});

/** Checks an answer with a schema of the document, named by its place there. */
async function schemas(): Promise<(place: string, answer: unknown) => void> {
  const ajv = new Ajv2020.default({ strict: false, allErrors: true });
  ajv.addSchema(closed((await ask('/openapi.json')).answer) as object, 'api');
  return (place, answer) => {
    const check = ajv.compile({ $ref: `api#/${encodeURI(place)}` });
    check(answer);
    expect(check.errors ?? [], place).toEqual([]);
  };
}

/** Keys that a schema does not name are wrong, where it names keys at all. */
function closed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(closed);
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  const isObject = copy.type === 'object' && typeof copy.properties === 'object';
  return isObject ? { additionalProperties: false, ...copy } : copy;
}
