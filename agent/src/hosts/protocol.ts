import { isAbsolute } from 'node:path';
import type { ErrorInfo } from '@dynamic-informer/sdk';
import { TEXT_TYPES } from '@dynamic-informer/sdk/host';
import type { CollectReply, Fragment, LoadedCode, LogLine, ReplayReply, ValidateReply } from '../contract.ts';
import { boundFields, boundMessage } from './log-line.ts';

/** What a host can be asked; the names are those of `HostSession`'s methods. */
export type Method =
  | 'load'
  | 'validate'
  | 'open'
  | 'collect'
  | 'replay'
  | 'replayedBytes'
  | 'endReplay'
  | 'adjust'
  | 'pause'
  | 'resume'
  | 'close'
  | 'collectGarbage'
  | 'closeAll';

export interface Request {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
  readonly timeoutMs: number;
}

/** The resource of a collector. */
export const resourceOf = (collector: string): string => collector.slice(0, collector.lastIndexOf('#'));

/**
 * From a host: it is up, an answer, a line for the log or how many it held back, files that a plugin has loaded, what must
 * never be shown of the configuration that a plugin is given now, or
 * word that a request's time is up and that it could notice that, or that a call that needs a thread does not come back.
 */
export type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'overdue'; readonly id: number }
  | { readonly kind: 'stuck' }
  | { readonly kind: 'reply'; readonly id: number; readonly value?: unknown; readonly error?: ErrorInfo }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly resource: string;
      readonly message: string;
      readonly fields: Record<string, unknown>;
    }
  | { readonly kind: 'held-back'; readonly resource: string; readonly lines: number }
  | { readonly kind: 'secrets'; readonly values: readonly string[] }
  | { readonly kind: 'loaded'; readonly code: LoadedCode };

/** A collect's reply as it crosses the pipe: the fragments' bodies are the frame's body, one after the other. */
type WireReply = Omit<CollectReply, 'fragments'> & {
  readonly fragments: readonly (Omit<Fragment, 'bodies'> & {
    /** The keys of its encodings with the lengths of their parts. */
    readonly bytes: readonly (readonly [key: string, parts: readonly number[]])[];
  })[];
};

/** What a reply has beside what a collect's has goes with it. */
export function toWire({ fragments, ...rest }: CollectReply): { value: WireReply; bodies: Uint8Array[] } {
  const value = {
    ...rest,
    fragments: fragments.map(({ bodies, ...meta }) => ({
      ...meta,
      bytes: [...bodies].map(([key, parts]): [string, number[]] => [
        key,
        parts.map(({ byteLength }) => byteLength),
      ]),
    })),
  };
  return { value, bodies: fragments.flatMap(({ bodies }) => [...bodies.values()].flat()) };
}

const OUTCOMES: readonly unknown[] = ['ok', 'partial', 'target', 'timeout', 'plugin', 'limit'];

/** @throws if the reply is not what a host sends; nothing of it is to be believed then */
export function fromWire(value: unknown, body: Uint8Array): CollectReply {
  const reply = value as Partial<WireReply> | undefined;
  if (!reply || !OUTCOMES.includes(reply.outcome) || !Array.isArray(reply.fragments)) {
    throw new Error('the reply to a collect has another shape');
  }
  let offset = 0;
  const fragments = reply.fragments.map(
    ({ name, type, help, unit, series, hasLegacyNames, bytes }): Fragment => {
      const typed = typeof name === 'string' && typeof help === 'string' && Object.hasOwn(TEXT_TYPES, type);
      if (!typed || !isCount(series) || !Array.isArray(bytes) || !isUnit(unit)) {
        throw new Error('a fragment has another shape');
      }
      const bodies = new Map<string, Uint8Array[]>();
      for (const [key, lengths] of bytes) {
        if (typeof key !== 'string' || !Array.isArray(lengths))
          throw new Error('a fragment has another shape');
        const parts = lengths.map((length: unknown) => {
          if (!isCount(length) || offset + length > body.byteLength)
            throw new Error('a fragment has another shape');
          offset += length;
          return body.subarray(offset - length, offset);
        });
        bodies.set(key, parts);
      }
      return {
        name,
        type,
        help,
        series,
        hasLegacyNames: hasLegacyNames === true,
        bodies,
        ...(unit !== undefined && { unit }),
      };
    },
  );
  if (offset !== body.byteLength) throw new Error('there are bytes that belong to no fragment');
  return {
    outcome: reply.outcome as CollectReply['outcome'],
    errors: Array.isArray(reply.errors) ? reply.errors.slice(0, 20).map(errorOf) : [],
    dropped: countsOf(reply.dropped),
    fragments,
    ...(Array.isArray(reply.lines) && { lines: reply.lines.slice(0, 200).flatMap(lineOf) }),
  };
}

/** The same for the reply to a replay. */
export function replayFromWire(value: unknown, body: Uint8Array): ReplayReply {
  const { text, report } = (value ?? {}) as Partial<ReplayReply>;
  const isText = Array.isArray(text) && text.every((line) => typeof line === 'string');
  return { ...fromWire(value, body), text: isText ? text : [], report };
}

/** The files of a plugin from a host; `undefined` for what has another shape. */
export function loadedOf(value: unknown): LoadedCode | undefined {
  const { plugin, version, files, isWhole } = (value ?? {}) as Partial<LoadedCode>;
  if (typeof plugin !== 'string' || typeof version !== 'string' || !Array.isArray(files)) return undefined;
  const isFile = (file: unknown): file is [string, string] =>
    Array.isArray(file) && file.length === 2 && file.every((part) => typeof part === 'string');
  const isPath = ([path]: readonly [string, string]) => isAbsolute(path) && !path.includes('\0');
  return { plugin, version, files: files.filter(isFile).filter(isPath), isWhole: isWhole === true };
}

/** What a host says of a configuration. */
export function validatedOf(value: unknown): ValidateReply {
  const reply = value as ValidateReply;
  const { watched } = reply as Partial<ValidateReply>;
  const isPath = (text: unknown) => typeof text === 'string' && !text.includes('\0');
  return { ...reply, watched: Array.isArray(watched) ? watched.filter(isPath) : [] };
}

/** Texts to be masked from a host. */
export const secretsOf = (values: unknown): string[] =>
  Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];

/** An error's data from a host, cut to a size that a log line and a page can hold. */
export function errorOf(value: unknown): ErrorInfo {
  const { code, message, fix, path } = (value ?? {}) as Partial<ErrorInfo>;
  const errorClass = (value as Partial<ErrorInfo> | undefined)?.class;
  return {
    code: String(code ?? 'PLUGIN_FAILED').slice(0, 100),
    class:
      errorClass === 'config' || errorClass === 'target' || errorClass === 'internal' ? errorClass : 'plugin',
    message: String(message ?? 'no message').slice(0, 2000),
    ...(typeof fix === 'string' && { fix: fix.slice(0, 1000) }),
    ...(Array.isArray(path) && {
      path: path.slice(0, 50).map((key) => (typeof key === 'number' ? key : String(key))),
    }),
    ...((value as { on?: unknown })?.on === 'key' && { on: 'key' }),
  };
}

function lineOf(value: unknown): LogLine[] {
  const { level, message, fields } = (value ?? {}) as Partial<LogLine>;
  if (level === undefined || !LEVELS.includes(level)) return [];
  return [{ level, message: boundMessage(message), fields: boundFields(fields) }];
}

const LEVELS: readonly unknown[] = ['debug', 'info', 'warn', 'error'];

const isUnit = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value));

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function countsOf(value: unknown): CollectReply['dropped'] {
  const counts: Record<string, number> = {};
  for (const reason of ['limit', 'invalid', 'duplicate', 'conflict', 'relabel']) {
    const count = (value as Record<string, unknown> | undefined)?.[reason];
    if (isCount(count)) counts[reason] = count;
  }
  return counts;
}
