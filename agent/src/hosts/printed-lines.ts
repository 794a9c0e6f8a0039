const MAX_LINE_BYTES = 4096;
const LINES_PER_SECOND = 20;
const BURST = 100;

/** What V8 prints around the line that says why a process ends: stack frames of its own, garbage collections. */
const V8_NOISE = /^\s*\d+: 0x[0-9a-f]+|^\[\d+:0x[0-9a-f]+\]|^<--- |^----- .* -----$|^#$/;
const LAST_WORDS = /error|fatal|abort|exception/i;

export type Stream = 'stdout' | 'stderr';

export interface PrintedLine {
  readonly text: string;
  readonly stream: Stream;
  /** For who debugs the host itself. */
  readonly noise: boolean;
}

/** Cuts what a host prints into lines and lets through as many as a log can bear; what it holds back, it counts. */
export class PrintedLines {
  readonly #emit: (line: PrintedLine) => void;
  readonly #partial = { stdout: '', stderr: '' };
  #tokens = BURST;
  #refilled = performance.now();
  #heldBack = 0;
  /** The last line on stderr that says something, for the report of a death. */
  lastWords = '';

  constructor(emit: (line: PrintedLine) => void) {
    this.#emit = emit;
  }

  /** Whether one more line may pass now. */
  take(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#refilled) / 1000) * LINES_PER_SECOND);
    this.#refilled = now;
    if (this.#tokens < 1) {
      this.#heldBack++;
      return false;
    }
    this.#tokens--;
    if (this.#heldBack > 0) {
      this.#emit({ text: `(${this.#heldBack} lines were left out here)`, stream: 'stderr', noise: false });
      this.#heldBack = 0;
    }
    return true;
  }

  push(chunk: Buffer, stream: Stream): void {
    const text =
      this.#partial[stream] + chunk.toString('utf8', 0, Math.min(chunk.byteLength, 16 * MAX_LINE_BYTES));
    const lines = text.split('\n');
    this.#partial[stream] = (lines.pop() ?? '').slice(0, MAX_LINE_BYTES);
    for (const line of lines) if (line.trim() !== '') this.#add(line.slice(0, MAX_LINE_BYTES), stream);
  }

  #add(text: string, stream: Stream): void {
    const noise = stream === 'stderr' && V8_NOISE.test(text);
    if (stream === 'stderr' && !noise && LAST_WORDS.test(text)) this.lastWords = text.trim();
    if (this.take()) this.#emit({ text, stream, noise });
  }
}
