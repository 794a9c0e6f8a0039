import type { PatternConfig } from '../config.ts';
import type { Extractor } from '../patterns/extractor.ts';
import type { Field, Format } from './format.ts';
import { type Derived, RegexExtractor } from './regex-extractor.ts';
import { structuredValue } from './structured-data.ts';

const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'security', 'console', 'solaris-cron'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];

/** Priorities from 0 to 191: the facility times eight, and the severity. */
const PRIORITY = String.raw`<(?<priority>\d{1,2}|1[0-8]\d|19[01])>`;

/** As RFC 3164 has it, with the year that some devices add, or as RFC 3339, which today's daemons write. */
const TIME =
  String.raw`[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d|` +
  String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)`;

/** Daemons do not write the priority into their files by default, and "last message repeated 3 times" has no tag. */
const RFC_3164 =
  `^(?:${PRIORITY})?(?<time>${TIME}) (?<hostname>[^ ]+) ` +
  String.raw`(?:(?<app_name>[^ :[]+)(?:\[(?<proc_id>[^[\]]*)\])?: ?)?(?<message>.*)$`;

const NAME = String.raw`[^ =\]"]+`;
const DATA = String.raw`(?:\[${NAME}(?: ${NAME}="[^"\\]*(?:\\.[^"\\]*)*")*\])+`;
const RFC_5424 =
  String.raw`^${PRIORITY}[1-9]\d{0,2} (?:-|(?<time>[^ ]+)) (?:-|(?<hostname>[^ ]+)) (?:-|(?<app_name>[^ ]+)) ` +
  String.raw`(?:-|(?<proc_id>[^ ]+)) (?:-|(?<msg_id>[^ ]+)) (?:-|(?<data>${DATA}))(?: \uFEFF?(?<message>.*))?$`;

const severity: Derived = { from: 'priority', read: (text) => SEVERITIES[Number(text) & 7] };
const facility: Derived = { from: 'priority', read: (text) => FACILITIES[Number(text) >> 3] };
const DATA_PREFIX = 'data.';

/** The derived fields among these; each parameter of the structured data that is asked for is one. */
function derived(fields: readonly string[]): Record<string, Derived> {
  const parameters = fields.filter((field) => field.startsWith(DATA_PREFIX));
  return {
    severity,
    facility,
    ...Object.fromEntries(
      parameters.map((field) => {
        const name = field.slice(DATA_PREFIX.length);
        return [field, { from: 'data', read: (data: string) => structuredValue(data, name) }];
      }),
    ),
  };
}

const reader3164 = (fields: readonly string[]): Extractor =>
  new RegexExtractor(RFC_3164, fields, { severity, facility });
const reader5424 = (fields: readonly string[]): Extractor =>
  new RegexExtractor(RFC_5424, fields, derived(fields));

const FIELDS: readonly Field[] = [
  {
    name: 'severity',
    description: '`emerg`, `alert`, `crit`, `err`, `warning`, `notice`, `info` or `debug`.',
  },
  { name: 'facility', description: '`kern`, `user`, `mail`, `daemon`, `auth`, …, `local7`.' },
  { name: 'priority', description: 'The number that facility and severity were written as.' },
  { name: 'time', description: 'When; `Oct  9 13:55:36` or RFC 3339.' },
  { name: 'hostname', description: 'The host that sent it.' },
  { name: 'app_name', description: 'The program: APP-NAME of RFC 5424, the tag of RFC 3164.' },
  { name: 'proc_id', description: 'The process.' },
  { name: 'message', description: 'The message.' },
];
const FIELDS_5424: readonly Field[] = [
  ...FIELDS,
  { name: 'msg_id', description: 'The kind of the message.' },
  {
    name: 'data.*',
    description:
      'A parameter of the structured data, by id and name: `data.origin@32473.ip` of `[origin@32473 ip="192.0.2.1"]`.',
  },
];

const metrics: PatternConfig['metrics'] = [
  {
    name: 'syslog_messages_total',
    type: 'counter',
    help: 'Messages, by severity, facility and program; the first two are empty where the log does not have the priority.',
    labels: { severity: 'severity', facility: 'facility', app_name: 'app_name' },
  },
  {
    name: 'syslog_last_message_timestamp_seconds',
    type: 'gauge',
    help: 'When the last message was, in Unix seconds.',
    value: 'time',
    unit: 'timestamp',
  },
];

export const syslogRfc3164 = {
  name: 'syslog-rfc3164',
  description: 'Syslog as daemons write it into files, and as RFC 3164 has it, with or without the priority.',
  example: '2025-10-10T13:55:36.123456+02:00 web-1 postfix/smtpd[812]: connect from unknown[203.0.113.7]',
  fields: FIELDS,
  extractor: reader3164,
  patterns: [{ name: 'syslog-rfc3164', metrics }],
} as const satisfies Format;

export const syslogRfc5424 = {
  name: 'syslog-rfc5424',
  description: 'Syslog as RFC 5424 has it.',
  example:
    '<165>1 2025-10-10T13:55:36.003Z web-1 sshd 812 ID47 [origin@32473 ip="192.0.2.1"] Connection closed',
  fields: FIELDS_5424,
  extractor: reader5424,
  patterns: [{ name: 'syslog-rfc5424', metrics }],
} as const satisfies Format;

export const syslog = {
  name: 'syslog',
  description: 'Syslog in either form; each line tells which.',
  example: '<34>Oct 10 13:55:36 web-1 su[231]: failed for root on /dev/pts/8',
  fields: FIELDS_5424,
  extractor(fields) {
    const older = reader3164(fields);
    const newer = reader5424(fields);
    return { exec: (line) => (hasVersion(line) ? newer : older).exec(line) };
  },
  patterns: [{ name: 'syslog', metrics }],
} as const satisfies Format;

/** Whether a digit and a space follow the priority: `<13>1 2025-10-10T13:55:36Z …`. */
function hasVersion(line: string): boolean {
  if (line.charCodeAt(0) !== OPENING) return false;
  const at = line.indexOf('>', 2) + 1;
  const digit = line.charCodeAt(at);
  return at > 0 && digit >= ONE && digit < ONE + 9 && line.charCodeAt(at + 1) === SPACE;
}

const SPACE = 32;
const ONE = 49;
const OPENING = 60;
