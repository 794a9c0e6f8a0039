import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noCounts } from '../file-counts.ts';
import type { EncodingName } from './encoding.ts';
import { KeptRoom } from './kept.ts';
import type { Multiline } from './multiline.ts';
import { type LineOptions, LineSplitter } from './splitter.ts';

const MAX_LENGTH = 12;
const ENCODINGS: EncodingName[] = ['utf-8', 'utf-16le', 'utf-16be', 'latin1'];

interface Content {
  readonly encoding: EncodingName;
  /** Whether the encoding is configured, or told by the file's mark. */
  readonly configured: boolean;
  readonly bytes: Buffer;
  readonly pieces: readonly number[];
}

const encode = (text: string, encoding: EncodingName): Buffer => {
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  return Buffer.from(text, encoding === 'utf-16le' ? 'utf16le' : encoding === 'latin1' ? 'latin1' : 'utf8');
};

const token = (encoding: EncodingName) =>
  fc.oneof(
    {
      arbitrary: fc
        .constantFrom('a', 'bc', '+', ' x', 'é', '€', '😀', 'ਊ', 'Ċ')
        .map((text) => encode(text, encoding)),
      weight: 6,
    },
    { arbitrary: fc.constantFrom('\n', '\r\n', '\n\n').map((text) => encode(text, encoding)), weight: 5 },
    { arbitrary: fc.constantFrom('\r', '\0', '\0\0\0').map((text) => encode(text, encoding)), weight: 2 },
    {
      arbitrary: fc
        .constantFrom('y'.repeat(11), 'y'.repeat(13), '😀'.repeat(7), 'é'.repeat(40))
        .map((text) => encode(text, encoding)),
      weight: 1,
    },
    {
      arbitrary: fc.uint8Array({ minLength: 1, maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
      weight: 1,
    },
  );

const content: fc.Arbitrary<Content> = fc.constantFrom(...ENCODINGS).chain((encoding) =>
  fc
    .record({
      tokens: fc.array(token(encoding), { maxLength: 40 }),
      hasMark: fc.boolean(),
      pieces: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 }),
    })
    .map(({ tokens, hasMark, pieces }) => {
      const isMarked = hasMark && encoding !== 'latin1';
      const mark = isMarked ? [encode('\ufeff', encoding)] : [];
      return { encoding, configured: !isMarked, bytes: Buffer.concat([...mark, ...tokens]), pieces };
    }),
);

interface Line {
  readonly text: string;
  /** Where the line, and what is behind its newline, begins. */
  readonly start: number;
  readonly end: number;
}

/** What the lines are, done as plainly as can be: one at a time, with the platform's decoders. */
function reference({ bytes, encoding }: Content): { lines: Line[]; unfinished: number } {
  const unit = encoding.startsWith('utf-16') ? 2 : 1;
  const newline = encode('\n', encoding);
  const mark = encoding === 'latin1' ? Buffer.alloc(0) : encode('\ufeff', encoding);
  const first = mark.length > 0 && bytes.subarray(0, mark.length).equals(mark) ? mark.length : 0;
  const lines: Line[] = [];
  let start = first;
  for (let at = first; at + unit <= bytes.length; at += unit) {
    if (!bytes.subarray(at, at + unit).equals(newline)) continue;
    lines.push({ text: textOf(bytes.subarray(start, at), encoding), start, end: at + unit });
    start = at + unit;
  }
  const zero = Buffer.alloc(unit);
  while (start + unit <= bytes.length && bytes.subarray(start, start + unit).equals(zero)) start += unit;
  return { lines, unfinished: bytes.length - start };
}

function textOf(bytes: Buffer, encoding: EncodingName): string {
  const text =
    encoding === 'latin1'
      ? bytes.toString('latin1')
      : new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  return text.replace(/\r$/, '').replace(/^\0+/, '');
}

function cut(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  return text.slice(0, MAX_LENGTH).isWellFormed() ? text.slice(0, MAX_LENGTH) : text.slice(0, MAX_LENGTH - 1);
}

const cutAll = (texts: readonly string[]) => ({
  lines: texts.map(cut),
  oversized: texts.filter((text) => text.length > MAX_LENGTH).length,
});

function optionsFor({ encoding, configured }: Content, multiline?: Multiline): LineOptions {
  return {
    maxLength: MAX_LENGTH,
    encoding: configured ? encoding : undefined,
    multiline,
    room: new KeptRoom(1e6),
  };
}

function* piecesOf({ bytes, pieces }: Content): Iterable<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = pieces[i % pieces.length] as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const multilines: fc.Arbitrary<Multiline> = fc
  .record({
    kind: fc.constantFrom('start', 'continue', 'end'),
    maxLines: fc.integer({ min: 2, max: 5 }),
  })
  .map(({ kind, maxLines }) => ({
    begins: (line: string) =>
      kind === 'start' ? line.startsWith('a') : kind === 'continue' && !line.startsWith(' '),
    ends: (line: string) => kind === 'end' && line.endsWith('+'),
    maxLines,
    timeout: 1000,
  }));

/** Complete records, and where the open one begins. */
function referenceRecords(content: Content, { begins, ends, maxLines }: Multiline) {
  const records: { text: string; lines: number }[] = [];
  let open: Line[] = [];
  const complete = () => {
    if (open.length > 0) records.push({ text: open.map(({ text }) => text).join('\n'), lines: open.length });
    open = [];
  };
  for (const line of reference(content).lines) {
    if (begins(line.text)) complete();
    open.push(line);
    // What is beyond the limit is not looked at; two characters more tell a record that it is too long.
    if (ends(line.text.slice(0, MAX_LENGTH + 2)) || open.length === maxLines) complete();
  }
  const flushed = open.map(({ text }) => text).join('\n');
  return { records, open: open.length > 0 ? [flushed] : [], openLines: open.length };
}

describe('whatever a file holds and however it is read', () => {
  it('lines, what is unfinished and what is oversized are as a plain splitter has them', () => {
    fc.assert(
      fc.property(content, (sample) => {
        const lines: string[] = [];
        const counts = noCounts();
        const splitter = new LineSplitter(optionsFor(sample), { lines: (batch) => lines.push(...batch) });
        for (const piece of piecesOf(sample)) splitter.push(piece, counts);
        const expected = reference(sample);
        const texts = expected.lines.map(({ text }) => text);
        expect({ lines, oversized: counts.oversized }).toEqual(cutAll(texts));
        expect(counts.undecodable).toBe(lines.filter((line) => line.includes('\ufffd')).length);
        expect(counts.lines).toBe(lines.length);
        expect(splitter.unfinished).toBe(expected.unfinished);
      }),
      { numRuns: 1000 },
    );
  });

  it('a reader that goes on behind what was counted misses nothing and repeats nothing; records too', () => {
    fc.assert(
      fc.property(
        content,
        fc.option(multilines, { nil: undefined }),
        fc.nat(30),
        (sample, multiline, killAfter) => {
          const taken: string[] = [];
          const counts = noCounts();
          const sink = { lines: (batch: readonly string[]) => taken.push(...batch) };
          const first = new LineSplitter(optionsFor(sample, multiline), sink);
          let read = 0;
          for (const piece of [...piecesOf(sample)].slice(0, killAfter)) {
            first.push(piece, counts);
            read += piece.length;
          }
          const position = read - first.unfinished;
          const second = new LineSplitter(optionsFor(sample, multiline), sink);
          second.startAt(position, sample.bytes.subarray(0, Math.max(position, read)), first.markedEncoding);
          for (const piece of piecesOf({ ...sample, bytes: sample.bytes.subarray(position) }))
            second.push(piece, counts);
          second.flushRecord(counts);
          const { records, open, openLines } = multiline
            ? referenceRecords(sample, multiline)
            : {
                records: reference(sample).lines.map(({ text }) => ({ text, lines: 1 })),
                open: [],
                openLines: 0,
              };
          const expected = cutAll([...records.map(({ text }) => text), ...open]);
          expect({ lines: taken, oversized: counts.oversized }).toEqual(expected);
          expect(counts.lines).toBe(records.reduce((sum, { lines }) => sum + lines, openLines));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('with too little room lines are cut and counted as oversized, but none is missing', () => {
    fc.assert(
      fc.property(
        fc.array(content, { minLength: 2, maxLength: 5 }),
        fc.option(multilines, { nil: undefined }),
        (samples, multiline) => {
          const most = 20;
          const room = new KeptRoom(most);
          const readers = samples.map((sample) => {
            const lines: string[] = [];
            const splitter = new LineSplitter(
              { ...optionsFor(sample, multiline), room },
              { lines: (batch) => lines.push(...batch) },
            );
            return { sample, lines, splitter, counts: noCounts(), pieces: [...piecesOf(sample)] };
          });
          const turns = Math.max(...readers.map(({ pieces }) => pieces.length));
          let mostUsed = 0;
          for (let turn = 0; turn < turns; turn++) {
            for (const { splitter, pieces, counts } of readers) {
              splitter.push(pieces[turn] ?? Buffer.alloc(0), counts);
              mostUsed = Math.max(mostUsed, room.used);
            }
          }
          expect(mostUsed).toBeLessThanOrEqual(most);
          for (const { sample, lines, splitter, counts } of readers) {
            splitter.flushRecord(counts);
            const whole = reference(sample).lines.map(({ text }) => text);
            expect(counts.lines).toBe(whole.length);
            if (multiline === undefined) {
              const cutLines = whole.filter((text, index) => text !== lines[index]);
              expect(cutLines.length).toBeLessThanOrEqual(counts.oversized);
              for (const [index, text] of whole.entries())
                expect(text.startsWith(lines[index] as string)).toBe(true);
            }
            splitter.reset();
          }
          expect(room.used).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
