import type { Format } from './format.ts';
import { type Derived, RegexExtractor } from './regex-extractor.ts';

const HEAD =
  String.raw`^(?<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(?<level>[a-z]+)\] (?<pid>\d+)#(?<tid>\d+): ` +
  String.raw`(?:\*(?<connection>\d+) )?`;
const TAIL = '(?<text>.*)';

/** What nginx appends to a message, in this order: `, client: 192.0.2.1, server: a.example, request: "GET / HTTP/1.1"`. */
const CONTEXT_BEGINS = ', client: ';

/** What stands behind a name in the context, without its quotes. */
const inContext = (name: string): Derived => ({
  from: 'text',
  read(text) {
    const context = text.indexOf(CONTEXT_BEGINS);
    const at = context < 0 ? -1 : text.indexOf(`, ${name}: `, context);
    if (at < 0) return undefined;
    const start = at + name.length + 4;
    if (text[start] === '"') {
      const end = text.indexOf('"', start + 1);
      return end < 0 ? undefined : text.slice(start + 1, end);
    }
    const end = text.indexOf(', ', start);
    return text.slice(start, end < 0 ? text.length : end);
  },
});

const CONTEXT = ['client', 'server', 'request', 'upstream', 'host', 'referrer'];

const DERIVED: Readonly<Record<string, Derived>> = {
  ...Object.fromEntries(CONTEXT.map((name) => [name, inContext(name)])),
  message: {
    from: 'text',
    read(text) {
      const end = text.indexOf(CONTEXT_BEGINS);
      return end < 0 ? text : text.slice(0, end);
    },
  },
};

const HEAD_FIELDS = ['time', 'level', 'pid', 'tid', 'connection'];

export const nginxError = {
  name: 'nginx-error',
  description: 'The error log of nginx.',
  example:
    '2025/10/10 13:55:36 [error] 29#29: *90 open() "/srv/x" failed (2: No such file or directory), client: 203.0.113.7, server: a.example, request: "GET /x HTTP/1.1", host: "a.example"',
  fields: [
    { name: 'time', description: 'When, as `2025/10/10 13:55:36`, in the zone that nginx runs in.' },
    { name: 'level', description: '`debug`, `info`, `notice`, `warn`, `error`, `crit`, `alert` or `emerg`.' },
    { name: 'pid', description: 'Process.' },
    { name: 'tid', description: 'Thread.' },
    { name: 'connection', description: 'Number of the connection.' },
    { name: 'message', description: 'The message without what is appended to it.' },
    { name: 'client', description: 'Address of the client.' },
    { name: 'server', description: 'Name of the server block.' },
    { name: 'request', description: 'First line of the request.' },
    { name: 'upstream', description: 'URL of the upstream server.' },
    { name: 'host', description: 'The header `Host`.' },
    { name: 'referrer', description: 'The header `Referer`.' },
  ],
  extractor: (fields) =>
    new RegexExtractor(
      fields.every((field) => HEAD_FIELDS.includes(field)) ? HEAD : HEAD + TAIL,
      fields,
      DERIVED,
    ),
  patterns: [
    {
      name: 'nginx-error',
      metrics: [
        {
          name: 'nginx_error_log_messages_total',
          type: 'counter',
          help: 'Messages in the error log, by level.',
          labels: { level: 'level' },
        },
        {
          name: 'nginx_error_log_last_message_timestamp_seconds',
          type: 'gauge',
          help: 'When the last message of each level was, in Unix seconds.',
          value: 'time',
          unit: 'timestamp',
          labels: { level: 'level' },
        },
      ],
    },
  ],
} as const satisfies Format;
