import { hostname } from 'node:os';
import type { Logger, LogLevel } from '@dynamic-informer/sdk';
import pino from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['logfmt', 'json'] as const;

/** Values that are shown nowhere, replaced wherever they stand in a text. */
export class Redactor {
  readonly #secrets = new Set<string>();

  add(values: Iterable<string>): void {
    // A very short secret would make every text unreadable, and it protects nothing.
    for (const value of values) if (value.length >= 4) this.#secrets.add(value);
  }

  redact(text: string): string {
    let masked = text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, '$1:***@');
    for (const secret of this.#secrets)
      if (masked.includes(secret)) masked = masked.replaceAll(secret, '***');
    return masked;
  }
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: (typeof LOG_FORMATS)[number];
  readonly redactor: Redactor;
}

/** The agent's log, on stderr: one line an event, with what the redactor knows masked. */
export function createLog({ level, format, redactor }: LogOptions): Logger & { flush(): void } {
  const destination = pino.destination({ fd: 2, sync: false });
  const write = (line: string) => {
    const masked = redactor.redact(line);
    destination.write(format === 'json' ? masked : `${toLogfmt(masked)}\n`);
  };
  const log = pino(
    {
      level,
      base: format === 'json' ? { pid: process.pid, host: hostname() } : null,
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
    flush: () => destination.flushSync(),
  };
}

/** `ts=… level=… msg="…" key=value`, as Prometheus and its exporters write. */
export function toLogfmt(line: string): string {
  const { ts, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs: [string, unknown][] = [['ts', ts], ['level', level], ['msg', msg], ...Object.entries(fields)];
  return pairs.map(([key, value]) => `${key}=${logfmtValue(value)}`).join(' ');
}

function logfmtValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
