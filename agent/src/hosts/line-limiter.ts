const MAX_LINE_BYTES = 4096;
const LINES_PER_SECOND = 20;
const BURST = 100;

/** Cuts what a host prints into lines and lets through as many as a log can bear. */
export class LineLimiter {
  readonly #emit: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly #partial = { stdout: '', stderr: '' };
  #tokens = BURST;
  #refilled = performance.now();
  /** The last line on stderr that says something, for the report of a death. */
  lastError = '';

  constructor(emit: (line: string, stream: 'stdout' | 'stderr') => void) {
    this.#emit = emit;
  }

  /** Whether one more line may pass now. */
  take(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#refilled) / 1000) * LINES_PER_SECOND);
    this.#refilled = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  push(chunk: Buffer, stream: 'stdout' | 'stderr'): void {
    const text =
      this.#partial[stream] + chunk.toString('utf8', 0, Math.min(chunk.byteLength, 16 * MAX_LINE_BYTES));
    const lines = text.split('\n');
    this.#partial[stream] = (lines.pop() ?? '').slice(0, MAX_LINE_BYTES);
    for (const line of lines) {
      if (line.trim() === '') continue;
      const cut = line.slice(0, MAX_LINE_BYTES);
      if (stream === 'stderr' && /error|fatal|abort|exception/i.test(cut)) this.lastError = cut.trim();
      if (this.take()) this.#emit(cut, stream);
    }
  }
}
