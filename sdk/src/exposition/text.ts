import { TEXT_TYPES } from '../metric/descriptor.ts';
import { escapeHelp, headerName } from './escape.ts';
import type { FamilyHeader } from './exposed.ts';
import type { LineFormat } from './line-format.ts';
import { type Escaping, escapeMetricName } from './names.ts';
import { formatValue, writeValue } from './number.ts';

// The text formats 0.0.4 and 1.0.0, which differ in names in quotes only:
// prometheus.io/docs/instrumenting/exposition_formats.

/** The `# HELP` and `# TYPE` lines of a family. */
export function textHeader({ name, help, type }: FamilyHeader, escaping: Escaping = 'underscores'): string {
  const shown = headerName(escapeMetricName(name, escaping));
  const helpLine = help === '' ? '' : `# HELP ${shown} ${escapeHelp(help)}\n`;
  return `${helpLine}# TYPE ${shown} ${TEXT_TYPES[type]}\n`;
}

export const TEXT: LineFormat = {
  lineName: ({ name }) => name,
  formatBound: formatValue,
  write: writeValue,
  formatTimestamp: (timestamp) => String(Math.trunc(timestamp)),
  takesExemplar: () => false,
  showsCreated: false,
};
