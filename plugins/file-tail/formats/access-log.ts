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
  String.raw`"(?<request>(?:(?<method>[A-Z]+(?:-[A-Z]+)*) )?${QUOTED})" (?<status>\d{3}) (?:(?<bytes>\d+)|-)`;

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

export const common = {
  name: 'common',
  description: 'The Common Log Format of web servers.',
  fields: [...FIELDS, ...BEHIND],
  extractor: (fields) =>
    new RegexExtractor(`${HEAD}(?: (?<extra>.*))?$`, fields, {
      ...DERIVED,
      request_time: { from: 'extra', read: secondsOf },
    }),
} as const satisfies Format;

export const combined = {
  name: 'combined',
  description:
    'The access log of nginx and Apache as they come: the common format with referer and user agent.',
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
} as const satisfies Format;
