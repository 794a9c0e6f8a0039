import type { PatternConfig } from '../config.ts';

/** What programs call the three things that nearly every record has, beside the name that stands first. */
export const USUAL_NAMES = {
  level: [
    ...['level', 'severity', 'lvl', 'log.level', 'levelname', 'loglevel', 'log_level'],
    ...['severity_text', 'severityText', '@l'],
  ],
  time: ['time', 'timestamp', 'ts', '@timestamp', 't', 'datetime', '@t'],
  message: ['message', 'msg', '@m'],
} as const;

/** The names that a field may stand under, the first of them before the others: `level` may be called `severity`. */
export function namesOf(field: string): readonly string[] {
  return Object.hasOwn(USUAL_NAMES, field) ? USUAL_NAMES[field as keyof typeof USUAL_NAMES] : [field];
}

/** What programs call their levels: syslog's names and others', in whatever case, and the numbers of pino and bunyan. */
const LEVELS: Readonly<Record<string, string>> = {
  '/trace|trc|verbose|10/i': 'trace',
  '/debug|dbg|20/i': 'debug',
  '/info|inf|information|informational|notice|30/i': 'info',
  '/warn|wrn|warning|40/i': 'warn',
  '/error|err|eror|50/i': 'error',
  '/fatal|ftl|crit|critical|panic|dpanic|alert|emerg|emergency|60/i': 'fatal',
};

/** The ready metrics of records whose level and time are found under their usual names. */
export const recordMetrics: PatternConfig['metrics'] = [
  {
    name: 'log_records_total',
    type: 'counter',
    help: 'Records, by level: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `other`.',
    labels: { level: { group: 'level', map: LEVELS, default: 'other' } },
  },
  {
    name: 'log_last_record_timestamp_seconds',
    type: 'gauge',
    help: 'When the last record was, in Unix seconds.',
    value: 'time',
    unit: 'timestamp',
  },
];
