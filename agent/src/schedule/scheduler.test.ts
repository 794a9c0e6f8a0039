import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Collectable, offsetOf, Scheduler } from './scheduler.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A resource whose collects end when the test says so. */
class Held implements Collectable {
  readonly name: string;
  started = 0;
  readonly ends: (() => void)[] = [];
  readonly #opens: Promise<void>;

  constructor(name: string, opens: Promise<void> = Promise.resolve()) {
    this.name = name;
    this.#opens = opens;
  }
  settled(): Promise<void> {
    return this.#opens;
  }
  collect(): Promise<void> {
    this.started++;
    return new Promise((resolve) => this.ends.push(resolve));
  }
  end(): void {
    this.ends.shift()?.();
  }
}

const scheduler = (concurrency = 64) => new Scheduler({ concurrency, waited: () => undefined });

describe('Scheduler', () => {
  it('shares one collect between scrapes that overlap, and starts another for a later one', async () => {
    const schedule = scheduler();
    const resource = new Held('a');
    schedule.add(resource, 'scrape');
    const both = [schedule.collect('a'), schedule.collect('a')];
    await vi.waitFor(() => expect(resource.started).toBe(1));
    resource.end();
    await Promise.all(both);
    void schedule.collect('a');
    await vi.waitFor(() => expect(resource.started).toBe(2));
  });

  it('collects at once when it is added with an interval, then on its own offset of the clock', async () => {
    const schedule = scheduler();
    const resource = new Held('a');
    schedule.add(resource, 10_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(resource.started).toBe(1);
    resource.end();
    const offset = offsetOf('a', 10_000);
    const next = Math.ceil((1_000_000 - offset) / 10_000) * 10_000 + offset;
    await vi.advanceTimersByTimeAsync(next - 1_000_000 - 1);
    expect(resource.started).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(resource.started).toBe(2);
    schedule.stop();
  });

  it('gives no slot to a resource that is still opening', async () => {
    const schedule = scheduler(1);
    const opened = Promise.withResolvers<void>();
    const [opening, other] = [new Held('opening', opened.promise), new Held('other')];
    schedule.add(opening, 'scrape');
    schedule.add(other, 'scrape');
    void schedule.collect('opening');
    void schedule.collect('other');
    await vi.waitFor(() => expect(other.started).toBe(1));
    expect(opening.started).toBe(0);
    opened.resolve();
    other.end();
    await vi.waitFor(() => expect(opening.started).toBe(1));
  });

  it('never overlaps collects of one resource', async () => {
    const schedule = scheduler();
    const resource = new Held('a');
    schedule.add(resource, 1_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(resource.started).toBe(1);
    schedule.stop();
  });

  it('keeps a slot until the work is over', async () => {
    const schedule = scheduler(1);
    const [first, second] = [new Held('a'), new Held('b')];
    schedule.add(first, 'scrape');
    schedule.add(second, 'scrape');
    void schedule.collect('a');
    void schedule.collect('b');
    await vi.advanceTimersByTimeAsync(60_000);
    expect([first.started, second.started, schedule.running, schedule.waiting]).toEqual([1, 0, 1, 1]);
    first.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(second.started).toBe(1);
  });

  it('gives those that timed out a quarter of the slots', async () => {
    const schedule = scheduler(4);
    const slow = ['s1', 's2', 's3', 's4'].map((name) => new Held(name));
    for (const resource of slow) {
      schedule.add(resource, 'scrape');
      schedule.markSlow(resource.name, true);
      void schedule.collect(resource.name);
    }
    const good = new Held('good');
    schedule.add(good, 'scrape');
    void schedule.collect('good');
    await vi.advanceTimersByTimeAsync(0);
    expect(slow.map(({ started }) => started)).toEqual([1, 0, 0, 0]);
    expect(good.started).toBe(1);
  });

  it('stops collecting what was removed', async () => {
    const schedule = scheduler();
    const resource = new Held('a');
    schedule.add(resource, 1_000);
    await vi.advanceTimersByTimeAsync(0);
    resource.end();
    schedule.remove('a');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(resource.started).toBe(1);
  });
});
