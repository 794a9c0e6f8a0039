import type { ConfigProblem } from '@dynamic-informer/sdk';

/** Where a server is and who asks it, from a URL and the keys beside it. */
export interface Address {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly username?: string;
  readonly password?: string;
  /** The URL without user, password and query: for messages. */
  readonly place: string;
}

interface AddressConfig {
  url: string;
  tls?: object;
  username?: string;
  password?: string;
}

/** Reads a URL that `addressProblems` found right. */
export function addressOf(config: AddressConfig, ports: Readonly<Record<string, number>>): Address {
  const url = new URL(config.url);
  const scheme = url.protocol.slice(0, -1);
  const username = config.username ?? decode(url.username);
  const password = config.password ?? decode(url.password);
  const bracketless = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (ports[scheme] ?? 0) : Number(url.port);
  const at = bracketless === '' ? '' : `${url.hostname}:${port}`;
  return {
    scheme,
    host: bracketless,
    port,
    path: decode(url.pathname) ?? '',
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    place: `${scheme}://${at}${url.pathname === '/' ? '' : url.pathname}`,
  };
}

const SECURE: ReadonlySet<string> = new Set(['rediss:', 'amqps:', 'https:']);

/** Never shows the URL: it may hold a password. */
export function* addressProblems(
  config: AddressConfig,
  ports: Readonly<Record<string, number>>,
  example: string,
): Iterable<ConfigProblem> {
  const schemes = Object.keys(ports).map((scheme) => `${scheme}://`);
  const url = URL.canParse(config.url) ? new URL(config.url) : undefined;
  if (!url || ports[url.protocol.slice(0, -1)] === undefined) {
    const fix = `Write a URL that begins with ${schemes.join(' or ')}, such as ${example}.`;
    const message = url ? `"${url.protocol}//" is not a scheme of this broker` : 'is not a URL';
    yield { path: ['url'], message, fix };
    return;
  }
  if (url.host === '' && url.protocol !== 'unix:') {
    yield { path: ['url'], message: 'names no host', fix: `Write a URL such as ${example}.` };
  }
  if (!decodable(url.username) || !decodable(url.password) || !decodable(url.pathname)) {
    yield { path: ['url'], message: 'holds a % that is not an escape', fix: 'Write a % itself as %25.' };
  }
  if (config.tls !== undefined && !SECURE.has(url.protocol)) {
    const secure = schemes.filter((scheme) => SECURE.has(scheme.slice(0, -2))).join(' or ');
    yield {
      path: ['tls'],
      message: `"${url.protocol}//" is without TLS`,
      fix: `Write ${secure} in url, or remove tls.`,
    };
  }
  for (const key of ['username', 'password'] as const) {
    if (config[key] !== undefined && url[key] !== '') {
      yield { path: [key], message: `${key} is given here and in url`, fix: 'Give it in one place.' };
    }
  }
}

function decode(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text);
}

function decodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
