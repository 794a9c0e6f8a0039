export type EncodingName = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';

/** How bytes are text. Bytes that are none become U+FFFD. */
export interface Encoding {
  readonly name: EncodingName;
  /** Bytes of a newline; a line's length in bytes is a multiple of it. */
  readonly unit: 1 | 2;
  /** The most bytes that one UTF-16 unit of a string comes from. */
  readonly bytesPerCharacter: number;
  /** What a file may begin with that is no text. */
  readonly mark: Buffer;
  decode(bytes: Buffer, start: number, end: number): string;
  /** The first newline from `start`, where a unit begins; -1 if there is none. */
  newline(bytes: Buffer, start: number): number;
  /** The last newline that begins before `end`; units are counted from the first byte; -1 if there is none. */
  lastNewline(bytes: Buffer, end: number): number;
}

const NEWLINE = 10;

const oneByteNewlines = {
  unit: 1,
  newline: (bytes: Buffer, start: number): number => bytes.indexOf(NEWLINE, start),
  lastNewline: (bytes: Buffer, end: number): number => (end > 0 ? bytes.lastIndexOf(NEWLINE, end - 1) : -1),
} as const;

/** @param low where in its two bytes the newline's byte is that is not zero */
const twoByteNewlines = (low: 0 | 1) => {
  const isNewline = (bytes: Buffer, at: number): boolean =>
    at % 2 === low && bytes[low === 0 ? at + 1 : at - 1] === 0;
  return {
    unit: 2,
    newline(bytes: Buffer, start: number): number {
      let at = bytes.indexOf(NEWLINE, start);
      while (at >= 0 && !isNewline(bytes, at)) at = bytes.indexOf(NEWLINE, at + 1);
      return at < 0 ? -1 : at - low;
    },
    lastNewline(bytes: Buffer, end: number): number {
      let at = end;
      do at = at > 0 ? bytes.lastIndexOf(NEWLINE, at - 1) : -1;
      while (at >= 0 && !isNewline(bytes, at));
      return at < 0 ? -1 : at - low;
    },
  } as const;
};

const UTF_8: Encoding = {
  ...oneByteNewlines,
  name: 'utf-8',
  bytesPerCharacter: 3,
  mark: Buffer.from([0xef, 0xbb, 0xbf]),
  decode: (bytes, start, end) => bytes.toString('utf8', start, end),
};

const LATIN_1: Encoding = {
  ...oneByteNewlines,
  name: 'latin1',
  bytesPerCharacter: 1,
  mark: Buffer.alloc(0),
  decode: (bytes, start, end) => bytes.toString('latin1', start, end),
};

const UTF_16LE: Encoding = {
  ...twoByteNewlines(0),
  name: 'utf-16le',
  bytesPerCharacter: 2,
  mark: Buffer.from([0xff, 0xfe]),
  decode: (bytes, start, end) => wellFormed(bytes.toString('utf16le', start, end), end - start),
};

const UTF_16BE: Encoding = {
  ...twoByteNewlines(1),
  name: 'utf-16be',
  bytesPerCharacter: 2,
  mark: Buffer.from([0xfe, 0xff]),
  decode(bytes, start, end) {
    // The bytes are somebody else's: a copy is turned round.
    const units = Buffer.from(bytes.subarray(start, end - ((end - start) % 2)));
    return wellFormed(units.swap16().toString('utf16le'), end - start);
  },
};

/** Text of so many bytes of UTF-16, with U+FFFD for surrogates that stand alone and for half a unit at the end. */
function wellFormed(text: string, bytes: number): string {
  return (bytes % 2 === 0 ? text : `${text}\ufffd`).toWellFormed();
}

const ENCODINGS: Readonly<Record<EncodingName, Encoding>> = {
  'utf-8': UTF_8,
  'utf-16le': UTF_16LE,
  'utf-16be': UTF_16BE,
  latin1: LATIN_1,
};
const MARKED = [UTF_8, UTF_16LE, UTF_16BE];

export interface Detection {
  readonly encoding: Encoding;
  /** Bytes of the byte order mark that `head` begins with. */
  readonly mark: number;
}

/** How a file that begins with `head` is encoded, as its byte order mark says or else as assumed; undefined while a mark may come. */
export function detectEncoding(
  head: Buffer,
  configured: EncodingName | undefined,
  before: EncodingName | undefined,
): Detection | undefined {
  for (const encoding of configured === undefined ? MARKED : [ENCODINGS[configured]]) {
    const { mark } = encoding;
    const length = Math.min(mark.length, head.length);
    if (length === 0 || !head.subarray(0, length).equals(mark.subarray(0, length))) continue;
    return length === mark.length ? { encoding, mark: length } : undefined;
  }
  return { encoding: assumedEncoding(head, configured, before), mark: 0 };
}

/** The encoding of a file without a mark: as configured, or as it was `before` if `head` is a hole of zeros, or UTF-8. */
export function assumedEncoding(
  head: Buffer,
  configured: EncodingName | undefined,
  before: EncodingName | undefined,
): Encoding {
  const isUnknown = head.length === 0 || head[0] === 0;
  return ENCODINGS[configured ?? (isUnknown ? before : undefined) ?? 'utf-8'];
}
