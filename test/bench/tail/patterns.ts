import type { LogLine } from './log.ts';

/** A metric as file-tail's configuration has it; what a value or a label is called is a group of the pattern. */
export interface TailMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly value?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly buckets?: readonly number[];
}

export interface TailPattern {
  /**
   * An expression that means the same in JavaScript and in RE2, but for how a group is given its name. What could be a
   * number, as `[0-9.]+`, is one to mtail: as a label it makes `2` of `2.0`.
   */
  readonly match: string;
  readonly metrics: readonly TailMetric[];
}

/** A pattern, and what its groups hold (texts or numbers by name) by what the writer of a line knows; nothing where it is not to match. */
export interface KnownPattern extends TailPattern {
  capturesOf(line: LogLine): object | undefined;
}

/** file-tail's configuration of the patterns, as JSON is YAML too. */
export const informerPatterns = (patterns: readonly TailPattern[]): string =>
  JSON.stringify(patterns.map(({ match, metrics }) => ({ match, metrics })));

/** The same as a program of mtail's. */
export function mtailProgram(patterns: readonly TailPattern[]): string {
  const declared = patterns.flatMap(({ metrics }) => metrics.map(declaration));
  return [...declared, ...patterns.map(block), ''].join('\n');
}

function declaration({ name, type, labels = {}, buckets }: TailMetric): string {
  const by = Object.keys(labels).length > 0 ? ` by ${Object.keys(labels).join(', ')}` : '';
  return `${type} ${name}${by}${buckets ? ` buckets ${buckets.join(', ')}` : ''}`;
}

function block({ match, metrics }: TailPattern): string {
  const expression = match.replaceAll('(?<', '(?P<').replaceAll('/', '\\/');
  const actions = metrics.map(({ name, type, value, labels = {} }) => {
    const keys = Object.values(labels).map((group) => `[$${group}]`);
    const target = `${name}${keys.join('')}`;
    if (value === undefined) return `  ${target}++\n`;
    return `  ${target} ${type === 'counter' ? '+=' : '='} $${value}\n`;
  });
  return `/${expression}/ {\n${actions.join('')}}`;
}

const count = (name: string, ...labels: readonly string[]): TailMetric => ({
  name,
  type: 'counter',
  labels: Object.fromEntries(labels.map((label) => [label, label])),
});

const sum = (name: string, value: string, ...labels: readonly string[]): TailMetric => ({
  ...count(name, ...labels),
  value,
});

/** One after the other takes more of these: 1, 5, 20. The first is that of mtail's own example for this format. */
export const PATTERNS: readonly KnownPattern[] = [
  {
    match:
      '^(?<client>[0-9A-Za-z.:-]+) (?<logname>[0-9A-Za-z-]+) (?<user>[0-9A-Za-z-]+) ' +
      '\\[(?<time>\\d{2}/\\w{3}/\\d{4}:\\d{2}:\\d{2}:\\d{2} [+-]\\d{4})\\] ' +
      '"(?<method>[A-Z]+) (?<path>\\S+) (?<protocol>HTTP/[0-9.]+)" (?<status>\\d{3}) (?<bytes>\\d+) ' +
      '"(?<referer>\\S+)" "(?<agent>[^"]+)"$',
    metrics: [count('http_requests_total', 'method', 'status'), sum('http_response_bytes_total', 'bytes')],
    capturesOf: ({ request }) => request,
  },
  {
    match: '"(?<method>GET|POST) \\S+ HTTP/[0-9.]+" 200 (?<bytes>[1-9]\\d*) ',
    metrics: [
      {
        name: 'http_body_bytes',
        type: 'histogram',
        value: 'bytes',
        labels: { method: 'method' },
        buckets: [100, 1_000, 10_000, 100_000, 1_000_000],
      },
    ],
    capturesOf: ({ request }) => {
      const isOne = request?.status === 200 && request.bytes > 0 && ['GET', 'POST'].includes(request.method);
      return isOne ? request : undefined;
    },
  },
  {
    match: '" (?<status>5\\d\\d) \\d+ "',
    metrics: [count('http_server_errors_total', 'status')],
    capturesOf: ({ request }) => (request && request.status >= 500 ? request : undefined),
  },
  {
    match: '"[A-Z]+ /api/(?<version>v\\d)/(?<endpoint>[a-z]+)',
    metrics: [count('api_requests_total', 'version', 'endpoint')],
    capturesOf: ({ request }) => request?.api,
  },
  {
    match: '^\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[(?<level>[a-z]+)\\]',
    metrics: [count('error_log_lines_total', 'level')],
    capturesOf: ({ error }) => error,
  },
  {
    match: '(?<bot>Googlebot|bingbot|AhrefsBot)/(?<version>\\d)',
    metrics: [count('bot_requests_total', 'bot', 'version')],
    capturesOf: ({ request }) => request?.bot,
  },
  {
    match: '"GET /static/\\S+\\.(?<extension>css|js|png|woff2) HTTP',
    metrics: [count('static_requests_total', 'extension')],
    capturesOf: ({ request }) => (request?.method === 'GET' ? request.static : undefined),
  },
  {
    match: '"POST /login HTTP/[0-9.]+" (?<status>\\d{3})',
    metrics: [count('logins_total', 'status')],
    capturesOf: ({ request }) =>
      request?.path === '/login' && request.method === 'POST' ? request : undefined,
  },
  {
    match: '"GET /search\\?q=(?<query>\\S*) HTTP',
    metrics: [count('searches_total')],
    capturesOf: ({ request }) =>
      request?.path.startsWith('/search?') && request.method === 'GET' ? request : undefined,
  },
  {
    match: '"(?<method>[A-Z]+) (?<path>\\S+) HTTP/[0-9.]+" 404 ',
    metrics: [count('not_found_total', 'method')],
    capturesOf: ({ request }) => (request?.status === 404 ? request : undefined),
  },
  {
    match: ' (?<protocol>HTTP/[0-9.]+)" \\d{3} (?<bytes>\\d+)',
    metrics: [count('protocol_requests_total', 'protocol'), sum('protocol_bytes_total', 'bytes', 'protocol')],
    capturesOf: ({ request }) => request,
  },
  {
    match: ' "https?://(?<site>[a-z.]+)/[^"]*" "Mozilla',
    metrics: [count('referred_requests_total', 'site')],
    capturesOf: ({ request }) => (request?.agent.startsWith('Mozilla') ? request.referred : undefined),
  },
  {
    match: '^\\S+ - (?<user>[a-z]+) \\[',
    metrics: [count('user_requests_total', 'user')],
    capturesOf: ({ request }) => (request?.user === '-' ? undefined : request),
  },
  {
    match: '" 200 (?<bytes>\\d{7,}) "',
    metrics: [count('large_responses_total'), sum('large_response_bytes_total', 'bytes')],
    capturesOf: ({ request }) =>
      request?.status === 200 && request.bytes >= 1_000_000 ? request : undefined,
  },
  {
    match: '"POST /checkout/(?<step>cart|address|payment) HTTP/[0-9.]+" (?<status>\\d{3})',
    metrics: [count('checkouts_total', 'step', 'status')],
    capturesOf: ({ request }) =>
      request?.checkout && request.method === 'POST'
        ? { ...request.checkout, status: request.status }
        : undefined,
  },
  {
    match: '^10\\.\\d+\\.\\d+\\.\\d+ - (?<user>\\S+) \\[',
    metrics: [count('internal_requests_total', 'user')],
    capturesOf: ({ request }) => (request?.internal ? request : undefined),
  },
  {
    match: '\\((?<device>iPhone|iPad|Linux; Android \\d+)',
    metrics: [count('mobile_requests_total', 'device')],
    capturesOf: ({ request }) => request?.mobile,
  },
  {
    match: 'upstream timed out \\((?<errno>\\d+): [A-Za-z ]+\\) while (?<doing>[a-z ]+),',
    metrics: [count('upstream_timeouts_total', 'errno', 'doing')],
    capturesOf: ({ error }) => error?.timeout,
  },
  {
    match: '" (?<status>30[1278]) \\d+ "',
    metrics: [count('redirects_total', 'status')],
    capturesOf: ({ request }) =>
      request && [301, 302, 307, 308].includes(request.status) ? request : undefined,
  },
  {
    match: '"(?:GET|HEAD) /healthz HTTP/1\\.1" 200 \\d+ "-" "(?<checker>[A-Za-z-]+)/',
    metrics: [count('health_checks_total', 'checker')],
    capturesOf: ({ request }) => request?.check,
  },
];

export const MARKER = 'bench_marker';

/** Five patterns, one of which is for lines that are looked for among the others. */
export const FOLLOWED: readonly KnownPattern[] = [
  ...PATTERNS.slice(0, 4),
  {
    match: '^marker (?<marker>\\d+)$',
    metrics: [{ name: MARKER, type: 'gauge', value: 'marker' }],
    capturesOf: ({ marker }) => (marker === undefined ? undefined : { marker }),
  },
];
