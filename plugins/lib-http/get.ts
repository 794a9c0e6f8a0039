import { targetError } from '@dynamic-informer/sdk';
import { exchange, type ResponseHead } from './exchange.ts';
import type { TlsClient } from './tls.ts';
import { authorizationOf, shownUrl } from './url.ts';

export interface GetOptions {
  /** Names in lower case, as `readAuth` gives them. A user in the URL does for `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: TlsClient;
  readonly maxBodyBytes?: number;
  readonly signal: AbortSignal;
}

export interface Answer extends ResponseHead {
  readonly body: Buffer;
}

const MAX_BODY_BYTES = 16 * 2 ** 20;

/** Gets a URL on a connection of its own. Any status is an answer. @throws a target error, or the signal's reason */
export async function get(url: URL, options: GetOptions): Promise<Answer> {
  const { headers = {}, tls = { verify: true }, maxBodyBytes = MAX_BODY_BYTES, signal } = options;
  const authorization = authorizationOf(url);
  const { head, body, failure } = await exchange(
    {
      url,
      method: 'GET',
      headers: { ...(authorization !== undefined && { authorization }), ...headers },
      tls,
      maxBodyBytes,
      keepBody: true,
    },
    signal,
  );
  signal.throwIfAborted();
  if (failure || !head || !body) {
    throw targetError(`${shownUrl(url.href)}: ${failure?.message ?? 'there is no answer'}.`);
  }
  return { ...head, body: body.content };
}

/** Gets a JSON document. @throws a target error for any status but 2xx, and for a body that is not JSON */
export async function getJson(url: URL, options: GetOptions): Promise<unknown> {
  const { status, body } = await get(url, {
    ...options,
    headers: { accept: 'application/json', ...options.headers },
  });
  const shown = shownUrl(url.href);
  if (status < 200 || status > 299) {
    const refused = status === 401 || status === 403;
    throw targetError(
      `${shown} answered HTTP ${status}.`,
      refused ? { fix: 'Check the user, the password or the token.' } : {},
    );
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw targetError(`${shown} answered something that is not JSON.`, {
      fix: 'Check that the URL is the one of the API.',
    });
  }
}
