import { describe, expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';

/** Says in the log what happens to it; waits where its configuration says so until there is a file. */
const STEPS = `
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
    stateful: Type.Optional(Type.Boolean({ description: 'Uses its state.' })),
  }),
  async open(config, context) {
    const said = (what) => context.logger.info(what + ' ' + config.value);
    const gone = async (file) => { while (file && !existsSync(file)) await delay(5); };
    if (config.stateful) await context.state.read(1);
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
      pause: () => said('paused'),
      resume: () => said('resumed'),
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
