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

it('ends at once when the agent stops', async () => {
  await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
  await using stream = await open(run);
  await using hanging = await open(run);
  hanging.hang();
  await run.until('the first event', () => stream.events.length > 0);
  await run.agent.stop();
  await run.until('the end of the stream', () => stream.isEnded);
});

it('turns away who asks for one stream too many, and lets in the next one when another has gone', async () => {
  await using run = await startAgent({ plugins, config: resources('a: {plugin: acme}') });
  const streams = await Promise.all(Array.from({ length: 32 }, () => open(run)));
  await using refused = await open(run);
  expect([refused.status, refused.headers['retry-after'], refused.headers['content-type']]).toEqual([
    503,
    '10',
    'application/problem+json; charset=utf-8',
  ]);
  await streams[0]?.[Symbol.asyncDispose]();
  await run.until('room for another one', async () => {
    await using next = await open(run);
    return next.status === 200;
  });
  for (const stream of streams) await stream[Symbol.asyncDispose]();
});

/** Has much to say, and something else at each collect. */
const LOUD = `
import { definePlugin, Type } from '@dynamic-informer/sdk';
export default definePlugin({
  name: 'loud',
  config: Type.Object({}),
  open() {
    let turn = 0;
    return {
      describe: () => [],
      collect({ error }) {
        turn++;
        for (let i = 0; i < 20; i++) error(Object.assign(new Error('x'.repeat(2000)), { code: 'TARGET_' + turn, class: 'target' }));
        return [];
      },
    };
  },
});
`;

it('drops a client that does not read, and goes on for the others', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `r${i}`);
  await using run = await startAgent({
    plugins: { 'loud.ts': LOUD },
    config: resources(...names.map((name) => `${name}: {plugin: loud}`)),
  });
  await using reading = await open(run);
  await using hanging = await open(run);
  await run.until('both to have begun', () => reading.events.length > 0 && hanging.events.length > 0);
  hanging.hang();
  // What the sockets hold beside what the agent does is a few hundred kilobytes.
  while (reading.bytes < 3 * 1024 * 1024) {
    const before = reading.of('resource').length;
    await run.scrape();
    await run.until('what the scrape brought', () => reading.of('resource').length >= before + names.length);
  }
  hanging.readAgain();
  await run.until('the end of the one that did not read', () => hanging.isEnded);
  expect(hanging.of('resource').length).toBeLessThan(reading.of('resource').length);
  expect(reading.isEnded).toBe(false);

  // Who was dropped comes again, and reads the lists.
  await using again = await open(run);
  await run.until('the first event', () => again.events.length > 0);
  expect(again.of<AgentSummary>('hello')[0]?.resources).toMatchObject({ total: 40, up: 40 });
}, 120_000);
