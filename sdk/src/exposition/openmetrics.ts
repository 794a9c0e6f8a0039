import type { MetricType } from '../metric/descriptor.ts';
import { escapeLabelValue, headerName } from './escape.ts';
import type { FamilyHeader } from './exposed.ts';
import type { LineFormat } from './line-format.ts';
import { type Escaping, escapeMetricName } from './names.ts';
import { formatOpenMetricsValue, writeOpenMetricsValue, writeValue } from './number.ts';

// OpenMetrics 1.0.0: github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md.

const TYPES: Readonly<Record<MetricType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  untyped: 'unknown',
};

const SUFFIXES: Readonly<Partial<Record<MetricType, string>>> = { counter: '_total', info: '_info' };

/** The family's name without what OpenMetrics adds to the lines of its type. */
export function openMetricsName({ name, type }: Pick<FamilyHeader, 'name' | 'type'>): string {
  const suffix = SUFFIXES[type];
  return suffix !== undefined && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** The `# HELP`, `# TYPE` and `# UNIT` lines of a family. */
export function openMetricsHeader(family: FamilyHeader, escaping: Escaping = 'underscores'): string {
  const { name, help, type, unit } = family;
  const shown = headerName(openMetricsName({ name: escapeMetricName(name, escaping), type }));
  // Unlike in the text format, a quote in a help text is escaped.
  const helpLine = help === '' ? '' : `# HELP ${shown} ${escapeLabelValue(help)}\n`;
  const unitLine = unit === undefined ? '' : `# UNIT ${shown} ${unit}\n`;
  return `${helpLine}# TYPE ${shown} ${TYPES[type]}\n${unitLine}`;
}

/** The last line of an OpenMetrics exposition: without it a scraper takes it for cut off. */
export const OPENMETRICS_END = '# EOF\n';

function writeCountOrValue(bytes: Uint8Array, at: number, value: number, isCount: boolean): number {
  // Counts of observations are integers, which are written without an exponent up to 2^53.
  if (!isCount || !Number.isSafeInteger(value)) return writeOpenMetricsValue(bytes, at, value);
  if (Math.abs(value) < 1e6) return writeValue(bytes, at, value);
  const text = String(value);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

export const OPENMETRICS: LineFormat = {
  lineName: (family) => openMetricsName(family) + (SUFFIXES[family.type] ?? ''),
  formatBound: formatOpenMetricsValue,
  write: writeCountOrValue,
  // Seconds; as expfmt writes them.
  formatTimestamp: (timestamp) => formatOpenMetricsValue(timestamp / 1000),
  takesExemplar: ({ type }, { suffix }) => type === 'counter' || suffix === '_bucket',
  showsCreated: false,
};

/** The same with `_created` lines, which scrapers take for series of their own unless they are told otherwise. */
export const OPENMETRICS_WITH_CREATED: LineFormat = { ...OPENMETRICS, showsCreated: true };
