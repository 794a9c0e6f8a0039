import type { ResponseHead } from '@dynamic-informer/lib-http/exchange';

/** One request of a probe. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly body?: string;
  /** Still at the target that the operator named: what is configured for it, such as credentials, may be sent. */
  readonly atTarget: boolean;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where an answer points, or `undefined` if it is no redirect. */
export function locationOf({ status, headers }: ResponseHead): string | undefined {
  return REDIRECTS.has(status) ? headers.location : undefined;
}

/** The request that a redirect asks for, or `undefined` if it leads out of HTTP. */
export function nextHop(hop: Hop, status: number, location: string): Hop | undefined {
  // Servers send UTF-8, and Node.js reads headers as Latin-1.
  const text = Buffer.from(location, 'latin1').toString('utf8');
  const url = URL.canParse(text, hop.url) ? new URL(text, hop.url) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const atTarget = hop.atTarget && isSameSite(hop.url, url);
  if (status === 307 || status === 308) return { ...hop, url, atTarget };
  return { url, method: hop.method === 'HEAD' ? 'HEAD' : 'GET', atTarget };
}

/** The same origin, or the same host's step from http to https on the usual ports. */
function isSameSite(from: URL, to: URL): boolean {
  const upgrade = from.protocol === 'http:' && to.protocol === 'https:' && from.port === '' && to.port === '';
  return from.origin === to.origin || (upgrade && from.hostname === to.hostname);
}
