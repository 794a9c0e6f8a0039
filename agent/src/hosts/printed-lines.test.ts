import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PrintedLine, PrintedLines } from './printed-lines.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const collect = () => {
  const lines: PrintedLine[] = [];
  return { lines, printed: new PrintedLines((line) => lines.push(line)) };
};

describe('PrintedLines', () => {
  it('puts lines together that arrive in pieces, and leaves out empty ones', () => {
    const { lines, printed } = collect();
    for (const piece of ['hel', 'lo\n\nwor', 'ld\n']) printed.push(Buffer.from(piece), 'stdout');
    expect(lines.map(({ text }) => text)).toEqual(['hello', 'world']);
  });

  it('keeps the line that says why a process ended, not the frames around it', () => {
    const { lines, printed } = collect();
    const output = [
      '<--- Last few GCs --->',
      '[4844:0x3a874000]     2009 ms: Mark-Compact (reduce) 46.3 (49.6) -> 46.2 (48.3) MB',
      'FATAL ERROR: CALL_AND_RETRY_LAST Allocation failed - JavaScript heap out of memory',
      '----- Native stack trace -----',
      ' 2: 0x8410bd node::OOMErrorHandler(char const*, v8::OOMDetails const&) [/usr/bin/node]',
    ];
    printed.push(Buffer.from(`${output.join('\n')}\n`), 'stderr');
    expect(printed.lastWords).toBe(output[2]);
    expect(lines.filter(({ noise }) => !noise).map(({ text }) => text)).toEqual([output[2]]);
  });

  it('holds back what a log can not bear, and says how much', () => {
    const { lines, printed } = collect();
    printed.push(Buffer.from('flood\n'.repeat(500)), 'stdout');
    expect(lines).toHaveLength(100);
    vi.advanceTimersByTime(1_000);
    printed.push(Buffer.from('later\n'), 'stdout');
    expect(lines.slice(100).map(({ text }) => text)).toEqual(['(400 lines were left out here)', 'later']);
  });
});
