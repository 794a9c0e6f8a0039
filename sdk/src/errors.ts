/**
 * Who has to act on an error. `config`: the operator, it is not retried until the configuration changes.
 * `target`: the world, it is retried at the next turn. `plugin`: the plugin's author. `internal`: us.
 */
export type ErrorClass = 'config' | 'target' | 'plugin' | 'internal';

/** What crosses boundaries (pipe, log, API): plain data, matched by `code`. */
export interface ErrorInfo {
  readonly code: string;
  readonly class: ErrorClass;
  readonly message: string;
  readonly fix?: string;
  /** Where in the resource's `config` the error lies, from the outside in. */
  readonly path?: readonly (string | number)[];
}

/**
 * What an error can say beside its message. `code` is `CONFIG_INVALID`, `TARGET_FAILED`, `PLUGIN_FAILED` or `INTERNAL_FAILED`
 * without one; `fix` is what to do, `path` the keys from `config` inwards, `cause` what was thrown before.
 */
export interface ErrorOptions {
  code?: string;
  fix?: string;
  path?: readonly (string | number)[];
  cause?: unknown;
}

/**
 * An error that says who has to act on it. Throw it, or hand it to `context.error`; match on its `code`, never
 * by `instanceof`.
 */
export class InformerError extends Error implements ErrorInfo {
  override readonly name = 'InformerError';
  readonly code: string;
  readonly class: ErrorClass;
  readonly fix?: string;
  readonly path?: readonly (string | number)[];

  constructor(errorClass: ErrorClass, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.class = errorClass;
    this.code = options.code ?? DEFAULT_CODES[errorClass];
    if (options.fix !== undefined) this.fix = options.fix;
    if (options.path !== undefined) this.path = options.path;
  }
}

const DEFAULT_CODES: Record<ErrorClass, string> = {
  config: 'CONFIG_INVALID',
  target: 'TARGET_FAILED',
  plugin: 'PLUGIN_FAILED',
  internal: 'INTERNAL_FAILED',
};

/** The operator's configuration is wrong in a way that the schema can't say. */
export function configError(message: string, options?: ErrorOptions): InformerError {
  return new InformerError('config', message, options);
}

/** The thing that is watched did not answer, or not as it should. */
export function targetError(message: string, options?: ErrorOptions): InformerError {
  return new InformerError('target', message, options);
}

/** The plugin itself is at fault. */
export function pluginError(message: string, options?: ErrorOptions): InformerError {
  return new InformerError('plugin', message, options);
}

const CLASSES: readonly string[] = ['config', 'target', 'plugin', 'internal'];

/**
 * Codes of Node.js and undici that say that a peer, the network or a file of the world failed, not the
 * code that asked.
 */
const TARGET_CODES =
  /^(E(CONN|HOST|NET|ADDR|TIMEDOUT|AI_|PIPE|NOTFOUND|PROTO|ACCES|PERM|NOENT|NOTDIR|ISDIR|MFILE|IO|BUSY|STALE)\w*|UND_ERR_\w+|ERR_(TLS|SSL|HTTP2?|SOCKET|STREAM)\w*|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|HPE_\w+)$/;

/** How much of an error is handed on: it has to fit on a log line and a page, and through a pipe, whatever was thrown. */
const MAX_MESSAGE_LENGTH = 2000;
const MAX_FIX_LENGTH = 1000;
const MAX_PATH_LENGTH = 50;
const MAX_KEY_LENGTH = 200;

/** Reads any thrown value as an error's data, by structure: classes do not survive a boundary. */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  try {
    return bounded(describeThrown(thrown));
  } catch {
    return { code: 'PLUGIN_FAILED', class: 'plugin', message: 'An error was thrown that can not be read.' };
  }
}

function bounded({ code, class: errorClass, message, fix, path }: ErrorInfo): ErrorInfo {
  return {
    code: code.slice(0, MAX_KEY_LENGTH),
    class: errorClass,
    message: cut(message, MAX_MESSAGE_LENGTH),
    ...(fix !== undefined && { fix: cut(fix, MAX_FIX_LENGTH) }),
    ...(path !== undefined && {
      path: path
        .slice(0, MAX_PATH_LENGTH)
        .map((key) => (typeof key === 'string' ? key.slice(0, MAX_KEY_LENGTH) : key)),
    }),
  };
}

/** Ends in "…" where something is left out: what masks secrets then knows that the last one may not be whole. */
const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

function describeThrown(thrown: unknown): ErrorInfo {
  if (typeof thrown !== 'object' || thrown === null) {
    return { code: 'PLUGIN_FAILED', class: 'plugin', message: `Thrown: ${String(thrown)}` };
  }
  const { code, message, fix, path } = thrown as Partial<ErrorInfo>;
  const errorClass = (thrown as { class?: unknown }).class;
  const text = typeof message === 'string' && message !== '' ? message : String(code ?? thrown);
  if (typeof errorClass === 'string' && CLASSES.includes(errorClass) && typeof code === 'string') {
    return {
      code,
      class: errorClass as ErrorClass,
      message: text,
      ...(typeof fix === 'string' && { fix }),
      ...(Array.isArray(path) && { path: path.map((key) => (typeof key === 'number' ? key : String(key))) }),
    };
  }
  const root = rootOf(thrown);
  if (isTargets(root.error)) {
    const detail = root.error === thrown ? text : `${text}: ${root.message}`;
    return { code: 'TARGET_FAILED', class: 'target', message: detail };
  }
  return { code: 'PLUGIN_FAILED', class: 'plugin', message: text };
}

/** The parser of `fetch` gives no code to an answer that is not HTTP, only its name. */
function isTargets(error: object): boolean {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return (typeof code === 'string' && TARGET_CODES.test(code)) || name === 'HTTPParserError';
}

/** The innermost cause that carries a system's code: `fetch failed` alone says nothing. */
function rootOf(thrown: object): { error: object; message: string } {
  let error = thrown;
  for (let depth = 0; depth < 8; depth++) {
    const { cause, errors } = error as { cause?: unknown; errors?: unknown };
    const inner: unknown = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
    if (typeof inner !== 'object' || inner === null) break;
    error = inner;
  }
  const { code, message } = error as { code?: unknown; message?: unknown };
  return { error, message: typeof message === 'string' && message !== '' ? message : String(code) };
}
