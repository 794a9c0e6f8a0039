// A combined access log with what an error log brings in between: the same lines every time.

export interface Request {
  readonly client: string;
  readonly user: string;
  readonly method: string;
  readonly path: string;
  /** HTTP/1.1, say. */
  readonly protocol: string;
  readonly status: number;
  readonly bytes: number;
  readonly referer: string;
  readonly agent: string;
  readonly internal: boolean;
  // What is known of a part of it, under the names of those that ask.
  readonly api: { readonly version: string; readonly endpoint: string } | undefined;
  readonly static: { readonly extension: string } | undefined;
  readonly checkout: { readonly step: string } | undefined;
  readonly referred: { readonly site: string } | undefined;
  readonly bot: { readonly bot: string; readonly version: number } | undefined;
  readonly mobile: { readonly device: string } | undefined;
  readonly check: { readonly checker: string } | undefined;
}

export interface LoggedError {
  readonly level: string;
  readonly timeout: { readonly errno: number; readonly doing: string } | undefined;
}

/** A line's text, and what it says: one of the three. */
export interface LogLine {
  readonly text: string;
  readonly request: Request | undefined;
  readonly error: LoggedError | undefined;
  /** The number of a line that is looked for among the others. */
  readonly marker?: number;
}

/** Lines without an end; the same seed gives the same. */
export class LogWriter {
  readonly #random: () => number;
  #seconds = 0;

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
  }

  next(): LogLine {
    if (this.#below(400) === 0) this.#seconds++;
    return this.#below(100) === 0 ? this.#error() : this.#request();
  }

  #request(): LogLine {
    const random = this.#below(1000);
    const target = this.#target(random);
    const browser = target.agent ?? this.#of(random % 10 === 0 ? BOTS : BROWSERS);
    const internal = target.path === '/healthz' || this.#below(20) === 0;
    const first = internal ? '10' : String(11 + this.#below(180));
    const network = `${first}.${this.#below(internal ? 6 : 250)}`;
    const status = this.#status(target);
    const site = target.agent === undefined && this.#below(3) > 0 ? this.#of(SITES) : undefined;
    const request: Request = {
      client: `${network}.${this.#below(256)}.${this.#below(256)}`,
      user: this.#below(20) === 0 ? this.#of(USERS) : '-',
      method: target.method,
      path: target.path,
      protocol: target.agent === undefined && this.#below(5) > 0 ? 'HTTP/2.0' : 'HTTP/1.1',
      status,
      bytes: this.#bytes(status, target.method),
      referer: site === undefined ? '-' : `https://${site}/${this.#of(PAGES)}`,
      agent: browser.text,
      api: target.api,
      static: target.extension === undefined ? undefined : { extension: target.extension },
      checkout: target.step === undefined ? undefined : { step: target.step },
      referred: site === undefined ? undefined : { site },
      internal,
      bot: browser.bot,
      mobile: browser.mobile,
      check: target.agent !== undefined && status === 200 ? browser.check : undefined,
    };
    return { text: this.#combined(request), request, error: undefined };
  }

  /** As nginx writes it. */
  #combined({ client, user, method, path, protocol, status, bytes, referer, agent }: Request): string {
    const day = `0${1 + (Math.floor(this.#seconds / 86_400) % 9)}`;
    const request = `${method} ${path} ${protocol}`;
    return `${client} - ${user} [${day}/Mar/2026:${timeOfDay(this.#seconds)} +0000] "${request}" ${status} ${bytes} "${referer}" "${agent}"`;
  }

  #target(random: number): Target {
    if (random < 20) return this.#of(CHECKS);
    if (random < 320) {
      const api = { version: `v${1 + this.#below(3)}`, endpoint: this.#of(ENDPOINTS) };
      const path = `/api/${api.version}/${api.endpoint}/${100_000 + this.#below(900_000)}?trace=${this.#hex()}`;
      return { method: this.#of(METHODS), path, api };
    }
    if (random < 620) {
      const extension = this.#of(EXTENSIONS);
      return { method: 'GET', path: `/static/${this.#hex()}/${this.#of(PAGES)}.${extension}`, extension };
    }
    if (random < 640) return { method: 'POST', path: '/login' };
    if (random < 690)
      return { method: 'GET', path: `/search?q=${this.#of(PAGES)}+${this.#hex()}&page=${this.#below(9)}` };
    if (random < 710) {
      const step = this.#of(STEPS);
      return { method: 'POST', path: `/checkout/${step}`, step };
    }
    return {
      method: random < 720 ? 'HEAD' : 'GET',
      path: `/products/${this.#of(PAGES)}-${this.#below(20_000)}`,
    };
  }

  #status({ method }: Target): number {
    const random = this.#below(1000);
    if (random < 850) return method === 'POST' && random < 300 ? 201 : 200;
    return this.#of(RARE_STATUSES);
  }

  #bytes(status: number, method: string): number {
    if (status === 304 || status === 204 || method === 'HEAD') return 0;
    // As many between 100 and 1,000 as between 1,000 and 10,000, and so on to 3 million.
    return Math.floor(10 ** (2 + this.#random() * 4.5));
  }

  #error(): LogLine {
    const level = this.#of(LEVELS);
    const [text, timeout] = this.#of(FAULTS);
    const at = `2026/03/0${1 + (Math.floor(this.#seconds / 86_400) % 9)} ${timeOfDay(this.#seconds)}`;
    const where = `client: 10.0.${this.#below(256)}.7, server: shop.example, upstream: "http://10.1.0.${this.#below(9)}:8080/"`;
    const number = 1_000 + this.#below(9_000);
    return {
      text: `${at} [${level}] ${number}#0: *${number * 7} ${text}, ${where}, host: "shop.example"`,
      request: undefined,
      error: { level, timeout },
    };
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #of<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }

  #hex(): string {
    return this.#below(0xffff_ffff).toString(16).padStart(8, '0');
  }
}

interface Target extends Partial<Pick<Request, 'api'>> {
  readonly method: string;
  readonly path: string;
  readonly extension?: string;
  readonly step?: string;
  readonly agent?: Agent;
}

interface Agent extends Partial<Pick<Request, 'bot' | 'mobile' | 'check'>> {
  readonly text: string;
}

const METHODS = ['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE'];
const ENDPOINTS = ['orders', 'products', 'prices', 'customers', 'stock', 'reviews'];
const EXTENSIONS = ['css', 'js', 'js', 'png', 'png', 'woff2'];
const PAGES = ['summer-sale', 'shoes', 'coats-and-jackets', 'gift-cards', 'about-us', 'new-in', 'outlet'];
const STEPS = ['cart', 'address', 'payment'];
const SITES = ['shop.example', 'shop.example', 'www.search.example', 'news.example', 'social.example'];
const USERS = ['alice', 'bob', 'carol', 'dave'];
const RARE_STATUSES = [
  204, 301, 302, 304, 304, 304, 307, 308, 400, 401, 403, 404, 404, 404, 429, 500, 502, 503,
];
const LEVELS = ['error', 'error', 'error', 'warn', 'crit', 'notice'];
const TIMED_OUT = 'upstream timed out (110: Connection timed out) while';
const FAULTS: readonly (readonly [text: string, timeout: LoggedError['timeout']])[] = [
  [
    `${TIMED_OUT} reading response header from upstream`,
    { errno: 110, doing: 'reading response header from upstream' },
  ],
  [`${TIMED_OUT} connecting to upstream`, { errno: 110, doing: 'connecting to upstream' }],
  ['open() "/srv/www/favicon.ico" failed (2: No such file or directory)', undefined],
  [
    'a client request body is buffered to a temporary file /var/cache/nginx/client_temp/0000000017',
    undefined,
  ],
  ['connect() failed (111: Connection refused) while connecting to upstream', undefined],
];

const chrome = (system: string, version: number): string =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;
const safari = (device: string): string =>
  `Mozilla/5.0 (${device}; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1`;
const android = (version: number): Agent => ({
  text: chrome(`Linux; Android ${version}; Pixel ${version - 6}`, 120 + version),
  mobile: { device: `Linux; Android ${version}` },
});
const BROWSERS: readonly Agent[] = [
  ...[121, 122, 123, 124].map((version) => ({ text: chrome('Windows NT 10.0; Win64; x64', version) })),
  ...[122, 124].map((version) => ({ text: chrome('Macintosh; Intel Mac OS X 10_15_7', version) })),
  { text: chrome('X11; Linux x86_64', 124) },
  ...[115, 118, 119, 121, 123, 124].map((version) => ({
    text: `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`,
  })),
  { text: safari('iPhone'), mobile: { device: 'iPhone' } },
  { text: safari('iPad'), mobile: { device: 'iPad' } },
  android(12),
  android(13),
  android(14),
];
const BOTS: readonly Agent[] = [
  {
    text: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    bot: { bot: 'Googlebot', version: 2 },
  },
  {
    text: 'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
    bot: { bot: 'bingbot', version: 2 },
  },
  {
    text: 'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
    bot: { bot: 'AhrefsBot', version: 7 },
  },
  { text: 'curl/8.5.0' },
  { text: 'python-requests/2.31.0' },
];
const CHECKS: readonly Target[] = [
  {
    method: 'GET',
    path: '/healthz',
    agent: { text: 'kube-probe/1.29', check: { checker: 'kube-probe' } },
  },
  {
    method: 'HEAD',
    path: '/healthz',
    agent: { text: 'HealthChecker/2.0', check: { checker: 'HealthChecker' } },
  },
];

const two = (number: number): string => String(number).padStart(2, '0');
const timeOfDay = (seconds: number): string =>
  `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;

/** Mulberry32: from 0 to below 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
