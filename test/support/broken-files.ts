import fc from 'fast-check';

/** What may come into a file where it was not: syntax, names that JavaScript knows, numbers, characters. */
const SNIPPETS = [
  ...[
    ':',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    ',',
    '#',
    ' #',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '|',
    '>-',
    '? ',
  ],
  ...[
    '&a ',
    '*a',
    '*base',
    '<<: *base',
    '<<: 1',
    '<<: [*base, *base]',
    '&a [*a]',
    '&base ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
  ],
  ...[
    '!!binary ',
    '!!set ',
    '!!omap ',
    '!!js/function ',
    '!x ',
    '!<tag:x> ',
    '!!timestamp ',
    '!!float ',
    '!!str ',
  ],
  ...['__proto__: {a: 1}', '__proto__', 'constructor', 'toString: 1', 'hasOwnProperty', 'x-a: '],
  ...[
    'null',
    '~',
    'true',
    '.nan',
    '.inf',
    '-.inf',
    '1e400',
    '-1e999',
    '0x7fffffffffffffffffff',
    '0o17',
    '9'.repeat(400),
  ],
  ...['${', '${X}', '${file:/}', '${file:\\0}', '${file:token', '$$', '$', '2026-01-01', '12:30:45', '1_000'],
  ...['\u0000', '\ufeff', '\u2028', '\u0085', '\u001b[2J', '\u202e', '😀', '\ud800', 'é', '\ufffd'],
  ...['{a: {b: [', '[[[[', 'a:\n b:\n  c:\n', '- - - - ', '"\\u0000"', '"\\ud800"', '"\\x1b"', '""', "''"],
];

const deep = (open: string, close: string) =>
  fc.integer({ min: 1, max: 3_000 }).map((depth) => `${open.repeat(depth)}${close.repeat(depth)}`);

/** Each level holds the one below ten times. */
const laughs = fc
  .oneof(
    { weight: 30, arbitrary: fc.integer({ min: 2, max: 4 }) },
    // As many values as a configuration may have take more than a second.
    { weight: 1, arbitrary: fc.constant(12) },
  )
  .map((levels) => {
    const lines = ['x-0: &l0 [lol]'];
    for (let level = 1; level <= levels; level++)
      lines.push(
        `x-${level}: &l${level} [${Array(10)
          .fill(`*l${level - 1}`)
          .join(', ')}]`,
      );
    return `${lines.join('\n')}\n`;
  });

const snippet = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...SNIPPETS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 1, arbitrary: deep('[', ']') },
  { weight: 1, arbitrary: deep('{a: ', '}') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 60_000 }).map((length) => 'y'.repeat(length)) },
);

type Edit = (bytes: Buffer) => Buffer<ArrayBufferLike>;

const at = (bytes: Buffer, share: number): number => Math.floor(share * bytes.length);
const splice = (bytes: Buffer, from: number, remove: number, insert: string | Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, from), Buffer.from(insert), bytes.subarray(from + remove)]);
const byLines =
  (change: (lines: string[], index: number) => unknown) =>
  (share: number): Edit =>
  (bytes) => {
    const lines = bytes.toString('latin1').split('\n');
    change(lines, Math.floor(share * lines.length));
    return Buffer.from(lines.join('\n'), 'latin1');
  };

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const edit: fc.Arbitrary<Edit> = fc.oneof(
  // Bytes: flipped, cut off, left out, put in.
  fc.tuple(share, fc.integer({ min: 1, max: 255 })).map(
    ([where, mask]): Edit =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        const offset = at(bytes, where);
        if (offset < changed.length) changed[offset] = (changed[offset] ?? 0) ^ mask;
        return changed;
      },
  ),
  share.map(
    (where): Edit =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
  fc.tuple(share, fc.nat(40)).map(
    ([where, length]): Edit =>
      (bytes) =>
        splice(bytes, at(bytes, where), length, ''),
  ),
  fc.tuple(share, fc.nat(12), snippet).map(
    ([where, remove, text]): Edit =>
      (bytes) =>
        splice(bytes, at(bytes, where), remove, text),
  ),
  // Lines: twice, gone, elsewhere, further in or out.
  share.map(byLines((lines, index) => lines.splice(index, 0, lines[index] ?? ''))),
  share.map(byLines((lines, index) => lines.splice(index, 1))),
  share.map(byLines((lines, index) => lines.push(...lines.splice(index, 1)))),
  share.map(byLines((lines, index) => lines.splice(index, 1, `  ${lines[index]}`))),
  share.map(byLines((lines, index) => lines.splice(index, 1, `\t${lines[index]}`))),
  share.map(byLines((lines, index) => lines.splice(index, 1, (lines[index] ?? '').replace(/^ {1,2}/, '')))),
  // Values: something else behind a colon.
  fc.tuple(share, snippet).chain(([where, text]) =>
    fc.constant<Edit>((bytes) => {
      const colon = bytes.indexOf(': ', at(bytes, where));
      if (colon < 0) return bytes;
      const end = bytes.indexOf('\n', colon);
      return splice(bytes, colon + 2, (end < 0 ? bytes.length : end) - colon - 2, text);
    }),
  ),
  // The file as a whole.
  fc.constantFrom<Edit>(
    (bytes) => splice(bytes, 0, 0, '\ufeff'),
    (bytes) => Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le'),
    (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le').swap16(),
    (bytes) => Buffer.from(bytes.toString('utf8').replaceAll('\n', '\r\n')),
    (bytes) => Buffer.from(bytes.toString('utf8').replaceAll('\n', '\r')),
    (bytes) => Buffer.from(bytes.toString('utf8').replaceAll('\n', '\u2028')),
    (bytes) => Buffer.from(bytes.toString('utf8').replaceAll('  ', '\t')),
    (bytes) => Buffer.concat([bytes, bytes]),
    (bytes) => Buffer.concat([bytes, Buffer.from('\n---\n'), bytes]),
    (bytes) => Buffer.alloc(bytes.length),
    () => Buffer.alloc(0),
  ),
  laughs.map(
    (text): Edit =>
      (bytes) =>
        Buffer.concat([Buffer.from(text), bytes]),
  ),
);

/** Puts something right before a text, in one of the places where it stands. */
const before = (text: string): fc.Arbitrary<Edit> =>
  fc.tuple(share, fc.nat(2), snippet).map(([where, remove, put]) => (bytes) => {
    const found = bytes.indexOf(text, at(bytes, where));
    return found < remove ? bytes : splice(bytes, found - remove, remove, put);
  });

/**
 * A good file, broken in one to three ways, `near` a text more often than elsewhere; some of what comes out is good
 * all the same.
 */
export const brokenFile = (good: string, near?: string): fc.Arbitrary<Buffer> =>
  fc
    .array(
      near === undefined
        ? edit
        : fc.oneof({ weight: 4, arbitrary: edit }, { weight: 1, arbitrary: before(near) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((edits) => {
      let bytes: Buffer = Buffer.from(good);
      for (const change of edits) bytes = change(bytes);
      return bytes;
    });

/** The same files in every run; another seed gives others. A failure prints what leads to it. */
export const FUZZ_SEED = Number(process.env.FUZZ_SEED ?? 19_115);
