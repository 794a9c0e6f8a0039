import type { PatternConfig } from '../config.ts';
import type { Field, Format } from './format.ts';
import { type Derived, RegexExtractor } from './regex-extractor.ts';

/** What stands between quotes, where a quote and a backslash are written with a backslash before them. */
const QUOTED = String.raw`[^"\\]*(?:\\.[^"\\]*)*`;

/**
 * User names may have spaces and brackets in them, so the time is the first thing in brackets that a quote follows. Requests need
 * not be HTTP: what a TLS client sends to a port without TLS is logged as `\x16\x03\x01`.
 */
const HEAD =
  String.raw`^(?<client>[^ ]+) (?<ident>[^ ]+) (?<user>.*?) \[(?<time>[^ [\]]+(?: [^ [\]]+)?)\] ` +
  String.raw`"(?<request>(?:(?<method>[A-Z-]+) )?${QUOTED})" (?<status>\d{3}) (?:(?<bytes>\d+)|-)`;

/** What only lines of `combined` have; a line that was cut in it is one all the same. */
const REFERER_BEGINS = `${HEAD} "`;
const TAIL = `(?:(?<referer>${QUOTED})"(?: "(?<user_agent>${QUOTED})"(?: (?<extra>.*))?)?)?`;
const TAIL_FIELDS = ['referer', 'user_agent', 'extra'];

const dashIsNone = (from: string): Derived => ({
  from,
  read: (text) => (text === '-' ? undefined : text),
});

const DERIVED: Readonly<Record<string, Derived>> = {
  ident: dashIsNone('ident'),
  user: dashIsNone('user'),
  referer: dashIsNone('referer'),
  user_agent: dashIsNone('user_agent'),
  path: { from: 'request', read: pathOf },
  protocol: { from: 'request', read: protocolOf },
};

const PROTOCOL = ' HTTP/';

/** The target without its query, which often holds what should not be told. */
function pathOf(request: string): string | undefined {
  const start = request.indexOf(' ') + 1;
  const end = request.lastIndexOf(PROTOCOL);
  if (start === 0 || end < start) return undefined;
  const query = request.indexOf('?', start);
  return request.slice(start, query >= 0 && query < end ? query : end);
}

function protocolOf(request: string): string | undefined {
  const at = request.lastIndexOf(PROTOCOL);
  return at < 0 ? undefined : request.slice(at + 1);
}

/** nginx writes its `$request_time` so; a whole number can be Apache's `%D` (microseconds) as well as its `%T` (seconds). */
const SECONDS = /^\d+\.\d+$/;

const secondsOf = (text: string): string | undefined => (SECONDS.test(text) ? text : undefined);

/**
 * What a line ends with, if that is seconds and comes behind a quote. Looked for from the end, since reading up to there takes longer
 * than all the rest.
 */
function secondsAtEnd(line: string): string | undefined {
  const last = line.charCodeAt(line.length - 1);
  if (last < ZERO || last > NINE) return undefined;
  const space = line.lastIndexOf(' ');
  return line.charCodeAt(space - 1) === QUOTE ? secondsOf(line.slice(space + 1)) : undefined;
}

const ZERO = 48;
const NINE = 57;
const QUOTE = 34;

const FIELDS: readonly Field[] = [
  { name: 'client', description: 'Address or name of the client.' },
  { name: 'ident', description: "The client's user as RFC 1413 tells it, which hardly anybody writes." },
  { name: 'user', description: 'User name of the authentication.' },
  { name: 'time', description: 'When, as `10/Oct/2025:13:55:36 +0000`.' },
  {
    name: 'request',
    description: 'The first line of the request; of one that is not HTTP what came in its place.',
  },
  { name: 'method', description: 'Its first word, if that is in capital letters.' },
  { name: 'path', description: 'The target of the request without its query.' },
  { name: 'protocol', description: 'Such as `HTTP/1.1`.' },
  { name: 'status', description: 'Status code of the answer.' },
  { name: 'bytes', description: 'Bytes of the answer, as a rule of its body alone.' },
];
const BEHIND: readonly Field[] = [
  { name: 'extra', description: 'All that stands behind the last field.' },
  {
    name: 'request_time',
    description:
      'Seconds, if all that stands behind is a number with a decimal point, as `$request_time` of nginx; behind further quotes too.',
  },
];

/** The names that OpenTelemetry's conventions know; a client can send any other. */
const METHODS = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'];
const METHOD = {
  group: 'method',
  map: Object.fromEntries(METHODS.map((method) => [method, method])),
  default: 'other',
};

const metrics: PatternConfig['metrics'] = [
  {
    name: 'http_server_requests_total',
    type: 'counter',
    help: 'Requests answered, by method and status code.',
    labels: { http_request_method: METHOD, http_response_status_code: 'status' },
  },
  {
    name: 'http_server_response_body_size_bytes',
    type: 'histogram',
    help: 'Size of the answers as the log has it, as a rule without their headers.',
    value: 'bytes',
    buckets: [100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8],
  },
  {
    name: 'http_server_request_duration_seconds',
    type: 'histogram',
    help: 'Time to answer a request, of lines that tell it.',
    value: 'request_time',
    labels: { http_request_method: METHOD },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  {
    name: 'http_server_last_request_timestamp_seconds',
    type: 'gauge',
    help: 'When the last request of the log was, in Unix seconds.',
    value: 'time',
    unit: 'timestamp',
  },
];

export const common = {
  name: 'common',
  description: 'The Common Log Format of web servers.',
  example: '203.0.113.7 - jane [10/Oct/2025:13:55:36 +0000] "GET /cart?id=7 HTTP/1.1" 200 2326',
  fields: [...FIELDS, ...BEHIND],
  extractor: (fields) =>
    new RegexExtractor(`${HEAD}(?: (?<extra>.*))?$`, fields, {
      ...DERIVED,
      request_time: { from: 'extra', read: secondsOf },
    }),
  patterns: [{ name: 'common', metrics }],
} as const satisfies Format;

export const combined = {
  name: 'combined',
  description:
    'The access log of nginx and Apache as they come: the common format with referer and user agent.',
  example:
    '203.0.113.7 - - [10/Oct/2025:13:55:36 +0000] "GET /cart HTTP/1.1" 200 2326 "https://a.example/" "curl/8.5.0" 0.012',
  fields: [
    ...FIELDS,
    { name: 'referer', description: 'The header `Referer`.' },
    { name: 'user_agent', description: 'The header `User-Agent`.' },
    ...BEHIND,
  ],
  extractor: (fields) =>
    new RegexExtractor(
      fields.some((field) => TAIL_FIELDS.includes(field)) ? REFERER_BEGINS + TAIL : REFERER_BEGINS,
      fields,
      { ...DERIVED, request_time: { from: undefined, read: secondsAtEnd } },
    ),
  patterns: [{ name: 'combined', metrics }],
} as const satisfies Format;
