import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';
import { askOverSocket } from '../support/socket-client.ts';

const CONFIG = `resources:
  orders: {plugin: acme}
  spare: {plugin: acme, enabled: false}
`;

const start = (options: Partial<Parameters<typeof startAgent>[0]> = {}) =>
  startAgent({ config: CONFIG, plugins: { 'acme.ts': ACME }, ...options });

/** As the command line does: over the agent's own socket. */
function ask(run: AgentUnderTest, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return askOverSocket(
    join(run.folder, 'state/agent.sock'),
    'POST',
    `/api/v1/resources/${path}`,
    body,
    headers,
  );
}

const kept = async (run: { folder: string }) =>
  JSON.parse(await readFile(join(run.folder, 'state/overrides.json'), 'utf8')).overrides;

const seriesOf = async (run: AgentUnderTest, name: string) =>
  (await run.scrape()).text
    .split('\n')
    .filter((line) => line.startsWith('acme') && line.includes(`"${name}"`)).length;

describe('switching resources at run time', () => {
  it('disables one at once, says who and why, and leaves the others alone', async () => {
    await using run = await start();
    expect(await seriesOf(run, 'orders')).toBeGreaterThan(0);
    const { status, body } = await ask(
      run,
      'orders/disable',
      { for: '30m', reason: ' noisy after the deploy ' },
      { 'x-informer-user': 'kim' },
    );
    expect(status).toBe(200);
    const now = Date.now();
    expect(body).toMatchObject({
      name: 'orders',
      state: 'disabled',
      override: {
        enabled: false,
        configured: true,
        by: 'kim on this host',
        reason: 'noisy after the deploy',
      },
    });
    expect(body.override.until).toBeGreaterThan(now + 29 * 60_000);
    expect(body.override.until).toBeLessThanOrEqual(now + 30 * 60_000);
    const page = await run.scrape();
    expect(await seriesOf(run, 'orders')).toBe(0);
    expect(page.value('informer_resource_enabled', { resource: 'orders' })).toBe(0);
    expect(page.value('informer_resource_overridden', { resource: 'orders' })).toBe(1);
    expect(page.value('informer_resource_overridden', { resource: 'spare' })).toBe(0);
    expect(page.lines('informer_resource_up').some((line) => line.includes('orders'))).toBe(false);
  });

  it('enables what the configuration does not, and what was switched is undone by the opposite', async () => {
    await using run = await start();
    expect((await ask(run, 'spare/enable')).body).toMatchObject({
      state: 'running',
      override: { enabled: true, configured: false, by: 'somebody on this host' },
    });
    expect(await seriesOf(run, 'spare')).toBeGreaterThan(0);
    const { body } = await ask(run, 'spare/disable', { for: '1h' });
    expect(body).toMatchObject({ state: 'disabled' });
    expect(body.override).toBeUndefined();
    expect(await kept(run)).toEqual({});
  });

  it('does not let a reload of the configuration undo it, and lets it rest while the resource is gone', async () => {
    await using run = await start();
    await ask(run, 'orders/disable', { reason: 'kept' });
    await run.configure(`${CONFIG}  more: {plugin: acme}\n`);
    await run.until('the new resource', () => run.agent.status().resources.length === 3);
    expect(run.status('orders')).toMatchObject({ state: 'disabled', override: { reason: 'kept' } });
    await run.configure('resources: {spare: {plugin: acme}}\n');
    await run.until('one resource', () => run.agent.status().resources.length === 1);
    await run.configure(CONFIG);
    await run.until('both again', () => run.agent.status().resources.length === 2);
    expect(run.status('orders')).toMatchObject({ state: 'disabled', override: { reason: 'kept' } });
  });

  it('ends when its time is up, and says so in log and audit', async () => {
    await using run = await start();
    await ask(run, 'orders/disable', { for: '300ms', reason: 'short' });
    await run.until('the resource to run again', () => run.status('orders').state === 'running');
    expect(run.status('orders').override).toBeUndefined();
    const { body } = await run.agent.inject('/api/v1/audit').then((answer) => ({ body: answer.json() }));
    expect(
      body.entries.map(({ action, resource, by, reason, result }: Record<string, unknown>) => [
        action,
        resource,
        by,
        reason,
        result,
      ]),
    ).toEqual([
      ['expire', 'orders', 'the agent', 'short', 'disabled no longer'],
      ['disable', 'orders', 'somebody on this host', 'short', 'ok'],
    ]);
    expect(await kept(run)).toEqual({});
    expect(run.logs.filter(({ message }) => message === 'audit').map(({ fields }) => fields.action)).toEqual([
      'disable',
      'expire',
    ]);
  });

  it('restarts and collects now, but only what is enabled', async () => {
    await using run = await start({
      config: 'resources: {slow: {plugin: acme, every: 1h}, spare: {plugin: acme, enabled: false}}\n',
    });
    await run.until('its first collect', () => run.status('slow').lastCollectAt !== undefined);
    const before = run.status('slow').lastCollectAt ?? 0;
    const collected = await ask(run, 'slow/collect', { reason: 'to see' });
    expect(collected.status).toBe(200);
    expect(collected.body.lastCollectAt).toBeGreaterThan(before);
    expect((await ask(run, 'slow/restart')).body).toMatchObject({ state: 'running' });
    for (const operation of ['restart', 'collect']) {
      expect(await ask(run, `spare/${operation}`)).toMatchObject({
        status: 409,
        body: {
          code: 'HTTP_NOT_ENABLED',
          detail: 'The resource "spare" is not enabled.',
          fix: '"informer enable spare" enables it now; enabled: true in the configuration for good.',
        },
      });
    }
    await ask(run, 'slow/disable', { reason: 'hush' });
    expect((await ask(run, 'slow/collect')).body.detail).toBe(
      'The resource "slow" is not enabled. somebody on this host has disabled it: hush.',
    );
  });

  it.each([
    [{ for: '30 minutes' }, 'For: "30 minutes" is not a duration.'],
    [{ for: '0s' }, 'For: 0s is not between 1ms and 366d.'],
    [{ for: 30 }, 'For is not a duration.'],
    [{ fro: '30m' }, 'Unknown key "fro".'],
    [{ reason: 'x'.repeat(501) }, 'Reason is not a text.'],
    [[], 'The body is not an object.'],
  ])('refuses the body %j', async (body, detail) => {
    await using run = await start();
    expect(await ask(run, 'orders/disable', body)).toMatchObject({
      status: 400,
      body: { code: 'HTTP_BAD_REQUEST', detail },
    });
    expect(run.status('orders').state).toBe('running');
  });

  it('refuses a name that is not configured', async () => {
    await using run = await start();
    expect(await ask(run, 'odrers/disable')).toMatchObject({
      status: 404,
      body: { code: 'HTTP_UNKNOWN_NAME' },
    });
  });
});

describe('what was switched', () => {
  it('outlives the agent, is audited across its restarts, and what expired meanwhile is over', async () => {
    await using first = await start();
    await ask(first, 'orders/disable', { reason: 'until I undo it' });
    await ask(first, 'spare/enable', { for: '1h' });
    await first.agent.stop();
    const file = join(first.folder, 'state/overrides.json');
    const content = JSON.parse(await readFile(file, 'utf8'));
    content.overrides.spare.until = Date.now() - 1;
    await writeFile(file, JSON.stringify(content));
    await using second = await startAgentOn(first);
    expect(second.status('orders')).toMatchObject({
      state: 'disabled',
      override: { reason: 'until I undo it' },
    });
    expect(second.status('spare').state).toBe('disabled');
    const entries = (await second.agent.inject('/api/v1/audit?limit=3')).json().entries;
    expect(entries).toHaveLength(3);
    expect(entries[0]).toMatchObject({ action: 'expire', resource: 'spare' });
    expect(entries.at(-1)).toMatchObject({
      action: 'disable',
      resource: 'orders',
      reason: 'until I undo it',
    });
    expect((await stat(join(first.folder, 'state/overrides.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(first.folder, 'state/audit.log'))).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['half a file', '{"version": 1, "overr', 'is damaged'],
    ['no object', 'null', 'its version is undefined, not 1'],
    ['of a later agent', '{"version": 2, "overrides": {}}', 'its version is 2, not 1'],
    ['with a list', '{"version": 1, "overrides": []}', 'it has no "overrides"'],
  ])('is set aside with a message when the file is damaged: %s', async (_what, text, words) => {
    await using first = await start();
    await first.agent.stop();
    await writeFile(join(first.folder, 'state/overrides.json'), text);
    await using second = await startAgentOn(first);
    expect(second.status('orders').state).toBe('running');
    const [line] = second.logs.filter(({ message }) => message === 'state not usable');
    expect(line?.fields.error).toContain(words);
    const aside = (await readdir(join(first.folder, 'state'))).filter((name) =>
      name.startsWith('overrides.json.damaged-'),
    );
    expect(aside).toHaveLength(1);
    expect(await readFile(join(first.folder, 'state', aside[0] ?? ''), 'utf8')).toBe(text);
    expect((await ask(second, 'orders/disable')).body).toMatchObject({ state: 'disabled' });
  });

  it('is still known where the damage is elsewhere in the file', async () => {
    await using first = await start();
    await first.agent.stop();
    const good = { enabled: false, at: 1, by: 'kim' };
    const overrides = { orders: good, spare: { enabled: 'yes' } };
    await writeFile(join(first.folder, 'state/overrides.json'), JSON.stringify({ version: 1, overrides }));
    await using second = await startAgentOn(first);
    expect(second.status('orders')).toMatchObject({ state: 'disabled', override: { by: 'kim', at: 1 } });
    expect(await kept(first)).toEqual({ orders: good });
  });

  it('takes effect though it can not be kept, and says so', async () => {
    await using run = await start();
    // A folder in its place can't be replaced by a file, whoever the agent runs as.
    await mkdir(join(run.folder, 'state/overrides.json/in-the-way'), { recursive: true });
    const { body } = await ask(run, 'orders/disable');
    expect(body.state).toBe('disabled');
    expect(body.override.unsaved).toMatch(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(run.logs.filter(({ fields }) => fields.code === 'CONFIG_STATE_UNSAVED')).toHaveLength(1);
    await rm(join(run.folder, 'state/overrides.json'), { recursive: true });
    expect((await ask(run, 'orders/disable')).body.override.unsaved).toBeUndefined();
    expect(Object.keys(await kept(run))).toEqual(['orders']);
  });

  it('moves along when the state folder changes', async () => {
    await using run = await start();
    await ask(run, 'orders/disable', { reason: 'moving' });
    const file = join(run.folder, 'informer.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/state_dir: .*/, `state_dir: ${run.folder}/elsewhere`));
    await run.agent.reload();
    expect(run.status('orders')).toMatchObject({ state: 'disabled' });
    const moved = JSON.parse(await readFile(join(run.folder, 'elsewhere/overrides.json'), 'utf8'));
    expect(moved.overrides.orders).toMatchObject({ enabled: false, reason: 'moving' });
    expect(await readdir(join(run.folder, 'state'))).not.toContain('overrides.json');
  });
});

/** Another agent with the configuration and state of one that has ended. */
async function startAgentOn({ folder }: AgentUnderTest): Promise<AgentUnderTest> {
  return startAgent({ config: CONFIG, plugins: { 'acme.ts': ACME }, folder });
}
