import { describe, expect, it } from 'vitest';
import { type AgentUnderTest, type Exposition, startAgent } from '../support/agent.ts';

/** Does what its configuration says while others of its kind do what they should. */
const plugin = (name: string) => `
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';
const value = gauge('${name}_value', 'Always 7.');
const later = (work) => new Promise((resolve) => setTimeout(() => resolve(work()), 5));
const bad = {
  abort: () => process.abort(),
  exit: () => later(() => process.exit(3)),
  'throw-later': () => { setTimeout(() => { throw new Error('nobody catches this'); }, 5); return new Promise(() => {}); },
  'reject-later': () => { setTimeout(() => Promise.reject(new Error('nor this')), 5); return new Promise(() => {}); },
  kill: () => later(() => process.kill(process.pid, 'SIGSEGV')),
  hang: () => new Promise(() => {}),
  spin: () => { for (;;); },
  'spin-iterator': () => later(() => (function* () { for (;;); })()),
  nearly: () => new Promise((resolve) => setTimeout(() => resolve([value.sample(7)]), 900)),
  'spin-later': () => later(() => { for (;;); }),
};
export default definePlugin({
  name: '${name}',
  config: Type.Object({ mode: Type.Optional(Type.String({ description: 'What to do wrong.' })) }),
  async open({ mode }) {
    if (mode === 'open') await new Promise(() => {});
    return { describe: () => [value], collect: async () => (await bad[mode]?.()) ?? [value.sample(7)] };
  },
});
`;
const plugins = { 'acme.ts': plugin('acme'), 'other.ts': plugin('other') };
const SHARED = 'plugins: {acme: {host: shared}, other: {host: shared}}\ndefaults: {timeout: 2s}\n';
/** Several deaths in a row with what is waited between them. */
const SLOW_MS = 60_000;
const GOOD = ['g1', 'g2', 'g3', 'g4', 'g5'];
const beside = (bad: string) =>
  `${SHARED}resources:\n${GOOD.map((name) => `  ${name}: {plugin: acme}\n`).join('')}  bad: {plugin: acme, timeout: 400ms, config: {mode: ${bad}}}\n  other: {plugin: other}\n`;

async function expectWell(run: AgentUnderTest): Promise<Exposition> {
  const page = await run.scrape();
  for (const resource of GOOD) expect(page.value('acme_value', { resource })).toBe(7);
  expect(page.value('other_value', { resource: 'other' })).toBe(7);
  return page;
}

/** Scrapes until the resource has brought down so many hosts that it is quarantined. */
async function quarantine(run: AgentUnderTest): Promise<void> {
  await run.until(
    'the quarantine',
    async () => {
      await run.scrape();
      return run.status('bad').state === 'quarantined';
    },
    SLOW_MS,
  );
}

const ended = (run: AgentUnderTest, host: string) =>
  run.logs.filter(({ message, fields }) => message === 'host ended' && fields.host === host);

describe('a resource that is seen to bring the shared host down', { timeout: 2 * SLOW_MS }, () => {
  it.each([
    ['abort', 'It was ended by SIGABRT.'],
    ['exit', 'It exited with code 3.'],
    ['throw-later', 'nobody catches this'],
    ['reject-later', 'nor this'],
    ['kill', 'It was ended by SIGSEGV.'],
    ['hang', 'The collect went on 250 ms beyond its timeout of 400 ms.'],
    ['spin', 'The collect went on 250 ms beyond its timeout of 400 ms.'],
    ['spin-iterator', 'The collect went on 250 ms beyond its timeout of 400 ms.'],
  ])('by %s is named at once and lives alone from then on', async (mode, reason) => {
    await using run = await startAgent({ plugins, config: beside(mode) });
    // The others are there in the very scrape in which their host died.
    await expectWell(run);
    expect(ended(run, 'shared').map(({ fields }) => fields.resource)).toEqual(['bad']);
    const [failed] = run.logs.filter(({ message }) => message === 'resource failed');
    expect(failed?.fields).toMatchObject({ resource: 'bad', error: expect.stringContaining(reason) });

    await run.until(
      'the next death',
      async () => {
        await expectWell(run);
        return ended(run, 'shared/acme/bad').length > 0;
      },
      SLOW_MS,
    );
    const page = await expectWell(run);
    expect(
      page.lines('informer_host_restarts_total').filter((line) => line.includes('"shared"')),
    ).toHaveLength(1);
    expect(run.logs.filter(({ message }) => message === 'host split')).toEqual([]);
  });
});

describe('a host that dies of an unknown cause', { timeout: 2 * SLOW_MS }, () => {
  it('is divided until the culprit is alone; the others are well again at once and stay so', async () => {
    await using run = await startAgent({ plugins, config: beside('spin-later') });
    await quarantine(run);
    const told = run.logs.map(({ message }) => message);
    expect(told.indexOf('host ended')).toBeLessThan(told.indexOf('host split'));
    const split = run.logs.filter(({ message }) => message === 'host split').map(({ fields }) => fields.host);
    expect(split.slice(0, 2)).toEqual(['shared', 'shared/acme']);
    for (const host of split.slice(2)) expect(host).toMatch(/^shared\/acme(\/[12])+$/);
    const deaths = run.logs.filter(({ message }) => message === 'host ended').length;
    const page = await expectWell(run);
    expect(page.value('informer_host_restarts_total', { host: 'shared', reason: 'split' })).toBe(1);
    expect(run.logs.filter(({ message }) => message === 'host ended')).toHaveLength(deaths);
  });

  it('that somebody else has killed is not divided, and nobody is blamed', async () => {
    await using run = await startAgent({ plugins, config: beside('none') });
    for (let round = 0; round < 4; round++) {
      const before = run.status('g1').hostPid;
      process.kill(before ?? 0, 'SIGKILL');
      await run.until('another host', () => ![before, undefined].includes(run.status('g1').hostPid));
      await run.until('all to be open', () =>
        [...GOOD, 'bad', 'other'].every((name) => run.status(name).state === 'running'),
      );
      await expectWell(run);
    }
    expect(run.logs.filter(({ message }) => message === 'host split')).toEqual([]);
    expect(run.logs.filter(({ message }) => message.startsWith('resource failed'))).toEqual([]);
  });
});

describe('a resource that keeps bringing its host down', { timeout: 2 * SLOW_MS }, () => {
  it('is quarantined, says why and until when, and a changed configuration lets it out', async () => {
    await using run = await startAgent({ plugins, config: beside('exit') });
    await quarantine(run);
    const { state, up, host, retryAt, errors } = run.status('bad');
    expect({ state, up, host }).toEqual({ state: 'quarantined', up: false, host: 'shared/acme/bad' });
    expect(retryAt).toBeGreaterThan(Date.now());
    const until = new Date(retryAt ?? 0).toISOString().slice(0, 19);
    expect(errors).toEqual([
      {
        code: 'PLUGIN_QUARANTINED',
        class: 'plugin',
        message: 'It has brought its host down 3 times, and last: It exited with code 3.',
        fix: `It is tried again at ${until}Z, in 1 min; "informer restart bad" tries it now.`,
      },
    ]);
    const lines = () => run.logs.filter(({ message }) => message === 'resource quarantined');
    expect(lines().map(({ fields }) => fields.resource)).toEqual(['bad']);
    expect((await expectWell(run)).value('informer_resource_up', { resource: 'bad' })).toBe(0);

    await run.configure(beside('mended'));
    await run.agent.reload();
    expect(run.status('bad')).toMatchObject({ state: 'running', retryAt: undefined });
    expect((await expectWell(run)).value('informer_resource_up', { resource: 'bad' })).toBe(1);
  });

  it('is let out by POST /api/v1/resources/NAME/restart', async () => {
    await using run = await startAgent({
      plugins,
      config: beside('exit'),
      web: 'admin: {token_file: token}',
    });
    await run.write('token', 'let me in');
    await quarantine(run);
    const post = (name: string, token = 'let me in') =>
      run.agent.inject({
        method: 'POST',
        url: `/api/v1/resources/${name}/restart`,
        headers: { authorization: `Bearer ${token}` },
      });
    expect((await post('bad', 'wrong')).statusCode).toBe(401);
    expect(run.status('bad').state).toBe('quarantined');
    const answer = await post('bad');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ name: 'bad', state: 'running' });
    expect((await post('nobody')).json()).toMatchObject({ status: 404, code: 'HTTP_UNKNOWN_NAME' });
  });
});

it(
  'resources that take all their time leave slots to the others, also when they end well',
  async () => {
    const slow = Array.from(
      { length: 20 },
      (_, i) => `  s${i}: {plugin: acme, timeout: 1s, config: {mode: nearly}}\n`,
    );
    const good = GOOD.map((name) => `  ${name}: {plugin: other}\n`);
    await using run = await startAgent({
      plugins,
      config: `limits: {concurrency: 4}\nresources:\n${[...slow, ...good].join('')}`,
    });
    await run.until(
      'all to have been collected',
      async () => {
        await run.scrape();
        return run.agent.status().resources.every(({ lastCollectAt }) => lastCollectAt !== undefined);
      },
      SLOW_MS,
    );
    const page = await run.scrape('', { 'x-prometheus-scrape-timeout-seconds': '4' });
    for (const resource of GOOD) expect(page.value('other_value', { resource })).toBe(7);
  },
  2 * SLOW_MS,
);

it('a resource that hangs in opening holds up neither reloads, nor the collects of others, nor its removal', async () => {
  const config = (more: string) =>
    `${SHARED}limits: {concurrency: 1}\nresources:\n  g1: {plugin: acme}\n${more}`;
  await using run = await startAgent({ plugins, config: config('') });
  await run.configure(config('  slow: {plugin: acme, open_timeout: 1h, config: {mode: open}}\n'));
  await run.until('it to be opening', () =>
    run.agent.status().resources.some(({ name, state }) => name === 'slow' && state === 'opening'),
  );
  expect((await run.scrape()).value('acme_value', { resource: 'g1' })).toBe(7);
  await run.configure(config('  g2: {plugin: acme}\n'));
  await run.until('the next reload', () => run.agent.status().resources.some(({ name }) => name === 'g2'));
  expect(await run.agent.reload()).toMatchObject({ successful: true });
  expect(run.agent.status().resources.map(({ name }) => name)).toEqual(['g1', 'g2']);
  expect((await run.scrape()).value('acme_value', { resource: 'g2' })).toBe(7);
});

it('a plugin that could not be loaded is loaded anew, though its host lives on', async () => {
  await using run = await startAgent({
    plugins: { ...plugins, 'late.mjs': `import './missing.mjs';\n${plugin('late')}` },
    config: `plugins: {acme: {host: shared}, late: {host: shared}}\nresources:\n  g1: {plugin: acme}\n  late: {plugin: late}\n`,
  });
  const pid = run.status('g1').hostPid;
  expect(run.status('late').errors[0]?.message).toContain('missing.mjs');
  await run.write('plugins/missing.mjs', '');
  await run.until('it to be open', () => run.status('late').state === 'running');
  expect(run.status('g1').hostPid).toBe(pid);
});
