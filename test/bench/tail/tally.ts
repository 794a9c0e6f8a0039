import type { LogLine } from './log.ts';
import type { KnownPattern, TailMetric } from './patterns.ts';
import { type SeriesValues, seriesName } from './series.ts';

interface Kept {
  sum: number;
  count: number;
  /** Of a histogram, how many lie in each bucket, those below left out. */
  readonly buckets: number[];
}

/** What each metric of the patterns comes to, counted from what is known of the lines and not from their text. */
export class Tally {
  readonly #patterns: readonly (KnownPattern & { readonly kept: readonly Map<string, Kept>[] })[];

  constructor(patterns: readonly KnownPattern[]) {
    this.#patterns = patterns.map((pattern) => ({ ...pattern, kept: pattern.metrics.map(() => new Map()) }));
  }

  add(line: LogLine): void {
    for (const { metrics, kept, capturesOf } of this.#patterns) {
      const captures = capturesOf(line);
      if (captures === undefined) continue;
      for (let i = 0; i < metrics.length; i++) {
        const metric = metrics[i];
        const series = kept[i];
        if (metric && series) count(metric, series, captures as Readonly<Record<string, unknown>>);
      }
    }
  }

  /** Of the first so many patterns. */
  series(patterns = this.#patterns.length): SeriesValues {
    const values: SeriesValues = new Map();
    for (const { metrics, kept } of this.#patterns.slice(0, patterns)) {
      for (const [index, metric] of metrics.entries()) {
        for (const [key, series] of kept[index] ?? []) addTo(values, metric, key, series);
      }
    }
    return values;
  }
}

function count(
  { type, value, labels, buckets = [] }: TailMetric,
  kept: Map<string, Kept>,
  captures: Readonly<Record<string, unknown>>,
): void {
  let key = '';
  for (const label in labels) key += `${captures[labels[label] ?? '']}${SEPARATOR}`;
  let series = kept.get(key);
  if (series === undefined) {
    series = { sum: 0, count: 0, buckets: buckets.map(() => 0) };
    kept.set(key, series);
  }
  const number = value === undefined ? 1 : Number(captures[value]);
  series.sum = type === 'gauge' ? number : series.sum + number;
  series.count++;
  const bucket = buckets.findIndex((bound) => number <= bound);
  if (bucket >= 0) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
}

function addTo(
  values: SeriesValues,
  { name, type, labels = {}, buckets = [] }: TailMetric,
  key: string,
  series: Kept,
): void {
  const texts = key.split(SEPARATOR);
  const own = Object.fromEntries(Object.keys(labels).map((label, index) => [label, texts[index] ?? '']));
  const set = (as: string, value: number, more: Record<string, string> = {}) => {
    if (value !== 0) values.set(seriesName(as, { ...own, ...more }), value);
  };
  if (type !== 'histogram') {
    set(name, series.sum);
    return;
  }
  set(`${name}_sum`, series.sum);
  set(`${name}_count`, series.count);
  set(`${name}_bucket`, series.count, { le: String(Number.POSITIVE_INFINITY) });
  let below = 0;
  for (const [index, bound] of buckets.entries()) {
    below += series.buckets[index] ?? 0;
    set(`${name}_bucket`, below, { le: String(bound) });
  }
}

const SEPARATOR = '\n';
