import { join } from 'node:path';
import type { AgentSummary, ResourceStatus } from '@dynamic-informer/agent';
import { expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { EventStream } from '../support/event-stream.ts';
import { ACME } from '../support/plugins.ts';

const plugins = { 'acme.ts': ACME };
const resources = (...lines: string[]) =>
  `resources:${lines.length === 0 ? ' {}' : ''}\n${lines.map((line) => `  ${line}\n`).join('')}`;

const open = (run: AgentUnderTest, query = '') => EventStream.open(join(run.folder, 'web.sock'), query);

interface Collected {
  readonly name: string;
  readonly at: number;
  readonly outcome: string;
  readonly series: number;
  readonly up: boolean;
}

it('begins with the agent, then tells what changes and nothing else', async () => {
  await using run = await startAgent({
    plugins,
    config: resources('a: {plugin: acme}', 'b: {plugin: acme}', 'off: {plugin: acme, enabled: false}'),
  });
  await run.scrape();
  await using stream = await open(run);
  expect([stream.status, stream.headers['content-type'], stream.headers['cache-control']]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
    'no-store',
  ]);
  expect([stream.headers['x-accel-buffering'], stream.headers['content-encoding']]).toEqual([
    'no',
    undefined,
  ]);
  await run.until('the first event', () => stream.events.length > 0);
  const agent = JSON.parse((await run.agent.inject('/api/v1/agent')).body) as AgentSummary;
  // This stream came over the unix socket, that request did not.
  expect(stream.events[0]).toMatchObject({ event: 'hello', data: { ...agent, mayChange: true } });
  expect(agent).toMatchObject({
    mayChange: false,
    ready: true,
    resources: { total: 3, up: 2, down: 0, disabled: 1 },
  });

  await run.scrape();
  await run.until('the collects', () => stream.of('collected').length > 0);
  const collected = stream.of<Collected[]>('collected').flat();
  expect(collected.map(({ name }) => name).sort()).toEqual(['a', 'b']);
  expect(collected[0]).toMatchObject({ outcome: 'ok', series: 2, up: true });
  expect(collected[0]?.at).toBe(run.status(collected[0]?.name ?? '').lastCollectAt);
  expect(stream.of('resource')).toEqual([]);

  await run.configure(
    resources(
      'a: {plugin: acme, config: {mode: target}}',
      'off: {plugin: acme}',
      'new: {plugin: acme, enabled: false}',
    ),
  );
  await run.until('the reload', () => stream.of('reload').length > 0);
  await run.scrape();
  const states = () =>
    new Map(stream.of<ResourceStatus>('resource').map((status) => [status.name, status] as const));
  await run.until(
    'what the reload changed',
    () => states().get('a')?.errors.length && states().get('off')?.up,
  );
  expect(stream.of('removed')).toEqual([{ name: 'b' }]);
  expect(states().get('a')).toMatchObject({
    up: false,
    outcome: 'target',
    errors: [{ fix: 'Ask the broker.' }],
  });
  expect(states().get('off')).toMatchObject({ up: true, state: 'running' });
  expect(states().get('new')).toMatchObject({ state: 'disabled' });
  expect(stream.of('reload')).toMatchObject([
    { result: { successful: true, opened: ['off'], closed: ['b'] } },
  ]);
  const ids = stream.events.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  expect(new Set(ids).size).toBe(ids.length);
});

it('tells a rejected configuration, and only the kinds that were asked for', async () => {
  await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
  await using stream = await open(run, '?types=reload');
  await run.scrape();
  await run.configure(resources('a: {plugin: acmee}'));
  await run.until('the reload', () => stream.of('reload').length > 0);
  expect(stream.of('reload')).toMatchObject([
    { result: { successful: false, errors: [expect.stringContaining('unknown plugin "acmee"')] } },
  ]);
  expect(new Set(stream.events.map(({ event }) => event))).toEqual(new Set(['hello', 'reload']));
});
