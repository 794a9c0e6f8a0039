import type { Format } from './format.ts';
import { LogfmtScanner } from './logfmt-scanner.ts';
import { namesOf } from './usual-names.ts';

export const logfmt = {
  name: 'logfmt',
  description: 'Pairs of a key and a value: `level=info msg="it started" took=12ms`.',
  fields: undefined,
  extractor: (fields) => new LogfmtScanner(fields.map(namesOf)),
} as const satisfies Format;
