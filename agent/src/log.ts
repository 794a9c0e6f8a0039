import type { ErrorInfo, Logger, LogLevel } from '@dynamic-informer/sdk';
import pino from 'pino';
import { MASK, SHORTEST_MASKED } from './masking.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['logfmt', 'json'] as const;

/** Values that are shown nowhere, replaced wherever they stand in a text. */
export class Redactor {
  readonly #secrets = new Set<string>();

  add(values: Iterable<string>): void {
    for (const value of values) {
      if (value.length < SHORTEST_MASKED) continue;
      this.#secrets.add(value);
      // As it stands in JSON, in which a log line is masked.
      this.#secrets.add(JSON.stringify(value).slice(1, -1));
      // A key of several lines is printed line by line.
      const lines = value.split(/\r?\n/);
      if (lines.length > 1) for (const line of lines) if (line.length >= 16) this.#secrets.add(line);
    }
  }

  redact(text: string): string {
    let masked = text.replace(/([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]*):[^\s/@]+@/gi, `$1:${MASK}@`);
    for (const secret of this.#secrets) if (masked.includes(secret)) masked = masked.replaceAll(secret, MASK);
    return masked;
  }

  /** The same error with its texts masked: what a plugin throws can hold anything. */
  redactError(error: ErrorInfo): ErrorInfo {
    const { message, fix } = error;
    return { ...error, message: this.redact(message), ...(fix !== undefined && { fix: this.redact(fix) }) };
  }
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: (typeof LOG_FORMATS)[number];
  readonly redactor: Redactor;
}

export interface ClosableLog extends Logger {
  /** Writes what is left, if somebody takes it within a second; later lines are dropped. */
  close(): Promise<void>;
}

const CLOSE_MS = 1_000;

/** The agent's log, on stderr: one line an event, with what the redactor knows masked. */
export function createLog({ level, format, redactor }: LogOptions): ClosableLog {
  const destination = pino.destination({ fd: 2, sync: false });
  // Who reads the log may go away; the agent does not go with it.
  destination.on('error', () => undefined);
  let closed = false;
  const write = (line: string) => {
    if (closed) return;
    const masked = redactor.redact(line);
    destination.write(escapeUnprintable(format === 'json' ? masked : `${toLogfmt(masked)}\n`));
  };
  const log = pino(
    {
      level,
      base: null,
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  const method =
    (name: LogLevel): Logger[LogLevel] =>
    (message, fields = {}) =>
      log[name](fields, message);
  return {
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    async close() {
      closed = true;
      const written = Promise.withResolvers<void>();
      for (const event of ['close', 'error'] as const) destination.once(event, () => written.resolve());
      const timer = setTimeout(() => written.resolve(), CLOSE_MS);
      destination.end();
      await written.promise;
      clearTimeout(timer);
      // What is left would be written synchronously on exit, which never ends on a pipe that nobody reads.
      destination.destroy();
    },
  };
}

/** What a key of logfmt can not hold. */
const NO_KEY = /[\s"=\p{Cc}]/gu;

/** `ts=… level=… msg="…" key=value`, as Prometheus and its exporters write. */
export function toLogfmt(line: string): string {
  const { ts, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs: [string, unknown][] = [['ts', ts], ['level', level], ['msg', msg], ...Object.entries(fields)];
  return pairs.map(([key, value]) => `${key.replace(NO_KEY, '_')}=${logfmtValue(value)}`).join(' ');
}

function logfmtValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return /^[^\s"=\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}

/** What a terminal would obey, and what turns the direction of writing, where JSON leaves it as it is. */
const escapeUnprintable = (text: string): string =>
  text.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
