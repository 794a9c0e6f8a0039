import { describe, expect, it } from 'vitest';
import { noCounts } from '../file-counts.ts';
import type { EncodingName } from './encoding.ts';
import { KeptRoom } from './kept.ts';
import { LineSplitter } from './splitter.ts';

/** Splits bytes that arrive in pieces of this size; at the end what is unfinished is flushed. */
function split(bytes: Buffer | string, piece: number, encoding?: EncodingName, maxLength = 100) {
  const lines: string[] = [];
  const counts = noCounts();
  const options = { maxLength, encoding, room: new KeptRoom(1e6) };
  const splitter = new LineSplitter(options, { lines: (batch) => lines.push(...batch) });
  const all = Buffer.from(bytes as string);
  for (let at = 0; at < all.length; at += piece) splitter.push(all.subarray(at, at + piece), counts);
  const { unfinished } = splitter;
  expect(counts.lines).toBe(lines.length);
  splitter.flush(counts);
  expect(splitter.unfinished).toBe(0);
  return { lines, oversized: counts.oversized, unfinished };
}

const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
/** A byte order mark and text in which the byte of a newline is part of other characters too. */
const TEXT = '\ufeffone\r\ntwo\n\nthree ਊ Ċ ünïcode € 😀\n';
const LINES = ['one', 'two', '', 'three ਊ Ċ ünïcode € 😀'];

describe('lines are the same however the bytes arrive', () => {
  for (const piece of [1, 2, 3, 7, 1000]) {
    describe(`in pieces of ${piece}`, () => {
      it('in UTF-8, with its mark and without', () => {
        const expected = { lines: LINES, oversized: 0, unfinished: 0 };
        expect(split(TEXT, piece)).toEqual(expected);
        expect(split(TEXT.slice(1), piece)).toEqual(expected);
        expect(split(TEXT, piece, 'utf-8')).toEqual(expected);
      });
      it('in UTF-16, which its mark tells', () => {
        expect(split(utf16le(TEXT), piece).lines).toEqual(LINES);
        expect(split(utf16be(TEXT), piece).lines).toEqual(LINES);
      });
      it('in UTF-16 without a mark, which is configured', () => {
        expect(split(utf16le(TEXT.slice(1)), piece, 'utf-16le').lines).toEqual(LINES);
        expect(split(utf16be(TEXT.slice(1)), piece, 'utf-16be').lines).toEqual(LINES);
      });
      it('in latin1', () => {
        const text = 'für\nça 1£\n';
        expect(split(Buffer.from(text, 'latin1'), piece, 'latin1').lines).toEqual(['für', 'ça 1£']);
      });
      it('with long lines', () => {
        const text = `${'é'.repeat(100)}\n${'é'.repeat(101)}\r\nshort\n${'x'.repeat(5000)}\nend\n`;
        const { lines, oversized } = split(text, piece);
        expect(lines).toEqual(['é'.repeat(100), 'é'.repeat(100), 'short', 'x'.repeat(100), 'end']);
        expect(oversized).toBe(2);
      });
      it('with long lines of characters that are two surrogates', () => {
        const { lines, oversized } = split(`${'😀'.repeat(60)}\nx${'😀'.repeat(60)}\n`, piece);
        expect(lines).toEqual(['😀'.repeat(50), `x${'😀'.repeat(49)}`]);
        expect(oversized).toBe(2);
      });
      it('with a hole of zeros and bytes that are no text', () => {
        const bytes = Buffer.concat([
          Buffer.alloc(20),
          Buffer.from('a\0b\n'),
          Buffer.from([0xff, 0xc3, 0x0a]),
        ]);
        expect(split(bytes, piece).lines).toEqual(['a\0b', '\ufffd\ufffd']);
      });
      it('with a surrogate alone, and half a character at the end', () => {
        const bytes = Buffer.concat([utf16le('a\ud83d\nb'), Buffer.from([0x41])]);
        expect(split(bytes, piece, 'utf-16le')).toEqual({
          lines: ['a\ufffd', 'b\ufffd'],
          oversized: 0,
          unfinished: 3,
        });
      });
    });
  }
});

it('keeps a last line without its newline', () => {
  expect(split('one\ntw', 1000)).toEqual({ lines: ['one', 'tw'], oversized: 0, unfinished: 2 });
});

it('leaves a carriage return alone that does not stand before a newline', () => {
  expect(split('progress 1%\rprogress 2%\r\r\nend\r\n', 1000).lines).toEqual([
    'progress 1%\rprogress 2%\r',
    'end',
  ]);
});

describe('a file begins', () => {
  it('with no line if there is only a byte order mark', () => {
    expect(split('\ufeff', 1)).toEqual({ lines: [], oversized: 0, unfinished: 0 });
    expect(split(utf16be('\ufeff'), 1)).toEqual({ lines: [], oversized: 0, unfinished: 0 });
  });

  it('with half a byte order mark that is waited for, and taken for what it is if nothing follows', () => {
    expect(split(Buffer.from([0xef, 0xbb]), 1)).toEqual({ lines: ['\ufffd'], oversized: 0, unfinished: 2 });
  });

  it('with a hole where it was truncated, and goes on in its encoding', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter(
      { maxLength: 100, room: new KeptRoom(1e6) },
      { lines: (batch) => lines.push(...batch) },
    );
    splitter.push(utf16le('\ufeffone\n'), noCounts());
    splitter.reset();
    splitter.push(utf16le('\0\0\0two\n'), noCounts());
    splitter.reset();
    splitter.push(Buffer.from('three\n'), noCounts());
    expect(lines).toEqual(['one', 'two', 'three']);
  });
});

describe('a line of 256 MiB without a newline', () => {
  it('keeps no more than may be looked at, and everything goes on behind it', () => {
    const maxLength = 65_536;
    const lines: string[] = [];
    const counts = noCounts();
    const room = new KeptRoom(16 * 2 ** 20);
    const splitter = new LineSplitter({ maxLength, room }, { lines: (batch) => lines.push(...batch) });
    const chunk = Buffer.alloc(65_536, 'x');
    splitter.push(Buffer.from('before\n'), counts);
    for (let chunks = 0; chunks < 4096; chunks++) splitter.push(chunk, counts);
    expect(splitter.unfinished).toBe(256 * 2 ** 20);
    expect(room.used).toBeLessThanOrEqual(3 * (maxLength + 2));
    splitter.push(Buffer.from('\nbehind\n'), counts);
    expect(lines).toEqual(['before', 'x'.repeat(maxLength), 'behind']);
    expect(counts).toMatchObject({ lines: 3, oversized: 1 });
    expect([splitter.unfinished, room.used]).toEqual([0, 0]);
  });
});
