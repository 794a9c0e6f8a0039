interface Cookie {
  readonly value: string;
  readonly secure: boolean;
}

/**
 * Cookies that redirects set, for the rest of one probe: without them, a server that checks whether cookies
 * work redirects for ever. They go back to exactly the host that set them, to all of its paths.
 */
export class Cookies {
  readonly #byHost = new Map<string, Map<string, Cookie>>();

  keep(url: URL, lines: readonly string[]): void {
    for (const line of lines) {
      const [, name, value] = /^\s*([^=;\s]+)\s*=\s*([^;]*?)\s*(?:;|$)/.exec(line) ?? [];
      if (name === undefined || value === undefined) continue;
      const cookies = this.#byHost.get(url.hostname) ?? new Map<string, Cookie>();
      this.#byHost.set(url.hostname, cookies);
      if (isGone(line)) cookies.delete(name);
      else cookies.set(name, { value, secure: /;\s*secure\s*(;|$)/i.test(line) });
    }
  }

  /** The headers, with those cookies that the URL's server is to see beside what the headers say already. */
  addTo(headers: Record<string, string>, url: URL): Record<string, string> {
    const cookies = [...(this.#byHost.get(url.hostname) ?? [])]
      .filter(([, { secure }]) => !secure || url.protocol === 'https:')
      .map(([name, { value }]) => `${name}=${value}`);
    if (cookies.length === 0) return headers;
    const own = headers.cookie === undefined ? [] : [headers.cookie];
    return { ...headers, cookie: [...own, ...cookies].join('; ') };
  }
}

/** Servers delete a cookie by letting it expire. */
function isGone(line: string): boolean {
  const [, maxAge] = /;\s*max-age\s*=\s*(-?\d+)/i.exec(line) ?? [];
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const [, expires] = /;\s*expires\s*=\s*([^;]+)/i.exec(line) ?? [];
  return expires !== undefined && Date.parse(expires) <= Date.now();
}
