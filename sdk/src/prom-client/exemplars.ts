import type { Exemplar } from '../metric/sample.ts';
import { type GivenLabels, isObject } from './labels.ts';
import { misuse } from './misuse.ts';
import type { ExemplarObject, LabelValues } from './types.ts';

/** What `inc` takes with `enableExemplars`; 1 without `value`. */
export interface IncreaseDataWithExemplar<T extends string> {
  value?: number | undefined;
  labels?: LabelValues<T> | undefined;
  /** Kept with the series until the next ones; names and values are 128 characters together at most. */
  exemplarLabels?: LabelValues<string> | undefined;
}

/** What `observe` takes with `enableExemplars`. */
export interface ObserveDataWithExemplar<T extends string> {
  value: number;
  labels?: LabelValues<T> | undefined;
  /** Kept with the bucket until the next ones; names and values are 128 characters together at most. */
  exemplarLabels?: LabelValues<string> | undefined;
}

/** A call of `inc` or `observe`, whatever its shape. */
export interface Call {
  readonly labels: GivenLabels;
  readonly value: unknown;
  readonly exemplarLabels?: Readonly<Record<string, string>> | undefined;
}

const MAX_LENGTH = 128;

/**
 * Reads `{labels, value, exemplarLabels}`; a number, or labels and a number, are read as they are
 * without exemplars.
 */
export function callWithExemplar(first: unknown, second: unknown): Call {
  if (!isObject(first)) return { labels: {}, value: first };
  const names = Object.keys(first);
  const isData =
    names.length === 0 || names.some((name) => ['labels', 'value', 'exemplarLabels'].includes(name));
  if (!isData) return { labels: first, value: second };
  const { labels, value, exemplarLabels } = first;
  return {
    labels: isObject(labels) ? labels : {},
    value,
    exemplarLabels: isObject(exemplarLabels) ? exemplarText(exemplarLabels) : undefined,
  };
}

/** What is wrong with an exemplar's labels: they are too long to be exposed. */
export function exemplarProblem(
  labels: Readonly<Record<string, string>> | undefined,
  metric: string,
): Error | undefined {
  if (labels === undefined) return undefined;
  const { length } = [...Object.entries(labels).flat().join('')];
  if (length <= MAX_LENGTH) return undefined;
  const message = `Label set size must be smaller than 128 UTF-8 chars; that of an exemplar of the metric "${metric}" has ${length}.`;
  const fix = 'Keep what finds the trace, and leave the rest out.';
  return misuse(RangeError, message, { code: 'PLUGIN_BAD_EXEMPLAR', fix });
}

/** An exemplar as `get` gives it. */
export function exemplarObject({ labels, value, timestamp = 0 }: Exemplar): ExemplarObject {
  return { labelSet: { ...labels }, value, timestamp: timestamp / 1000 };
}

/** An exemplar's labels as text. */
export function exemplarText(labels: GivenLabels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, `${value}`]));
}
