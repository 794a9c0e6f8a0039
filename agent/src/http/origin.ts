import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** The name in a `Host` header, in lower case and without its port; nothing if it is none. */
export function hostName(host: string | undefined): string | undefined {
  const [, ipv6, name] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]\\]+))(?::\d{1,5})?$/i.exec(host ?? '') ?? [];
  return (ipv6 ?? name)?.toLowerCase().replace(/\.$/, '');
}

/**
 * Whether a request can't be one that a browser was led to by another site's name. An address names nobody else, so
 * it may always be used; a name may, if it is one of the agent's. `names` may begin with `*.`.
 */
export function isOwnHost(host: string | undefined, names: Iterable<string>): boolean {
  const name = hostName(host);
  if (name === undefined) return false;
  if (isIP(name) !== 0) return true;
  for (const own of names) {
    if (own === name) return true;
    if (own.startsWith('*.') && name.slice(name.indexOf('.')) === own.slice(1)) return true;
  }
  return false;
}

/**
 * Whether a request that changes something comes from a page of this agent, or from no page at all. Behind a proxy
 * that sends another `Host`, the page is at one of `hosts`.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders, hosts: Iterable<string>): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin, host } = headers;
  if (origin === undefined) return true;
  try {
    const from = new URL(origin);
    const isSame = host !== undefined && new URL(`${from.protocol}//${host}`).host === from.host;
    return from.host !== '' && (isSame || [...hosts].includes(from.hostname));
  } catch {
    return false;
  }
}
