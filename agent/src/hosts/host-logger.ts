import type { LogLevel } from '@dynamic-informer/sdk';
import { RateLimit } from '../rate-limit.ts';
import { boundFields, boundMessage, LINE_BURST } from './log-line.ts';
import type { Message } from './protocol.ts';

/** How often the agent is told that lines are held back. */
const TELL_MS = 1_000;

/**
 * The host's end of its plugins' loggers: lines over the budget never reach the pipe, only how many there
 * were. It needs no turn of the event loop, which a plugin that floods may hold.
 */
export class HostLogger {
  readonly #send: (message: Message) => void;
  readonly #lines: RateLimit;
  // Plugins may replace these.
  readonly #setTimeout = setTimeout;
  readonly #now = performance.now.bind(performance);
  #heldBack = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(linesPerSecond: number, send: (message: Message) => void) {
    this.#lines = new RateLimit(linesPerSecond, LINE_BURST * linesPerSecond, this.#now);
    this.#send = send;
  }

  line(level: LogLevel, resource: string, message: unknown, fields: unknown): void {
    if (this.#lines.take()) {
      this.#send({
        kind: 'log',
        level,
        resource,
        message: boundMessage(message),
        fields: boundFields(fields),
      });
      return;
    }
    this.#heldBack++;
    if (this.#now() - this.#toldAt >= TELL_MS) this.#tell(resource);
    else this.#timer ??= this.#setTimeout(() => this.#tell(resource), TELL_MS).unref();
  }

  #tell(resource: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#toldAt = this.#now();
    this.#send({ kind: 'held-back', resource, lines: this.#heldBack });
    this.#heldBack = 0;
  }
}
