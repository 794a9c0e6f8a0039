import type { Logger, LogLevel } from '@dynamic-informer/sdk';
import pino from 'pino';
import { escapeUnprintable } from './printable.ts';
import type { RecentLog } from './recent-log.ts';
import type { Redactor } from './redactor.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['logfmt', 'json'] as const;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: (typeof LOG_FORMATS)[number];
  readonly redactor: Redactor;
  /** Keeps what is written. */
  readonly recent?: RecentLog;
}

export interface ClosableLog extends Logger {
  /** Writes what is left, if somebody takes it within a second; later lines are dropped. */
  close(): Promise<void>;
}

const CLOSE_MS = 1_000;

/** The agent's log, on stderr: one line an event, with what the redactor knows masked. */
export function createLog({ level, format, redactor, recent }: LogOptions): ClosableLog {
  const destination = pino.destination({ fd: 2, sync: false });
  // Who reads the log may go away; the agent does not go with it.
  destination.on('error', () => undefined);
  let closed = false;
  const write = (line: string) => {
    if (closed) return;
    destination.write(escapeUnprintable(format === 'json' ? line : `${toLogfmt(line)}\n`));
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
    (message, fields = {}) => {
      if (!log.isLevelEnabled(name)) return;
      // Before anything is written as JSON: a secret can be a number, and then a mask would break the line.
      const text = redactor.redact(message);
      const shown = redactor.redactValue(fields) as object;
      recent?.add(name, text, { ...shown, resource: fields.resource });
      log[name](shown, text);
    };
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
