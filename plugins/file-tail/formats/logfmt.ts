import type { Format } from './format.ts';
import { LogfmtScanner } from './logfmt-scanner.ts';
import { namesOf, recordMetrics } from './usual-names.ts';

export const logfmt = {
  name: 'logfmt',
  description: 'Pairs of a key and a value, as many programs in Go write.',
  example: 'ts=2025-10-10T13:55:36Z level=info msg="it started" took=12ms',
  fields: undefined,
  extractor: (fields) => new LogfmtScanner(fields.map(namesOf)),
  patterns: [{ name: 'logfmt', metrics: recordMetrics }],
} as const satisfies Format;
