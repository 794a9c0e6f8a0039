import type { TailPattern } from './patterns.ts';

/** Values by series, under a name that is the same whoever exposes it and in whatever order. */
export type SeriesValues = Map<string, number>;

/** `labels` without what a peer adds of its own. */
export function seriesName(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${pairs.sort().join()}}`;
}

/** What a text exposition says of the patterns' metrics; a series of zero says no more than none and is left out. */
export function readSeries(exposition: string, patterns: readonly TailPattern[]): SeriesValues {
  const wanted = new Set(
    patterns.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, type }) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    ),
  );
  const values: SeriesValues = new Map();
  for (const [, name = '', labels = '', value] of exposition.matchAll(SAMPLE)) {
    if (wanted.has(name) && Number(value) !== 0)
      values.set(seriesName(name, labelsOf(labels)), Number(value));
  }
  return values;
}

/** Of the only series that a metric has; undefined until there is one. */
export function readValue(exposition: string, metric: string): number | undefined {
  const value = new RegExp(`^${metric}(?:\\{.*\\})? (\\S+)$`, 'm').exec(exposition)?.[1];
  return value === undefined ? undefined : Number(value);
}

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/gm;

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, label = '', value = ''] of text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
    // The agent adds the resource's name; a bound may be written as 1e+06 as well.
    if (label !== 'resource') labels[label] = label === 'le' ? String(boundOf(value)) : value;
  }
  return labels;
}

/** @throws unless both are the same; the message has the first differences */
export function mustEqual(who: string, got: SeriesValues, expected: SeriesValues): void {
  const names = new Set([...expected.keys(), ...got.keys()]);
  const different = [...names].filter((name) => got.get(name) !== expected.get(name));
  if (different.length === 0) return;
  const shown = different
    .slice(0, 5)
    .map((name) => `${name} is ${got.get(name)} and not ${expected.get(name)}`);
  throw new Error(`${who}: ${different.length} of ${names.size} series differ: ${shown.join('; ')}.`);
}

const boundOf = (text: string): number => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text));
