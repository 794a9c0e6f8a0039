import { RateLimit } from '../rate-limit.ts';
import { boundFields, boundMessage, LINE_BURST } from './log-line.ts';
import type { PrintedLine } from './printed-lines.ts';

/** Lines are no longer held back when none was for so long. */
const QUIET_MS = 10_000;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

export interface HostLogPorts {
  log(level: Level, resource: string, message: string, fields: object): void;
  /** So many lines more were left out of the log. */
  heldBack(lines: number): void;
}

/**
 * What a host adds to the agent's log, printed and logged lines alike: as many as its budget allows. What is
 * left out is counted, and said once when it begins and once when it is over.
 */
export class HostLog {
  readonly #ports: HostLogPorts;
  readonly #lines: RateLimit;
  readonly #linesPerSecond: number;
  /** Since lines began to be held back. */
  #heldBack = 0;
  #lastAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(linesPerSecond: number, ports: HostLogPorts) {
    this.#linesPerSecond = linesPerSecond;
    this.#lines = new RateLimit(linesPerSecond, LINE_BURST * linesPerSecond);
    this.#ports = ports;
  }

  /** A line of a plugin's logger, as a host sends it: nothing of it is to be believed. */
  logged(level: unknown, resource: unknown, message: unknown, fields: unknown): void {
    const name = boundMessage(resource).slice(0, 100);
    if (!this.#lines.take()) {
      this.holdBack(1, name);
      return;
    }
    const known = LEVELS.find((each) => each === level) ?? 'warn';
    this.#ports.log(known, name, boundMessage(message), boundFields(fields));
  }

  /** A printed line for which `take` has given room. */
  printed({ text, stream, noise }: PrintedLine): void {
    const level = noise ? 'debug' : stream === 'stdout' ? 'info' : 'warn';
    this.#ports.log(level, '', `the host printed: ${text}`, { stream });
  }

  /** Takes the room of one line, if there is any. */
  take(): boolean {
    return this.#lines.take();
  }

  /** Lines were left out; the resource is named where it is known. */
  holdBack(lines: number, resource = ''): void {
    if (lines <= 0) return;
    if (this.#timer === undefined) this.#begin(resource);
    this.#heldBack += lines;
    this.#lastAt = performance.now();
    this.#ports.heldBack(lines);
  }

  /** The host is gone. */
  close(): void {
    if (this.#timer !== undefined) this.#end();
  }

  #begin(resource: string): void {
    this.#watch(QUIET_MS);
    this.#ports.log('warn', resource, 'log lines are held back', {
      code: 'LIMIT_LOG',
      error: `The host logs and prints more than ${this.#linesPerSecond} lines a second; the rest is left out.`,
      fix: 'Let the plugin log less, or raise plugins.NAME.log_lines, in the shared host shared_host.log_lines.',
    });
  }

  #watch(ms: number): void {
    this.#timer = setTimeout(() => {
      const quietMs = performance.now() - this.#lastAt;
      if (quietMs >= QUIET_MS) this.#end();
      else this.#watch(QUIET_MS - quietMs);
    }, ms).unref();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#heldBack;
    this.#heldBack = 0;
    this.#ports.log('info', '', 'log lines are no longer held back', { left_out: lines });
  }
}
