import { appendFile, rename } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** At this size the log is rotated, as logrotate would do it: renamed, and a new one begun. */
const MAX_BYTES = 1024 * 1024;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Writes the combined format with the answer's seconds at the end, as nginx does with `$request_time`. */
export class AccessLog {
  readonly #path: string;
  readonly #maxBytes: number;
  #bytes = 0;
  #written: Promise<void> = Promise.resolve();

  constructor(path: string, maxBytes = MAX_BYTES) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** Adds a line when the answer is sent. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    const started = performance.now();
    response.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const client = request.socket.remoteAddress ?? '-';
      const line = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
      const sent = response.getHeader('content-length') ?? 0;
      const agent = request.headers['user-agent'] ?? '-';
      this.#write(
        `${client} - - [${timestamp(new Date())}] ${quoted(line)} ${response.statusCode} ${sent} "-" ${quoted(agent)} ${seconds.toFixed(3)}\n`,
      );
    });
  }

  /** Resolves when everything is in the file. */
  flushed(): Promise<void> {
    return this.#written;
  }

  #write(line: string): void {
    this.#written = this.#written.then(async () => {
      if (this.#bytes + line.length > this.#maxBytes) {
        await rename(this.#path, `${this.#path}.1`);
        this.#bytes = 0;
      }
      await appendFile(this.#path, line);
      this.#bytes += line.length;
    });
  }
}

const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** 10/Oct/2026:13:55:36 +0000 */
function timestamp(date: Date): string {
  const [day, time = ''] = date.toISOString().split(/[TZ.]/);
  const [year, month, dayOfMonth] = (day ?? '').split('-');
  return `${dayOfMonth}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}
