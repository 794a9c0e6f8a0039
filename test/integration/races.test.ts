import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { processesIn } from '../support/left-behind.ts';
import { runProgram } from '../support/run-program.ts';

/** Says in the log what happens to it; waits where its configuration says so until there is a file. */
const STEPS = `
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const value = gauge('steps_value', 'As configured.');
const text = (description) => Type.Optional(Type.String({ description }));

export default definePlugin({
  name: 'steps',
  config: Type.Object({
    value: Type.Number({ description: 'What to expose.' }),
    collect_waits_for: text('A file.'),
    open_waits_for: text('A file.'),
    spawns: Type.Optional(Type.Boolean({ description: 'Starts a process that does not end.' })),
  }),
  async open(config, context) {
    const said = (what) => context.logger.info(what + ' ' + config.value);
    const gone = async (file) => { while (file && !existsSync(file)) await delay(5); };
    if (config.spawns) spawn('sleep', ['1000'], { cwd: context.directory, stdio: 'inherit' });
    said('opening');
    await gone(config.open_waits_for);
    said('opened');
    return {
      describe: () => [value],
      async collect() {
        said('collecting');
        await gone(config.collect_waits_for);
        return [value.sample(config.value)];
      },
      close: () => said('closed'),
    };
  },
});
`;
const plugins = { 'steps.ts': STEPS };
const steps = (name: string, config: object) =>
  `  ${name}: {plugin: steps, config: ${JSON.stringify(config)}}\n`;
const count = (run: AgentUnderTest, message: string) =>
  run.logs.filter((line) => line.message === message).length;
/** The ids of the hosts that are children of this process. */
function hostsOfThisProcess(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  return children.filter((pid) => commandOf(pid).includes('/hosts/child.'));
}
const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
const said = (run: AgentUnderTest, message: string) => run.until(message, () => count(run, message) > 0);

describe('a collect whose host is stopped under it', () => {
  it('is made again where the resource has moved to', async () => {
    await using run = await startAgent({
      plugins,
      config: `resources:\n${steps('a', { value: 1, collect_waits_for: 'never' })}`,
    });
    const waiting = run.scrape();
    await said(run, 'collecting 1');
    await run.configure(`plugins: {steps: {host: dedicated}}\nresources:\n${steps('a', { value: 2 })}`);
    await run.agent.reload();
    expect((await waiting).value('steps_value')).toBe(2);
    const page = await run.scrape();
    expect(page.value('steps_value')).toBe(2);
    expect(page.value('informer_resource_late', { resource: 'a' })).toBe(0);
    expect(page.value('informer_limiter_running')).toBe(0);
  });

  it('gives back its slot when the resource is removed', async () => {
    await using run = await startAgent({
      plugins,
      config: `resources:\n${steps('a', { value: 1, collect_waits_for: 'never' })}`,
    });
    const waiting = run.scrape();
    await said(run, 'collecting 1');
    await run.configure('resources: {}\n');
    await run.agent.reload();
    expect((await waiting).lines('steps_value')).toEqual([]);
    expect((await run.scrape()).value('informer_limiter_running')).toBe(0);
  });
});

describe('a host that dies during a replacement', () => {
  const moved = (value: object) => `plugins: {steps: {host: dedicated}}\nresources:\n${steps('a', value)}`;

  it('of the old collector: the new one is opened once', async () => {
    await using run = await startAgent({ plugins, config: `resources:\n${steps('a', { value: 1 })}` });
    const old = run.status('a').hostPid as number;
    await run.configure(moved({ value: 2, open_waits_for: `${run.folder}/gate` }));
    const reloading = run.agent.reload();
    await said(run, 'opening 2');
    process.kill(old, 'SIGKILL');
    await said(run, 'host ended');
    await run.write('gate', '');
    await reloading;
    expect((await run.scrape()).value('steps_value')).toBe(2);
    expect(run.status('a').state).toBe('running');
    expect([count(run, 'opened 2'), count(run, 'closed 2')]).toEqual([1, 0]);
  });

  it('of both: what is opened then is not replaced by the retry of what failed', async () => {
    await using run = await startAgent({ plugins, config: `resources:\n${steps('a', { value: 1 })}` });
    const old = run.status('a').hostPid as number;
    await run.configure(moved({ value: 2, open_waits_for: `${run.folder}/gate` }));
    const reloading = run.agent.reload();
    await said(run, 'opening 2');
    const fresh = hostsOfThisProcess().find((pid) => pid !== old) as number;
    process.kill(old, 'SIGKILL');
    await said(run, 'host ended');
    process.kill(fresh, 'SIGKILL');
    await run.until('the replacement to fail', () => count(run, 'resource failed') === 1);
    const failedAt = Date.now();
    await run.write('gate', '');
    await reloading;
    await run.until('it to run', () => run.status('a').state === 'running');
    await run.until('the time of the retry to be over', () => Date.now() - failedAt > 1_500);
    await run.scrape();
    expect([count(run, 'opened 2'), count(run, 'closed 2')]).toEqual([1, 0]);
  });
});

it('what a plugin has started ends with its host', async () => {
  const config = steps('a', { value: 1, spawns: true, collect_waits_for: 'never' });
  await using run = await startAgent({
    plugins,
    config: `resources:\n${config.replace('config:', 'timeout: 100ms, config:')}`,
  });
  const sleeping = () => processesIn(run.folder).filter((pid) => commandOf(pid) === 'sleep\x001000\0');
  await run.until('it to run', () => sleeping().length === 1);
  const [first] = sleeping();
  await run.scrape();
  await run.until('the end of its host', () => count(run, 'host ended') > 0);
  await run.until('its end', () => !sleeping().includes(first as number));
});

it('a host that there are no file descriptors for fails to start, and the agent goes on', async () => {
  const script = `
    import { openSync } from 'node:fs';
    import { setImmediate as turn } from 'node:timers/promises';
    import { processHosts } from ${JSON.stringify(import.meta.resolve('@dynamic-informer/agent'))};
    const start = processHosts({ debug() {}, info() {}, warn() {}, error() {} });
    const group = { key: 'shared', name: 'shared', memoryBytes: 2 ** 28, nice: 0 };
    try { for (;;) openSync('/dev/null'); } catch {}
    const reason = await start(group, () => undefined).catch((error) => error.message);
    await turn();
    console.log(reason);
  `;
  const node = [process.execPath, '--input-type=module', '-e', script];
  const { code, stdout } = await runProgram('sh', ['-c', 'ulimit -n 200 && exec "$@"', 'sh', ...node]);
  expect([code, stdout]).toEqual([0, 'The host "shared" can\'t be started: too many files are open.\n']);
});

it('a collector that is refused after it has opened is closed', async () => {
  const undescribed = STEPS.replace('describe: () => [value]', "describe: () => { throw new Error('none') }");
  await using run = await startAgent({
    plugins: { 'steps.ts': undescribed },
    config: `resources:\n${steps('a', { value: 1 })}`,
  });
  await said(run, 'resource failed');
  expect([count(run, 'opened 1'), count(run, 'closed 1')]).toEqual([1, 1]);
});
