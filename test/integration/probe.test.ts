import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { startHttp } from '../support/http-server.ts';

/** It does with a target what the target's name says. */
const ASKED = `
import { definePlugin, gauge, targetError, Type } from '@dynamic-informer/sdk';
const seen = gauge('asked_length', 'Characters of what was asked for.', ['target']);
export default definePlugin({
  name: 'asked',
  config: Type.Object({ target: Type.String({ pattern: '^[a-z-]*$' }), key: Type.Optional(Type.String({ secret: true })) }),
  probe: (config, target) => ({ ...config, target }),
  open({ target, key }, { logger, state }) {
    logger.info('asking ' + target, { key });
    return {
      describe: () => [seen],
      async collect() {
        if (target === 'exit') process.exit(1);
        if (target === 'hang') await new Promise(() => {});
        if (target === 'spin') for (;;);
        if (target === 'down') throw targetError('It is down.', { fix: 'Start it.' });
        return [seen.sample(target.length, { target })];
      },
    };
  },
});
`;

const CONFIG = `resources:
  asked:
    plugin: asked
    probe: true
    timeout: 50s
    labels: {team: web}
    relabel: [{source_labels: [target], regex: (.*), target_label: instance_asked}]
    config: {target: own, key: hidden-in-every-answer}
  hasty: {plugin: asked, probe: true, timeout: 1s, config: {target: own}}
  closed: {plugin: asked, config: {target: own}}
  off: {plugin: asked, enabled: false, probe: true, config: {target: own}}
`;

const start = (config = CONFIG) => startAgent({ config, plugins: { 'asked.ts': ASKED } });

/** As a scraper that waits for long: this machine may be busy. */
const probe = (run: AgentUnderTest, url: string, headers: Record<string, string> = {}) =>
  run.agent.inject({ url, headers: { 'x-prometheus-scrape-timeout-seconds': '60', ...headers } });

describe('/probe', () => {
  let run: AgentUnderTest;
  beforeAll(async () => {
    run = await start();
  });
  afterAll(() => run[Symbol.asyncDispose]());

  it("collects once for the caller's target, with the resource's settings", async () => {
    const answer = await probe(run, '/probe?plugin=asked&resource=asked&target=hello');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.body.split('\n').filter((line) => !line.startsWith('#') && line !== '')).toEqual([
      'asked_length{instance_asked="hello",resource="asked",target="hello",team="web"} 5',
    ]);
    const page = await run.scrape();
    expect(page.lines('asked_length').filter((line) => line.includes('hello'))).toEqual([]);
    expect(page.value('informer_probes_total', { resource: 'asked', outcome: 'ok' })).toBe(1);
    expect(run.logs.some(({ message }) => message === 'asking hello')).toBe(false);
  });

  it('speaks the format that the scraper asks for', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0';
    const answer = await probe(run, '/probe?resource=asked&target=hi', { accept });
    expect(answer.headers['content-type']).toMatch(/^application\/openmetrics-text/);
    expect(answer.body).toMatch(/# EOF\n$/);
  });

  it('shows with debug=true what it did, nothing secret among it', async () => {
    const { body, headers } = await probe(run, '/probe?resource=asked&target=down&debug=true');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(body).toMatch(/^Probe of down with the resource "asked" \(asked\)\noutcome target, 0 series, /);
    expect(body).toContain('Errors:\nTARGET_FAILED: It is down. Start it.\n');
    expect(body).toContain('Log:\ninfo asking down {"key":"***"}\n');
    expect(body).toContain('"target": "own"');
    expect(body).not.toContain('hidden-in-every-answer');
  });

  it.each([
    ['?resource=asked', 400, 'HTTP_BAD_REQUEST', 'No target is named, or several are.'],
    ['?resource=asked&target=a&target=b', 400, 'HTTP_BAD_REQUEST', 'No target is named, or several are.'],
    ['?resource=asked&target=NO', 400, 'CONFIG_BAD_VALUE', /target|form/],
    [
      '?resource=aksed&target=a',
      404,
      'HTTP_UNKNOWN_NAME',
      /no enabled resource "aksed" with "probe: true"; did you mean "asked"/,
    ],
    ['?resource=closed&target=a', 404, 'HTTP_UNKNOWN_NAME', /no enabled resource "closed"/],
    ['?resource=off&target=a', 404, 'HTTP_UNKNOWN_NAME', /no enabled resource "off"/],
    ['?resource=asked&plugin=acme&target=a', 404, 'HTTP_UNKNOWN_NAME', /of the plugin "acme"/],
    ['?resource=asked&target=down', 502, 'TARGET_FAILED', 'It is down.'],
    ['?resource=asked&target=exit', 502, 'PLUGIN_HOST_DIED', /ended|exit/],
    ['?resource=hasty&target=hang', 504, 'TARGET_TIMEOUT', /longer/],
    ['?resource=hasty&target=spin', 504, 'TARGET_TIMEOUT', /longer/],
  ])('answers %s with %i %s', async (query, status, code, detail) => {
    const answer = await probe(run, `/probe${query}`);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.json().detail).toMatch(detail);
    // Whatever a caller asks for costs the resources nothing.
    expect(run.status('asked')).toMatchObject({ state: 'running' });
    expect((await run.scrape()).value('informer_resource_up', { resource: 'asked' })).toBe(1);
  });

  it('refuses a plugin that can not be asked for a target', async () => {
    const plain = ASKED.replace(/ {2}probe: .*\n/, '');
    await using run = await startAgent({ config: CONFIG, plugins: { 'asked.ts': plain } });
    const answer = await probe(run, '/probe?resource=asked&target=a');
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'CONFIG_NOT_PROBED']);
  });

  it('probes many targets at one time, and a real server with http-probe', async () => {
    await using server = await startHttp((_request, response) => response.end('ok'));
    await using run = await startAgent({
      config: `resources:\n  web: {plugin: http-probe, probe: true, timeout: 50s, config: {targets: ['${server.url}'], valid_status: [200]}}\n`,
    });
    const targets = Array.from({ length: 40 }, (_, i) => `${server.url}?n=${i}`);
    const bodies = await Promise.all(
      targets.map(async (target) => {
        const answer = await probe(run, `/probe?resource=web&target=${encodeURIComponent(target)}`);
        return answer.body;
      }),
    );
    for (const body of bodies) expect(body).toMatch(/^probe_success\{.*\} 1$/m);
    const refused = await probe(
      run,
      `/probe?resource=web&target=${encodeURIComponent('http://127.0.0.1:1/')}`,
    );
    expect([refused.statusCode, /^probe_success\{.*\} 0$/m.test(refused.body)]).toEqual([200, true]);
    const bad = await probe(run, '/probe?resource=web&target=ftp://x');
    expect([bad.statusCode, bad.json().detail]).toEqual([
      400,
      expect.stringContaining('is not an http or https URL'),
    ]);
  });
});
