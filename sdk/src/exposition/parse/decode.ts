import { isUtf8 } from 'node:buffer';

export interface Decoded {
  readonly text: string;
  /** Lines that are not UTF-8: line to the column of the first thing on it that is not. */
  readonly broken: ReadonlyMap<number, number>;
}

const LINE_FEED = 0x0a;

/** An exposition as text. What is not UTF-8 is replaced, and its place told; a byte order mark stays. */
export function decode(input: string | Uint8Array): Decoded {
  if (typeof input === 'string') {
    return { text: input, broken: input.isWellFormed() ? new Map() : brokenInString(input) };
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(input);
  return { text, broken: isUtf8(input) ? new Map() : brokenInBytes(input) };
}

function brokenInString(text: string): Map<number, number> {
  const broken = new Map<number, number>();
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.isWellFormed()) broken.set(index + 1, firstDifference(line, line.toWellFormed()) + 1);
  }
  return broken;
}

const firstDifference = (a: string, b: string): number => {
  let at = 0;
  while (a[at] === b[at]) at++;
  return at;
};

function brokenInBytes(bytes: Uint8Array): Map<number, number> {
  const broken = new Map<number, number>();
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    const content = bytes.subarray(start, end);
    if (!isUtf8(content)) broken.set(line, goodPrefix(content) + 1);
    start = end + 1;
  }
  return broken;
}

/** How many UTF-16 code units stand before the first byte that is not UTF-8. */
function goodPrefix(bytes: Uint8Array): number {
  const replaced = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  let at = 0;
  while (bytes[at] === replaced[at] && at < bytes.length) at++;
  // Streaming holds back the beginning of a character that the difference cuts off.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, at), { stream: true }).length;
}
