import type { Verdict } from './credentials.ts';
import type { Problem } from './problem.ts';
import type { RefusalReason } from './refusals.ts';

/** How a request is refused. */
export interface Refusal {
  readonly status: 401 | 403 | 414 | 429;
  /** What it is counted and logged as; nothing if it is not worth a line. */
  readonly reason?: RefusalReason;
  readonly problem: Problem;
  readonly headers?: Readonly<Record<string, string>>;
}

export const MAX_URL = 8_192;
const MAX_SHOWN = 100;

const NETWORK_FIX = 'Connect from a network that web.allow names, or add this one to it.';
const HOST_FIX =
  'Add the name to web.hosts if this agent is reached by it. That keeps sites from reaching it through a browser.';
const ORIGIN_FIX =
  "Use the agent's own page. Behind a proxy, pass the Host header on, or add the page's name to web.hosts.";
const TOKEN_FIX = 'Use the command line on the host itself, or send the token of web.admin.token_file.';

export const TOO_LONG: Refusal = {
  status: 414,
  problem: {
    code: 'HTTP_BAD_REQUEST',
    title: 'URL too long',
    detail: `The URL is longer than ${MAX_URL} characters.`,
    fix: 'Name fewer resources.',
  },
};

export const outsideNetwork = (address: string): Refusal =>
  forbidden('network', `${address} is not in web.allow.`, NETWORK_FIX);

/** `host` is what the request says; longer ones are cut. */
export function strangeHost(host: string | undefined): Refusal {
  const shown = host === undefined ? 'No host' : JSON.stringify(host.slice(0, MAX_SHOWN));
  return forbidden('host', `${shown} is not a name of this agent.`, HOST_FIX);
}

export const strangeOrigin = (): Refusal =>
  forbidden('origin', 'The request comes from a page of another site.', ORIGIN_FIX);

const forbidden = (reason: RefusalReason, detail: string, fix: string): Refusal => ({
  status: 403,
  reason,
  problem: { code: 'HTTP_FORBIDDEN', title: 'Forbidden', detail, fix },
});

export const tooMany = (seconds: number, detail: string): Refusal => ({
  status: 429,
  reason: 'rate',
  problem: {
    code: 'HTTP_TOO_MANY',
    title: 'Too many requests',
    detail,
    fix: `Ask again in ${seconds} s.`,
  },
  headers: { 'retry-after': String(seconds) },
});

const unauthorized = (
  detail: string,
  fix: string,
  scheme: 'Basic' | 'Bearer',
  reason?: RefusalReason,
): Refusal => ({
  status: 401,
  ...(reason !== undefined && { reason }),
  problem: { code: 'HTTP_NOT_ALLOWED', title: 'Not allowed', detail, fix },
  headers: { 'www-authenticate': scheme === 'Basic' ? 'Basic realm="informer", charset="UTF-8"' : 'Bearer' },
});

const TRIED_TOO_OFTEN = 'Wrong credentials came too often from this address.';

/** Where everybody has to log in. */
export function notLoggedIn(verdict: Verdict): Refusal {
  const fix = 'Send a user and password of basic_auth_users in the web configuration.';
  switch (verdict.kind) {
    case 'wait':
      return tooMany(verdict.seconds, TRIED_TOO_OFTEN);
    case 'wrong-password':
      return unauthorized('The user or the password is not the right one.', fix, 'Basic', 'basic');
    case 'wrong-token':
      return unauthorized('The token is not the right one.', fix, 'Bearer', 'token');
    default:
      return unauthorized('The request has no credentials that can be used.', fix, 'Basic');
  }
}

/** Where something is to be changed. */
export function notAllowed(verdict: Verdict, tokenFile: string | undefined): Refusal {
  if (verdict.kind === 'wait') return tooMany(verdict.seconds, TRIED_TOO_OFTEN);
  if (tokenFile === undefined) {
    const detail = 'Without web.admin.token_file, changes are accepted on the unix socket only.';
    return unauthorized(detail, TOKEN_FIX, 'Bearer');
  }
  if (verdict.kind === 'unreadable-token') {
    return unauthorized(`The token file ${tokenFile} is empty or can't be read.`, TOKEN_FIX, 'Bearer');
  }
  if (verdict.kind === 'wrong-token') {
    return unauthorized('The token is not the right one.', TOKEN_FIX, 'Bearer', 'token');
  }
  return unauthorized('The request has no "Authorization: Bearer TOKEN".', TOKEN_FIX, 'Bearer');
}
