import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { ReloadResult, ResourceStatus } from '@dynamic-informer/agent';
import { describe, expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';
import { askOverSocket } from '../support/socket-client.ts';

const plugins = { 'acme.ts': ACME };
const WARNS = `
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';
const value = gauge('warned_value', 'A value.', []);
export default definePlugin({
  name: 'warns',
  config: Type.Object({ much: Type.Boolean({ default: false }), more: Type.Optional(Type.Number()) }),
  validate: ({ much }) =>
    much ? [{ severity: 'warning', path: ['much'], message: 'is more than is good', fix: 'take less' }] : [],
  open: () => ({ describe: () => [value], collect: () => [value.sample(1)] }),
});
`;
const resources = (...lines: string[]) =>
  `resources:${lines.length === 0 ? ' {}' : ''}\n${lines.map((line) => `  ${line}\n`).join('')}`;

describe('a changed configuration, while the agent runs', () => {
  it('adds, changes, disables and removes resources; what did not change goes on', async () => {
    await using run = await startAgent({
      plugins,
      config: resources(
        'stays: {plugin: acme}',
        'changes: {plugin: acme, config: {queues: [one]}}',
        'labelled: {plugin: acme}',
        'paused: {plugin: acme}',
        'goes: {plugin: acme}',
        'interval: {plugin: acme, every: 1h}',
      ),
    });
    await run.scrape();
    const pid = run.status('stays').hostPid;
    await run.configure(
      resources(
        'stays: {plugin: acme}',
        'changes: {plugin: acme, config: {queues: [three]}}',
        'labelled: {plugin: acme, labels: {team: shop}}',
        'paused: {plugin: acme, enabled: false}',
        'comes: {plugin: acme}',
        'interval: {plugin: acme, every: 1h, labels: {team: shop}}',
      ),
    );
    await run.until('the change to be live', () => {
      const result = run.agent.status().lastReload?.result;
      return result?.successful && result.replaced.length > 0;
    });

    const page = await run.scrape();
    const collects = (resource: string) => page.value('acme_collects_total', { resource });
    // Two scrapes, so 2 where nothing was opened anew; a replacement was checked by a collect of its own.
    expect(collects('stays')).toBe(2);
    expect(collects('labelled')).toBe(2);
    expect(collects('changes')).toBe(2);
    expect(collects('comes')).toBe(1);
    expect(page.value('queue_messages', { resource: 'changes', queue: 'three' })).toBe(5);
    expect(page.value('queue_messages', { resource: 'changes', queue: 'one' })).toBeUndefined();
    expect(page.value('queue_messages', { resource: 'labelled', team: 'shop' })).toBe(1);
    expect(page.lines('queue_messages').filter((line) => /paused|goes/.test(line))).toEqual([]);
    await run.until('new labels of a resource with an interval', async () =>
      (await run.scrape()).value('queue_messages', { resource: 'interval', team: 'shop' }),
    );
    expect(page.value('informer_resource_enabled', { resource: 'paused' })).toBe(0);
    expect(page.value('informer_resource_up', { resource: 'paused' })).toBeUndefined();
    expect(page.value('informer_resource_enabled', { resource: 'goes' })).toBeUndefined();
    expect(page.lines('informer_collects_total').filter((line) => /paused|goes/.test(line))).toEqual([]);
    expect(page.value('informer_config_reloads_total', { result: 'success' })).toBe(2);
    expect(run.status('stays').hostPid).toBe(pid);

    await run.configure(resources('paused: {plugin: acme}'));
    await run.until('the paused one to be back', () => run.status('paused').state === 'running');
    expect((await run.scrape()).value('acme_collects_total', { resource: 'paused' })).toBe(1);
  });

  it('may name other files than before', async () => {
    const label = (value: string) => resources(`a: {plugin: acme, labels: {team: '${value}'}}`);
    await using run = await startAgent({ plugins, config: label('one'), files: { team: 'two' } });
    const isExposed = async (team: string) =>
      (await run.scrape()).value('queue_messages', { resource: 'a', team }) !== undefined;
    await run.configure(label('${file:team}'));
    await run.until('a value of a file', () => isExposed('two'));
    await run.configure(label('three'));
    await run.until('a value of no file', () => isExposed('three'));
  });

  it('that is broken changes nothing and says where and why', async () => {
    await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
    await run.scrape();
    await run.configure('resources:\n  a: {plugin: acme, tiemout: 5s}\n  b: {plugin: acmee}\n');
    await run.until('the rejection', () => run.logs.some(({ message }) => message.includes('rejected')));
    const page = await run.scrape();
    expect(page.value('acme_collects_total', { resource: 'a' })).toBe(2);
    expect(page.value('informer_config_last_reload_successful')).toBe(0);
    expect(page.value('informer_config_reloads_total', { result: 'failure' })).toBe(1);
    expect(run.agent.status().lastReload?.result.errors).toEqual([
      expect.stringMatching(
        /^.*informer\.yaml:5:21: resources\.a: unknown key "tiemout"; did you mean "timeout"\?$/,
      ),
      expect.stringMatching(/:6:15: resources\.b\.plugin: unknown plugin "acmee"; did you mean "acme"\?$/),
    ]);
    const html = (await run.agent.inject('/plain')).body;
    expect(html).toContain('informer.yaml:5:21');

    await run.configure(resources('a: {plugin: acme, timeout: 4s}'));
    await run.until('the repair', () => run.agent.status().lastReload?.result.successful);
    expect((await run.scrape()).value('informer_config_last_reload_successful')).toBe(1);
  });

  it("with a mistake in a plugin's own part is rejected whole, with the place in the file", async () => {
    await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
    await run.configure(
      'resources:\n  a:\n    plugin: acme\n    config:\n      queues: shop\n  new: {plugin: acme}\n',
    );
    const result = await run.agent.reload();
    expect(result.successful).toBe(false);
    expect(result.errors).toEqual([
      expect.stringMatching(/informer\.yaml:8:15: resources\.a\.config\.queues: .*; .*/),
    ]);
    expect(run.agent.status().resources.map(({ name }) => name)).toEqual(['a']);
  });

  it('has what is wrong with it told at once: of every file, and of every plugin', async () => {
    await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
    await run.write('d/broken.yaml', 'resources: {x: [\n');
    await run.write('d/one.yaml', 'resources:\n  b: {plugin: http-prob, config: {targets: 1}}\n');
    const config =
      'resources:\n  a: {plugin: acme, timeout: 5, config: {queues: q, mod: x}}\n  h: {plugin: http-probe, config: {targets: 1}}\n';
    const places = async (text: string) => {
      const { errors } = await reloadWith(run, text);
      return errors.map((error) => error.replace(`${run.folder}/`, '').replace(/; .*$/, ''));
    };
    expect(await places(`include: [d/one.yaml]\n${config}`)).toEqual([
      'informer.yaml:6:30: resources.a.timeout: must be a duration such as 5s, not a number',
      'informer.yaml:6:50: resources.a.config.queues: must be a list, not a string',
      'informer.yaml:6:53: resources.a.config: unknown key "mod"',
      'informer.yaml:7:45: resources.h.config.targets: must be a list, not a number',
      'd/one.yaml:2:15: resources.b.plugin: unknown plugin "http-prob"',
    ]);
    // What cannot be read may say who runs acme's code and with what limits, so that code is left alone.
    expect(await places(`include: [d/*.yaml]\n${config}`)).toEqual([
      'informer.yaml:6:30: resources.a.timeout: must be a duration such as 5s, not a number',
      'informer.yaml:7:45: resources.h.config.targets: must be a list, not a number',
      expect.stringMatching(/^d\/broken\.yaml:\d+:1: this is not YAML/),
    ]);
  });

  it('has a plugin complain about nothing that could not be put in', async () => {
    await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
    const { errors } = await reloadWith(
      run,
      resources(
        'a: {plugin: acme, config: {queues: ["${GONE}"], mode: 1}}',
        'b: {plugin: acme, config: {queues: "${GONE}"}}',
      ),
    );
    expect(errors.map((error) => error.replace(/^.*informer\.yaml:/, ''))).toEqual([
      '5:39: resources.a.config.queues[0]: the environment variable "GONE" is not set; set it, or write ${GONE:-default}',
      `5:57: resources.a.config.mode: must be a string, not a number; put it in quotes: '1'`,
      '6:38: resources.b.config.queues: the environment variable "GONE" is not set; set it, or write ${GONE:-default}',
    ]);
  });

  it('keeps the old collector when the new one does not open', async () => {
    await using run = await startAgent({
      plugins,
      config: resources('a: {plugin: acme}', 'b: {plugin: acme}'),
    });
    await run.configure(resources('a: {plugin: acme, config: {mode: open-throws}}', 'b: {plugin: acme}'));
    expect((await run.agent.reload()).successful).toBe(true);
    const page = await run.scrape();
    expect(run.status('a')).toMatchObject({
      state: 'failed',
      up: false,
      errors: [{ message: 'no such broker' }],
    });
    expect(page.value('queue_messages', { resource: 'a' })).toBe(1);
    expect(page.value('informer_resource_up', { resource: 'a' })).toBe(0);
    expect(page.value('informer_resource_up', { resource: 'b' })).toBe(1);
    await run.configure(resources('a: {plugin: acme, config: {queues: [four]}}', 'b: {plugin: acme}'));
    await run.agent.reload();
    expect((await run.scrape()).value('queue_messages', { resource: 'a', queue: 'four' })).toBe(4);
  });

  it('keeps counters and offsets of a collector with state', async () => {
    const tail = (label: string) =>
      resources(
        `log: {plugin: file-tail, labels: {v: '${label}'}, config: {files: [lines.txt], max_label_values: ${label.length + 50}, patterns: [{match: 'error', metrics: [{name: errors_total, type: counter, help: Errors.}]}]}}`,
      );
    await using run = await startAgent({ config: resources() });
    await run.write('lines.txt', 'error 1\nerror 2\n');
    await run.configure(tail('a'));
    await run.agent.reload();
    expect((await run.scrape()).value('errors_total')).toBe(2);
    await run.configure(tail('bb'));
    await run.agent.reload();
    await run.write('lines.txt', 'error 1\nerror 2\nerror 3\n');
    await run.until(
      'the third line',
      async () => (await run.scrape()).value('errors_total', { v: 'bb' }) !== 2,
    );
    expect((await run.scrape()).value('informer_resource_up', { resource: 'log' })).toBe(1);
  });
});

describe('a pass that fails leaves everything as it was', () => {
  const before = resources('a: {plugin: acme, labels: {team: shop}}', 'b: {plugin: acme}');
  /** What a pass that succeeds would have opened, closed, replaced and adjusted. */
  const wanted = resources('a: {plugin: acme, labels: {team: ops}}', 'c: {plugin: acme}');

  it.each([
    ['at the file that a value names', `${wanted}  d: {plugin: acme, config: {token: "\${file:gone}"}}\n`],
    ['at an included file', `include: [conf.d/*.yaml]\n${wanted}`],
    ['at a relabel rule', `${wanted}  d: {plugin: acme, relabel: [{action: drop, regex: '('}]}\n`],
    ['in the last of many resources', `${wanted}  d: {plugin: acme, config: {queues: [3]}}\n`],
  ])('%s', async (_where, text) => {
    await using run = await startAgent({ plugins, config: before });
    await run.write('conf.d/x.yaml', 'resources:\n  a: {plugin: acme}\n');
    await run.scrape();
    const { configFile, resources: running } = run.agent.status();
    const result = await reloadWith(run, text);
    expect(result).toMatchObject({ successful: false, opened: [], closed: [], replaced: [], adjusted: [] });
    const after = run.agent.status();
    expect([after.configFile, after.resources.map(stable)]).toEqual([configFile, running.map(stable)]);
    const page = await run.scrape();
    expect(page.value('acme_collects_total', { resource: 'a', team: 'shop' })).toBe(2);
    expect(page.value('acme_collects_total', { resource: 'b' })).toBe(2);
    expect(page.lines('informer_resource_enabled')).toHaveLength(2);
  });

  it('when an address is taken: the old one goes on, and no resource has changed', async () => {
    await using run = await startAgent({ plugins, config: before });
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await run.scrape();
    const addresses = [...run.agent.addresses];
    await run.write(
      'informer.yaml',
      `web: {listen: ['127.0.0.1:${port}']}\nstate_dir: ${run.folder}/state\nplugin_dirs: [plugins]\n${wanted}`,
    );
    const result = await run.agent.reload();
    taken.close();
    expect(result.errors).toEqual([expect.stringMatching(new RegExp(`informer.yaml:1:.*${port}.*; .*`))]);
    expect(run.agent.addresses).toEqual(addresses);
    const page = await run.scrape();
    expect(page.value('acme_collects_total', { resource: 'a', team: 'shop' })).toBe(2);
    expect(page.value('informer_resource_up', { resource: 'b' })).toBe(1);
    expect(page.value('informer_resource_up', { resource: 'c' })).toBeUndefined();
    expect(page.value('informer_config_last_reload_successful')).toBe(0);
  });
});

const stable = ({ name, state, since, hostPid }: ResourceStatus) => ({ name, state, since, hostPid });

async function reloadWith(run: AgentUnderTest, text: string): Promise<ReloadResult> {
  await run.configure(text);
  return run.agent.reload();
}

describe('what a plugin warns of', () => {
  it('is logged when the resource opens, not again, and told to who reloads', {
    timeout: 120_000,
  }, async () => {
    const told = () => run.logs.filter(({ level }) => level === 'warn');
    const warning = { fields: { resource: 'log' }, message: 'config.much: is more than is good; take less' };
    await using run = await startAgent({
      plugins: { 'warns.ts': WARNS },
      config: resources('log: {plugin: warns, config: {much: true}}'),
    });
    await run.until('the warning', () => told().length > 0);
    expect(told()).toMatchObject([warning]);
    const reload = () => askOverSocket(join(run.folder, 'state/agent.sock'), 'POST', '/-/reload');
    await run.configure(resources('log: {plugin: warns, config: {much: true}}', 'a: {plugin: warns}'));
    expect(await reload()).toMatchObject({ status: 200, body: { warnings: [], opened: ['a'] } });
    expect(told()).toHaveLength(1);
    await run.configure(
      resources('log: {plugin: warns, config: {much: true, more: 1}}', 'a: {plugin: warns}'),
    );
    expect(await reload()).toMatchObject({
      status: 200,
      body: {
        replaced: ['log'],
        warnings: [
          expect.stringMatching(
            /informer\.yaml:5:39: warning: resources\.log\.config\.much: is more than is good; take less$/,
          ),
        ],
      },
    });
    await run.until('the second warning', () => told().length > 1);
    expect(told()).toMatchObject([warning, warning]);
  });
});

describe('POST /-/reload', () => {
  it('needs a token, or the unix socket', async () => {
    await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
    const refused = await run.agent.inject({ method: 'POST', url: '/-/reload' });
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(refused.json()).toMatchObject({ code: 'HTTP_NOT_ALLOWED', fix: expect.any(String) });

    await run.configure(resources('a: {plugin: acme}', 'b: {plugin: acme}'));
    const answer = await askOverSocket(join(run.folder, 'state/agent.sock'), 'POST', '/-/reload');
    expect(answer).toMatchObject({ status: 200, body: { successful: true } });
    expect(run.status('b').state).toBe('running');

    await run.configure('resources: 3\n');
    const rejected = await askOverSocket(join(run.folder, 'state/agent.sock'), 'POST', '/-/reload');
    expect(rejected).toMatchObject({ status: 422, body: { code: 'CONFIG_REJECTED' } });
    expect(rejected.body.errors).toHaveLength(1);
    const file = join(run.folder, 'informer.yaml');
    expect(rejected.body.diagnostics).toEqual([
      {
        file,
        line: 4,
        column: 12,
        endLine: 4,
        endColumn: 13,
        severity: 'error',
        code: 'CONFIG_WRONG_TYPE',
        class: 'config',
        path: ['resources'],
        message: 'must be a mapping, not a number',
        fix: 'write a mapping',
        excerpt: 'resources: 3\n           ^',
      },
    ]);
    expect(run.agent.status().lastReload?.result.diagnostics).toEqual(rejected.body.diagnostics);
  });

  it('shows no secret of a broken file, whatever is broken', async () => {
    await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
    const broken = [
      'a: {plugin: acme, config: {token: [hunter2]}}',
      'a: {plugin: acme, token: hunter2}',
      'a: {plugin: acme, config: {tokn: hunter2, mode: 1}}',
      'a: {plugin: acme, config: {token: hunter2, mode: 1}} # hunter2',
      'a: {plugin: acme, config: {token: hunter2, queues: [*none]}}',
      'a: {plugin: acme, config: {token: hunter2, token: hunter2}}',
      'a: {plugin: acmee, config: {token: hunter2}}',
      'a: {plugin: acme, config: {token: hunter2}',
      'a: {plugin: acme, config: {token: "hunter2}}',
      'a: {plugin: acme, config: {token: hun\\\n  ter2}} }',
    ];
    for (const line of broken) {
      const { successful, errors, diagnostics } = await reloadWith(run, resources(line));
      expect(successful).toBe(false);
      expect(diagnostics).toHaveLength(errors.length);
      expect(JSON.stringify({ errors, diagnostics }), line).not.toMatch(/hunter2|hun\\/);
    }
    expect(JSON.stringify(run.logs)).not.toContain('hunter2');
  });

  it('accepts the token of web.admin.token_file', async () => {
    await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
    await run.write('token', 'let-me-in\n');
    await run.write(
      'informer.yaml',
      `web: {listen: ['unix:${run.folder}/web.sock'], admin: {token_file: token}}\nstate_dir: ${run.folder}/state\n${resources()}`,
    );
    await run.agent.reload();
    const ask = (token: string) =>
      run.agent.inject({ method: 'POST', url: '/-/reload', headers: { authorization: `Bearer ${token}` } });
    expect((await ask('let-me-out')).statusCode).toBe(401);
    expect((await ask('let-me-in')).statusCode).toBe(200);
  });
});
