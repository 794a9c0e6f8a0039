/** The URL as a label or a message may show it: without user and password. Text that has neither stays as it is. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return text.replace(/\/\/[^/?#]*@/, '//');
  const url = new URL(text);
  if (url.username === '' && url.password === '') return text;
  url.username = '';
  url.password = '';
  return url.href;
}

/** The host to look up and connect to: an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** `Authorization` for the user and password that a URL holds; `undefined` if it holds none. */
export function authorizationOf(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  return basicAuthorization(decode(url.username), decode(url.password));
}

export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A percent sign that begins no escape stands for itself, as browsers have it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
