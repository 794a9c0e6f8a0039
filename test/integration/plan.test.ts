import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { FAMILY } from '../support/family-plugin.ts';
import { ACME } from '../support/plugins.ts';
import { askOverSocket } from '../support/socket-client.ts';

const plugins = { 'acme.ts': ACME, 'family.ts': FAMILY };
/** At the agent's priority: where others work, hosts would else start slowly. */
const NICE = 'plugins: {acme: {nice: 0}, family: {nice: 0}}\n';
const resources = (...lines: string[]) => `${NICE}resources:\n${lines.map((line) => `  ${line}\n`).join('')}`;

interface PlannedChange {
  kind: string;
  resource: string;
}

/** The agent's plan for another file, as if that was its configuration. */
async function planFor(run: AgentUnderTest, text: string, { settings = '', web = '', query = '' } = {}) {
  const common = `web: {listen: ['unix:${run.folder}/web.sock']${web}}\nstate_dir: ${run.folder}/state\nplugin_dirs: [plugins]\n`;
  await run.write('next.yaml', common + settings + text);
  return ask(run, { config: join(run.folder, 'next.yaml') }, query);
}

const ask = (run: AgentUnderTest, body?: unknown, query = '') =>
  askOverSocket(join(run.folder, 'state/agent.sock'), 'POST', `/api/v1/plan${query}`, body);

const timeout = 120_000;

describe('a plan', { timeout }, () => {
  it('says what would be done, why, and which series would come and go; and nothing is done', async () => {
    await using run = await startAgent({
      plugins,
      config: resources(
        'stays: {plugin: acme}',
        'changes: {plugin: acme, config: {queues: [one, two], token: one-secret}}',
        'labelled: {plugin: acme}',
        'scheduled: {plugin: acme}',
        'moves: {plugin: acme}',
        'paused: {plugin: acme}',
        'goes: {plugin: acme}',
      ),
    });
    await run.scrape();
    const before = run.agent.status();
    const { status, body } = await planFor(
      run,
      resources(
        'stays: {plugin: acme}',
        'changes: {plugin: acme, config: {queues: [one, three, four], token: xyz}}',
        'labelled: {plugin: acme, labels: {team: shop}}',
        'scheduled: {plugin: acme, every: 15s}',
        'moves: {plugin: family}',
        'paused: {plugin: acme, enabled: false}',
        'comes: {plugin: acme}',
      ),
      { web: ', scrape_timeout_offset: 1s', settings: 'limits: {concurrency: 8}\n' },
    );
    expect(status).toBe(200);
    const next = join(run.folder, 'next.yaml');
    expect(body).toMatchObject({
      configFile: next,
      running: true,
      summary: { open: 1, replace: 2, adjust: 2, close: 2, unchanged: 1, problems: 0, seriesUnknown: 0 },
      settings: [
        { path: 'web.scrape_timeout_offset', from: '500ms', to: '1s' },
        { path: 'limits.concurrency', from: '64', to: '8' },
      ],
      hosts: { started: ['family'], ended: [] },
      overridden: [],
      problems: [],
    });
    expect(body.changes.map(({ kind, resource }: PlannedChange) => `${kind} ${resource}`)).toEqual([
      'close paused',
      'close goes',
      'replace changes',
      'adjust labelled',
      'adjust scheduled',
      'replace moves',
      'open comes',
    ]);
    const [paused, goes, changes, labelled, scheduled, moves, comes] = body.changes;
    expect(paused).toMatchObject({
      reasons: [{ path: 'enabled', from: 'true', to: 'false' }],
      series: { before: 2, after: 0, added: 0, removed: 2 },
    });
    expect(goes).toMatchObject({
      plugin: 'acme',
      reasons: [{ path: 'resources.goes', from: `${join(run.folder, 'informer.yaml')}:12` }],
      series: {
        before: 2,
        families: [
          { name: 'acme_collects_total', added: 0, removed: 1 },
          { name: 'queue_messages', added: 0, removed: 1 },
        ],
      },
    });
    expect(changes.reasons).toEqual([
      { path: 'config.queues[1]', from: 'two' },
      { path: 'config.queues[1]', to: 'three' },
      { path: 'config.queues[2]', to: 'four' },
      { path: 'config.token', from: '***', to: '***' },
    ]);
    expect(changes.series).toEqual({
      before: 3,
      after: 4,
      added: 2,
      removed: 1,
      families: [{ name: 'queue_messages', added: 2, removed: 1 }],
      samples: {
        added: [
          'queue_messages{queue="four",resource="changes"}',
          'queue_messages{queue="three",resource="changes"}',
        ],
        removed: ['queue_messages{queue="two",resource="changes"}'],
      },
    });
    expect(labelled).toMatchObject({
      reasons: [{ path: 'labels.team', to: 'shop' }],
      series: { before: 2, after: 2, added: 2, removed: 2 },
    });
    expect(scheduled).toMatchObject({
      reasons: [{ path: 'every', from: 'scrape', to: '15s' }],
      series: { before: 2, after: 2, added: 0, removed: 0, families: [] },
    });
    expect(moves.reasons).toEqual([
      { path: 'plugin', from: 'acme', to: 'family' },
      { path: 'host', from: 'acme', to: 'family' },
    ]);
    expect(comes).toMatchObject({
      reasons: [{ path: 'resources.comes', to: `${next}:13` }],
      series: { before: 0, after: 2, added: 2, removed: 0 },
    });

    // The counters of what runs go on, and nobody knows of another pass.
    const page = await run.scrape();
    const collects = page.lines('acme_collects_total');
    expect(collects).toHaveLength(7);
    expect(collects.every((line) => line.endsWith(' 2'))).toBe(true);
    expect(page.value('informer_config_reloads_total', { result: 'success' })).toBe(1);
    const after = run.agent.status();
    expect(after.lastReload).toEqual(before.lastReload);
    expect(after.resources.map(({ name, since, hostPid }) => [name, since, hostPid])).toEqual(
      before.resources.map(({ name, since, hostPid }) => [name, since, hostPid]),
    );
    const texts = JSON.stringify(body);
    expect(texts).not.toContain('one-secret');
    expect(texts).not.toContain('xyz');
  });

  it('names what a candidate does wrong in its own place, and has the series of all others', async () => {
    await using run = await startAgent({ plugins, config: resources('stays: {plugin: acme}') });
    await run.scrape();
    const { body } = await planFor(
      run,
      resources(
        'stays: {plugin: acme, config: {mode: throw}}',
        'well: {plugin: acme}',
        'throws: {plugin: acme, config: {mode: open-throws}}',
        'exits: {plugin: acme, config: {mode: exit}}',
        'hangs: {plugin: acme, open_timeout: 2s, config: {mode: open-hangs}}',
        'target: {plugin: acme, config: {mode: target}}',
        'fine: {plugin: acme}',
      ),
    );
    const of = (name: string) => body.changes.find(({ resource }: PlannedChange) => resource === name);
    // With the first collect failing, the old one would go on.
    expect(of('stays')).toMatchObject({ kind: 'replace', problem: { code: 'PLUGIN_FAILED' } });
    expect(of('stays').series).toBeUndefined();
    expect(of('throws').problem).toMatchObject({ code: 'PLUGIN_FAILED', message: 'no such broker' });
    expect(of('exits').problem).toMatchObject({ code: 'PLUGIN_HOST_DIED' });
    expect(of('hangs').problem).toMatchObject({ code: 'PLUGIN_HOST_DIED' });
    expect(of('target')).toMatchObject({
      problem: { message: 'The broker answered 503.', fix: 'Ask the broker.' },
      series: { after: 0 },
    });
    for (const name of ['well', 'fine']) {
      expect(of(name)).toMatchObject({ series: { after: 2, added: 2 } });
      expect(of(name).problem).toBeUndefined();
    }
    expect(body.summary).toMatchObject({ problems: 5, seriesUnknown: 4 });
    const page = await run.scrape();
    expect(page.value('acme_collects_total', { resource: 'stays' })).toBe(2);
    expect(page.lines('informer_host_restarts_total').filter((line) => !line.endsWith(' 0'))).toEqual([]);
  });

  it('leaves the state of what runs alone, and knows what is in the way of new families', async () => {
    await using run = await startAgent({
      plugins,
      config: resources('kept: {plugin: family}', 'gauge: {plugin: acme, config: {mode: gauge}}'),
    });
    await run.scrape();
    const changed = resources(
      'kept: {plugin: family, config: {mode: well}}',
      'gauge: {plugin: acme, config: {mode: gauge}}',
      'counter: {plugin: acme, config: {mode: counter}}',
    );
    const { body } = await planFor(run, changed, { settings: 'limits: {series: 5}\n' });
    const [kept, counter] = body.changes;
    expect(kept).toMatchObject({ kind: 'replace', resource: 'kept' });
    expect(kept.problem).toBeUndefined();
    expect(counter).toMatchObject({
      kind: 'open',
      problem: { code: 'CONFLICT_FAMILY', message: expect.stringContaining('resource "gauge"') },
      series: { after: 2, added: 2 },
    });
    expect(body.problems).toEqual([expect.objectContaining({ code: 'LIMIT_SERIES' })]);

    await run.configure(changed);
    await run.agent.reload('test');
    expect((await run.scrape()).value('family_opens_total', { resource: 'kept' })).toBe(2);
  });

  it('tells of a configuration that is not usable as "informer check" does', async () => {
    await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
    const { status, body } = await planFor(
      run,
      resources('a: {plugin: acme, config: {queues: 7}}', 'b: {plugin: acmee}'),
    );
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'CONFIG_REJECTED', errors: [expect.any(String), expect.any(String)] });
    expect(body.errors[1]).toMatch(
      /next\.yaml:7:15: resources\.b\.plugin: unknown plugin "acmee"; did you mean "acme"\?$/,
    );
    expect(body.diagnostics).toMatchObject([
      { line: 6, path: ['resources', 'a', 'config', 'queues'] },
      { line: 7, column: 15 },
    ]);
    expect(run.agent.status().lastReload?.result.successful).toBe(true);
  });

  it('shows what somebody has switched at run time, and does not undo it', async () => {
    await using run = await startAgent({
      plugins,
      config: resources('quiet: {plugin: acme}', 'forced: {plugin: acme, enabled: false}'),
    });
    const socket = join(run.folder, 'state/agent.sock');
    await askOverSocket(socket, 'POST', '/api/v1/resources/quiet/disable', { reason: 'noisy' });
    await askOverSocket(socket, 'POST', '/api/v1/resources/forced/enable');
    const { body } = await ask(run);
    expect(body.changes).toEqual([]);
    expect(body.overridden).toMatchObject([
      { resource: 'quiet', configured: true, enabled: false, reason: 'noisy' },
      { resource: 'forced', configured: false, enabled: true },
    ]);
  });
});

describe('POST /api/v1/plan', { timeout }, () => {
  it('needs what changes need, and the socket for another file; and is there for one at a time', async () => {
    await using run = await startAgent({
      plugins,
      config: resources('a: {plugin: acme}'),
      web: 'admin: {token_file: token}',
    });
    await run.write('token', 'let-me-in\n');
    const inject = (headers: Record<string, string>, payload?: object) =>
      run.agent.inject({
        method: 'POST',
        url: '/api/v1/plan?series=false',
        headers,
        ...(payload && { payload }),
      });
    expect((await inject({})).statusCode).toBe(401);
    const token = { authorization: 'Bearer let-me-in' };
    expect((await inject(token)).json()).toMatchObject({ summary: { unchanged: 1, open: 0 } });
    expect((await inject(token, { config: join(run.folder, 'informer.yaml') })).statusCode).toBe(200);
    const refused = await inject(token, { config: '/etc/passwd' });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'HTTP_LOCAL_ONLY']);
    for (const bad of [{ config: 'informer.yaml' }, { config: 7 }, { file: '/x' }, []]) {
      expect((await inject(token, bad)).statusCode).toBe(400);
    }

    // Nobody waits for a plan whose asker has gone.
    const hangs = resources(
      'a: {plugin: acme}',
      'b: {plugin: acme, open_timeout: 60s, config: {mode: open-hangs}}',
    );
    await run.write('next.yaml', `plugin_dirs: [plugins]\n${hangs}`);
    const config = join(run.folder, 'next.yaml');
    const headers = { 'content-type': 'application/json' };
    const socketPath = join(run.folder, 'state/agent.sock');
    const first = request({ socketPath, method: 'POST', path: '/api/v1/plan', headers });
    first.on('error', () => undefined);
    first.end(JSON.stringify({ config }));
    let busy: Awaited<ReturnType<typeof ask>> | undefined;
    await run.until('the second to be refused', async () => {
      busy = await ask(run, { config }, '?series=false');
      return busy.status === 409;
    });
    expect(busy?.body).toMatchObject({ code: 'HTTP_BUSY', fix: expect.any(String) });
    first.destroy();
    await run.until('the next one to be made', async () => (await ask(run)).status === 200, 40_000);

    const skipped = await planFor(run, hangs, { query: '?series=false' });
    expect(skipped.body).toMatchObject({ summary: { open: 1, seriesUnknown: 1, problems: 0 } });
  });
});
