import { stripVTControlCharacters } from 'node:util';

const MAX_LINE_BYTES = 4096;
const UNREAD_BYTES = 16 * 1024;
const NEWLINE = 0x0a;

/** What V8 prints around the line that says why a process ends: stack frames of its own, garbage collections. */
const V8_NOISE = /^\s*\d+: 0x[0-9a-f]+|^\[\d+:0x[0-9a-f]+\]|^<--- |^----- .* -----$|^#$/;
const LAST_WORDS = /error|fatal|abort|exception|bad_alloc/i;
/** What is not text: controls, and what turns the direction of writing. */
const UNPRINTABLE = /(?!\t)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

export type Stream = 'stdout' | 'stderr';

export interface PrintedLine {
  readonly text: string;
  readonly stream: Stream;
  /** For who debugs the host itself. */
  readonly noise: boolean;
}

export interface PrintedLinesPorts {
  /** Whether one more line may be shown now. */
  take(): boolean;
  show(line: PrintedLine): void;
  holdBack(lines: number): void;
}

/**
 * Cuts what a host prints into lines. Once one may not be shown, the rest of what came with it is only
 * counted, which costs next to nothing.
 */
export class PrintedLines {
  readonly #ports: PrintedLinesPorts;
  readonly #partial: Record<Stream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  /** The beginning of a line that is longer than any that is shown was taken; its end is to come. */
  readonly #isCut = { stdout: false, stderr: false };
  #lastWords = '';
  /** What was printed on stderr after the last words that are known, and not looked at. */
  #unread: Buffer | undefined;

  constructor(ports: PrintedLinesPorts) {
    this.#ports = ports;
  }

  /** The last line on stderr that says something, for the report of a death. */
  get lastWords(): string {
    for (const line of this.#unread?.toString().split('\n') ?? []) this.#listen(shown(line));
    this.#unread = undefined;
    return this.#lastWords;
  }

  push(chunk: Buffer, stream: Stream): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      if (!this.#line(chunk.subarray(start, end), stream)) {
        this.#skip(chunk.subarray(start), stream);
        return;
      }
      start = end + 1;
    }
    this.#keep(chunk.subarray(start), stream);
  }

  /** The end of a line. @returns whether it was shown or was nothing to be shown */
  #line(end: Buffer, stream: Stream): boolean {
    const isRest = this.#isCut[stream];
    this.#isCut[stream] = false;
    const bytes = this.#partial[stream].length > 0 ? Buffer.concat([this.#partial[stream], end]) : end;
    this.#partial[stream] = EMPTY;
    return isRest || this.#show(bytes, stream);
  }

  /** The beginning of a line: what is too long for one is shown at once, its rest is passed over. */
  #keep(beginning: Buffer, stream: Stream): void {
    if (this.#isCut[stream] || beginning.length === 0) return;
    const bytes = Buffer.concat([this.#partial[stream], beginning.subarray(0, MAX_LINE_BYTES)]);
    if (bytes.length < MAX_LINE_BYTES) {
      this.#partial[stream] = bytes;
      return;
    }
    this.#isCut[stream] = true;
    this.#partial[stream] = EMPTY;
    if (!this.#show(bytes, stream)) this.#ports.holdBack(1);
  }

  #show(bytes: Buffer, stream: Stream): boolean {
    const isLong = bytes.length >= MAX_LINE_BYTES;
    const text = `${shown(bytes.subarray(0, MAX_LINE_BYTES).toString())}${isLong ? '…' : ''}`;
    if (text.trim() === '') return true;
    const isNoise = stream === 'stderr' && this.#listen(text);
    if (!this.#ports.take()) return false;
    this.#ports.show({ text, stream, noise: isNoise });
    return true;
  }

  /** Keeps what may be the last words. @returns whether it is V8's noise around them */
  #listen(text: string): boolean {
    if (V8_NOISE.test(text)) return true;
    if (LAST_WORDS.test(text)) {
      this.#lastWords = text.trim();
      this.#unread = undefined;
    }
    return false;
  }

  /** Counts lines without a look at them. What they end with, being no whole line, is dropped. */
  #skip(bytes: Buffer, stream: Stream): void {
    let lines = 0;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] === NEWLINE) lines++;
    this.#isCut[stream] = bytes[bytes.length - 1] !== NEWLINE;
    if (stream === 'stderr') this.#unread = bytes.subarray(-UNREAD_BYTES);
    this.#ports.holdBack(lines);
  }
}

const EMPTY = Buffer.alloc(0);

/** Text that a terminal shows and does not obey. */
const shown = (text: string): string =>
  stripVTControlCharacters(text).trimEnd().replace(UNPRINTABLE, '\ufffd');
