import { describe, expect, it } from 'vitest';
import { type PrintedLine, PrintedLines } from './printed-lines.ts';

const collect = (room = 1_000) => {
  const lines: PrintedLine[] = [];
  const seen = { room, heldBack: 0 };
  const printed = new PrintedLines({
    take: () => seen.room-- > 0,
    show: (line) => lines.push(line),
    holdBack: (count) => {
      seen.heldBack += count;
    },
  });
  return { lines, texts: () => lines.map(({ text }) => text), printed, seen };
};

describe('PrintedLines', () => {
  it('puts lines together that arrive in pieces, and leaves out empty ones', () => {
    const { texts, printed } = collect();
    for (const piece of ['hel', 'lo\n\nwor', 'ld\r\n']) printed.push(Buffer.from(piece), 'stdout');
    expect(texts()).toEqual(['hello', 'world']);
  });

  it('puts characters together that arrive in pieces', () => {
    const { texts, printed } = collect();
    for (const byte of Buffer.from('é✓\n')) printed.push(Buffer.from([byte]), 'stdout');
    expect(texts()).toEqual(['é✓']);
  });

  it('shows the beginning of a line without an end once, and the next line again', () => {
    const { texts, printed } = collect();
    for (let i = 0; i < 100; i++) printed.push(Buffer.alloc(65_536, 'x'), 'stdout');
    expect(texts()).toEqual([`${'x'.repeat(4096)}…`]);
    printed.push(Buffer.from('x\nnext\n'), 'stdout');
    expect(texts().slice(1)).toEqual(['next']);
  });

  it.each([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['a title of the terminal', '\u001b]0;owned\u0007text', 'text'],
    ['controls', 'a\u0000b\u0007c\u009b', 'a\ufffdb\ufffdc\ufffd'],
    ['what turns the direction', 'a\u202eb', 'a\ufffdb'],
    ['bytes that are not text', Buffer.from([0x61, 0xff, 0xfe]), 'a\ufffd\ufffd'],
    ['tabs, which may stay', 'a\tb', 'a\tb'],
  ])('shows nothing that a terminal would obey: %s', (_name, given, text) => {
    const { texts, printed } = collect();
    printed.push(Buffer.concat([Buffer.from(given), Buffer.from('\n')]), 'stdout');
    expect(texts()).toEqual([text]);
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

  it('counts what may not be shown, and goes on where it may again', () => {
    const { texts, printed, seen } = collect(2);
    printed.push(Buffer.from('1\n2\n3\n4\n5\nhalf'), 'stdout');
    expect(texts()).toEqual(['1', '2']);
    expect(seen.heldBack).toBe(3);
    seen.room = 1;
    printed.push(Buffer.from(' of it\nlater\n'), 'stdout');
    expect(texts().slice(2)).toEqual(['later']);
  });

  it('knows the last words in what was not shown', () => {
    const { printed } = collect(1);
    printed.push(Buffer.from('flood\n'.repeat(9)), 'stderr');
    printed.push(Buffer.from('flood\nFATAL ERROR: it ends\nflood\n'), 'stderr');
    expect(printed.lastWords).toBe('FATAL ERROR: it ends');
  });
});
