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
