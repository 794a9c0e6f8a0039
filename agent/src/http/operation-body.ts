import { InformerError, parseDuration } from '@dynamic-informer/sdk';
import { fixForUnknown } from '@dynamic-informer/sdk/host';

/** What the body of a request that does something to a resource says. */
export interface OperationBody {
  readonly reason: string | undefined;
  readonly forMs: number | undefined;
}

const MAX_REASON = 500;
const MAX_FOR_MS = 366 * 86_400_000;

/**
 * Reads the optional body `{"for": "30m", "reason": "…"}`.
 * @throws a config error that says which key is wrong, and how
 */
export function readOperationBody(body: unknown, takesFor: boolean): OperationBody {
  if (body === undefined || body === null) return { reason: undefined, forMs: undefined };
  if (typeof body !== 'object' || Array.isArray(body))
    throw wrong('the body is not an object', 'send {"reason": "…"}');
  const known = takesFor ? ['for', 'reason'] : ['reason'];
  for (const key of Object.keys(body)) {
    if (!known.includes(key)) throw wrong(`unknown key "${key}"`, fixForUnknown(key, known, 'the keys are'));
  }
  const { for: text, reason } = body as { for?: unknown; reason?: unknown };
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > MAX_REASON)) {
    throw wrong('reason is not a text', `write a sentence of at most ${MAX_REASON} characters`);
  }
  return { reason: reason?.trim() || undefined, forMs: text === undefined ? undefined : readFor(text) };
}

function readFor(text: unknown): number {
  if (typeof text !== 'string') throw wrong('for is not a duration', 'write a text such as "30m" or "2h"');
  let ms: number;
  try {
    ms = parseDuration(text);
  } catch (error) {
    const { message, fix } = error as InformerError;
    throw wrong(`for: ${message}`, fix ?? '');
  }
  if (ms <= 0 || ms > MAX_FOR_MS) {
    throw wrong(
      `for: ${text} is not between 1ms and 366d`,
      'leave it out if it shall hold until somebody undoes it',
    );
  }
  return ms;
}

const wrong = (message: string, fix: string) =>
  new InformerError('config', message, { code: 'HTTP_BAD_REQUEST', fix });
