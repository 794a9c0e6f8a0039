import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EVENT_TYPES, EventFeed } from './events.ts';
import { disabledStatus } from './outcomes.ts';
import type { ResourceStatus } from './status.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What a reader of a stream has got so far. */
function read(stream: ReturnType<EventFeed['open']>): { name: string; data: never }[] {
  let text = '';
  for (let part = stream?.read(); part; part = stream?.read()) text += String(part);
  return text.split('\n\n').flatMap((block) => {
    const [, name, data] = /^event: (.*)\nid: \d+\ndata: (.*)$/m.exec(block) ?? [];
    return name === undefined || data === undefined ? [] : [{ name, data: JSON.parse(data) as never }];
  });
}

function feedOf(names: readonly string[]) {
  const resources = new Map(
    names.map((name) => [name, disabledStatus({ name, plugin: 'acme', every: 'scrape' }, 0, undefined)]),
  );
  const asked: string[] = [];
  const feed = new EventFeed({
    names: () => resources.keys(),
    status: (name) => {
      asked.push(name);
      return resources.get(name);
    },
  });
  const change = (name: string, change: Partial<ResourceStatus>) => {
    resources.set(name, {
      ...disabledStatus({ name, plugin: 'acme', every: 'scrape' }, 0, undefined),
      ...change,
    });
    feed.changed(name);
  };
  return { feed, resources, asked, change };
}
const ALL = new Set(EVENT_TYPES);

it('looks at nothing while nobody listens', () => {
  const { feed, asked, change } = feedOf(['a', 'b']);
  change('a', { state: 'running' });
  feed.collected('a');
  feed.changedAll();
  vi.advanceTimersByTime(60_000);
  expect(asked).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it('stops looking when the last one has gone', async () => {
  const { feed, asked, change } = feedOf(['a']);
  const stream = feed.open(ALL, {});
  stream?.destroy();
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0));
  asked.length = 0;
  change('a', { state: 'running' });
  expect([asked, vi.getTimerCount()]).toEqual([[], 0]);
});

it('tells several changes of a resource within 200 ms as one, and one that was undone not at all', () => {
  const { feed, change } = feedOf(['a', 'b']);
  const stream = feed.open(ALL, {});
  read(stream);
  change('a', { state: 'opening' });
  change('b', { state: 'opening' });
  vi.advanceTimersByTime(100);
  change('a', { state: 'running' });
  change('b', {});
  vi.advanceTimersByTime(100);
  expect(read(stream)).toMatchObject([{ name: 'resource', data: { name: 'a', state: 'running' } }]);
});

it('does not tell what each collect changes anyway, but the collects, once a second', () => {
  const { feed, resources, change } = feedOf(['a']);
  const stream = feed.open(ALL, {});
  read(stream);
  for (const at of [1_000, 1_100]) {
    change('a', { lastCollectAt: at, lastCollectSeconds: 0.1, outcome: 'ok', series: at });
    feed.collected('a');
  }
  vi.advanceTimersByTime(1_000);
  expect(resources.get('a')?.series).toBe(1_100);
  expect(read(stream)).toMatchObject([
    { name: 'collected', data: [{ at: 1_000 }, { at: 1_100, seconds: 0.1, outcome: 'ok' }] },
  ]);
});

it('tells what nobody has told of: what time has changed, what has come and what has gone', () => {
  const { feed, resources } = feedOf(['a', 'b']);
  const stream = feed.open(ALL, {});
  read(stream);
  resources.set('a', {
    ...disabledStatus({ name: 'a', plugin: 'acme', every: 'scrape' }, 0, undefined),
    up: true,
  });
  resources.set('c', disabledStatus({ name: 'c', plugin: 'acme', every: 'scrape' }, 0, undefined));
  resources.delete('b');
  vi.advanceTimersByTime(16_000);
  expect(read(stream).map(({ name, data }) => [name, (data as { name: string }).name])).toEqual(
    expect.arrayContaining([
      ['resource', 'a'],
      ['resource', 'c'],
      ['removed', 'b'],
    ]),
  );
});

it('tells a thousand changes in parts, between which the loop goes round', () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `r${i}`);
  const { feed, change } = feedOf(names);
  const stream = feed.open(ALL, {});
  read(stream);
  for (const name of names) change(name, { state: 'running' });
  vi.advanceTimersByTime(200);
  const first = read(stream).length;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(200);
  vi.advanceTimersByTime(100);
  expect(first + read(stream).length).toBe(1_000);
});

it('drops who leaves a mebibyte unread, and nobody else', () => {
  const { feed, change } = feedOf(['a']);
  const hanging = feed.open(ALL, {});
  const reading = feed.open(ALL, {});
  const errors = [{ code: 'X', class: 'target', message: 'x'.repeat(100_000) }] as const;
  for (let i = 0; i < 12; i++) {
    change('a', { since: i, errors });
    vi.advanceTimersByTime(200);
    expect(read(reading).filter(({ name }) => name === 'resource')).toHaveLength(1);
  }
  expect([hanging?.destroyed, reading?.destroyed]).toEqual([true, false]);
});

it('has room for 32, and none when it is closed', async () => {
  const { feed } = feedOf([]);
  const streams = Array.from({ length: 32 }, () => feed.open(ALL, {}));
  expect(streams.every((stream) => stream !== undefined)).toBe(true);
  expect(feed.open(ALL, {})).toBeUndefined();
  const ended = new Promise((resolve) => streams[0]?.once('end', resolve));
  read(streams[0]);
  streams[0]?.resume();
  feed.close();
  await ended;
  expect(streams[1]?.destroyed).toBe(true);
  expect(feed.open(ALL, {})).toBeUndefined();
});
