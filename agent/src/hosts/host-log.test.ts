import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HostLog } from './host-log.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const start = (linesPerSecond: number) => {
  const seen = { lines: [] as [string, string, object][], heldBack: 0 };
  const log = new HostLog(linesPerSecond, {
    log: (_level, resource, message, fields) => seen.lines.push([resource, message, fields]),
    heldBack: (lines) => {
      seen.heldBack += lines;
    },
  });
  const say = (count: number) => {
    for (let i = 0; i < count; i++) log.logged('info', 'r', `line ${i}`, {});
  };
  return { log, seen, say, messages: () => seen.lines.map(([, message]) => message) };
};

describe('HostLog', () => {
  it('lets five seconds of lines through at once, and then so many a second', () => {
    const { say, messages } = start(2);
    say(10);
    expect(messages()).toHaveLength(10);
    vi.advanceTimersByTime(1_000);
    say(2);
    expect(messages()).toHaveLength(12);
  });

  it('counts what it holds back, and says once when that begins and once when it is over', () => {
    const { say, seen, messages } = start(2);
    for (let second = 0; second < 20; second++) {
      say(100);
      vi.advanceTimersByTime(1_000);
    }
    const about = () => seen.lines.filter(([, message]) => message.startsWith('log lines are'));
    expect(about()).toEqual([
      [
        'r',
        'log lines are held back',
        expect.objectContaining({
          code: 'LIMIT_LOG',
          error: expect.stringContaining('more than 2 lines a second'),
          fix: expect.stringContaining('log_lines'),
        }),
      ],
    ]);
    vi.advanceTimersByTime(10_000);
    expect(about()[1]).toEqual(['', 'log lines are no longer held back', { left_out: seen.heldBack }]);
    expect(seen.heldBack + messages().filter((message) => message.startsWith('line')).length).toBe(2_000);
    vi.advanceTimersByTime(100_000);
    expect(about()).toHaveLength(2);
  });

  it('says how much was left out when its host is gone', () => {
    const { log, seen, messages } = start(1);
    log.holdBack(7, 'r');
    log.close();
    log.close();
    expect(messages()).toEqual(['log lines are held back', 'log lines are no longer held back']);
    expect(seen.lines[1]?.[2]).toEqual({ left_out: 7 });
  });

  it('believes nothing of what a host says', () => {
    const { log, seen } = start(10);
    log.logged('panic', { toString: 1 }, null, 'text');
    expect(seen.lines).toEqual([['(a message that can not be read)', 'null', { value: 'text' }]]);
  });
});
