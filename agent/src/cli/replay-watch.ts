import { stripVTControlCharacters } from 'node:util';
import type { Host } from '../contract.ts';

const PROGRESS_MS = 250;
/** When who pressed Ctrl-C is told that a second one ends it without a report. */
const IMPATIENT_MS = 1_000;
const MEGABYTE = 1e6;
const CLEAR_LINE = '\r\u001b[K';

/** Shows how far a replay is, if stderr is a terminal, and lets Ctrl-C end it with what there is. */
export class ReplayWatch implements Disposable {
  readonly #host: Host;
  readonly #id: string;
  readonly #input: { readonly name: string; readonly size: number | undefined };
  readonly #started = performance.now();
  readonly #interval: NodeJS.Timeout | undefined;
  readonly #onSignal = () => this.#interrupted();
  #impatient: NodeJS.Timeout | undefined;
  #isDrawn = false;
  /** Somebody did not want to wait for the end. */
  isEnded = false;
  /** Nor for what there is by then. */
  isGivenUp = false;

  constructor(host: Host, id: string, input: { readonly name: string; readonly size: number | undefined }) {
    this.#host = host;
    this.#id = id;
    this.#input = input;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.#onSignal);
    if (process.stderr.isTTY) this.#interval = setInterval(() => void this.#look(), PROGRESS_MS);
  }

  [Symbol.dispose](): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#onSignal);
    clearInterval(this.#interval);
    clearTimeout(this.#impatient);
    this.#clear();
    this.#isDrawn = false;
  }

  async #look(): Promise<void> {
    const bytes = await this.#host.replayedBytes(this.#id).catch(() => 0);
    if (bytes === 0 || this.isEnded) return;
    const seconds = (performance.now() - this.#started) / 1000;
    const text = progressText(bytes, seconds, this.#input);
    process.stderr.write(`${CLEAR_LINE}${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    this.#isDrawn = true;
  }

  #clear(): void {
    if (this.#isDrawn) process.stderr.write(CLEAR_LINE);
  }

  #interrupted(): void {
    this.#clear();
    if (this.isEnded) {
      this.isGivenUp = true;
      this.#host.end({ reason: 'exit', message: 'It was ended by a second Ctrl-C.', external: true });
      return;
    }
    this.isEnded = true;
    this.#impatient = setTimeout(() => {
      process.stderr.write(
        'The lines that were read last are still worked on; Ctrl-C ends it without a report.\n',
      );
    }, IMPATIENT_MS);
    this.#host.endReplay(this.#id).catch(() => undefined);
  }
}

/** `access.log: 37 %, 161 of 434 MB, 83 MB/s, 4 s left` */
export function progressText(
  bytes: number,
  seconds: number,
  { name, size }: { readonly name: string; readonly size: number | undefined },
): string {
  const megabytes = (count: number) => (count / MEGABYTE).toFixed(count < 10 * MEGABYTE ? 1 : 0);
  const shown = stripVTControlCharacters(name);
  const rate = `${megabytes(bytes / seconds)} MB/s`;
  if (size === undefined || size === 0) return `${shown}: ${megabytes(bytes)} MB, ${rate}`;
  const percent = Math.min(100, Math.floor((100 * bytes) / size));
  const left = Math.ceil((seconds * Math.max(0, size - bytes)) / bytes);
  return `${shown}: ${percent} %, ${megabytes(bytes)} of ${megabytes(size)} MB, ${rate}, ${left} s left`;
}
