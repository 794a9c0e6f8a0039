import { describe, expect, it } from 'vitest';
import { noCounts } from '../file-counts.ts';
import { LineSplitter } from './splitter.ts';

/** Splits bytes that arrive in pieces of this size. */
function split(bytes: Buffer | string, piece: number, maxLength = 100) {
  const lines: string[] = [];
  const counts = noCounts();
  const splitter = new LineSplitter(maxLength, { lines: (batch) => lines.push(...batch) });
  const all = Buffer.from(bytes as string);
  for (let at = 0; at < all.length; at += piece) splitter.push(all.subarray(at, at + piece), counts);
  expect(counts.lines).toBe(lines.length);
  return { lines, oversized: counts.oversized, unfinished: splitter.unfinished };
}

describe('lines are the same however the bytes arrive', () => {
  for (const piece of [1, 2, 3, 7, 1000]) {
    it(`in pieces of ${piece}`, () => {
      const text = 'one\r\ntwo\n\nthree ünïcode €\n';
      expect(split(text, piece)).toEqual({
        lines: ['one', 'two', '', 'three ünïcode €'],
        oversized: 0,
        unfinished: 0,
      });
    });
    it(`with long lines, in pieces of ${piece}`, () => {
      const text = `${'é'.repeat(100)}\n${'é'.repeat(101)}\r\nshort\n${'x'.repeat(5000)}\nend\n`;
      const { lines, oversized } = split(text, piece);
      expect(lines).toEqual(['é'.repeat(100), 'é'.repeat(100), 'short', 'x'.repeat(100), 'end']);
      expect(oversized).toBe(2);
    });
    it(`with a hole of zeros and bytes that are no text, in pieces of ${piece}`, () => {
      const bytes = Buffer.concat([Buffer.alloc(20), Buffer.from('a\n'), Buffer.from([0xff, 0xc3, 0x0a])]);
      expect(split(bytes, piece).lines).toEqual(['a', '\ufffd\ufffd']);
    });
  }
});

it('keeps a last line without its newline', () => {
  expect(split('one\ntw', 1000)).toEqual({ lines: ['one'], oversized: 0, unfinished: 2 });
});
