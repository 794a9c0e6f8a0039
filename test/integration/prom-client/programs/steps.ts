import type { Client, Made, Step } from '../contestants.ts';

export type CounterOf = InstanceType<Client['Counter']>;
export type GaugeOf = InstanceType<Client['Gauge']>;
export type HistogramOf = InstanceType<Client['Histogram']>;
export type SummaryOf = InstanceType<Client['Summary']>;

// JavaScript code calls these with whatever it has; so do the programs.
export const loose = (value: unknown) => value as never;
export const about = ({ registry }: Made, name: string, labelNames: string[] = [], more: object = {}) =>
  loose({ name, help: `About ${name}.`, labelNames, registers: [registry], ...more });

export const counter =
  (labelNames?: string[], more?: object): Step =>
  (made) => {
    made.kept.metric = new made.client.Counter(about(made, 'hits_total', labelNames, more));
  };
export const gauge =
  (labelNames?: string[], more?: object): Step =>
  (made) => {
    made.kept.metric = new made.client.Gauge(about(made, 'depth', labelNames, more));
  };
export const histogram =
  (labelNames?: string[], more?: object): Step =>
  (made) => {
    made.kept.metric = new made.client.Histogram(about(made, 'latency_seconds', labelNames, more));
  };
export const summary =
  (labelNames?: string[], more?: object): Step =>
  (made) => {
    made.kept.metric = new made.client.Summary(about(made, 'size_bytes', labelNames, more));
  };

/** Calls a method of the metric that was made last. */
export const call =
  (method: string, ...args: unknown[]): Step =>
  ({ kept }) => {
    (kept.metric as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
  };
/** Calls a method of what `labels` gives. */
export const child =
  (labels: unknown[], method: string, ...args: unknown[]): Step =>
  ({ kept }) => {
    const series = (kept.metric as CounterOf).labels(...(labels as string[])) as unknown;
    (series as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
  };
/** Keeps what `labels` gives; `onKept` uses it later. */
export const keep =
  (...labels: unknown[]): Step =>
  ({ kept }) => {
    kept.child = (kept.metric as CounterOf).labels(...(labels as string[]));
  };
export const onKept =
  (method: string, ...args: unknown[]): Step =>
  ({ kept }) => {
    (kept.child as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
  };
export const each = (values: readonly unknown[], step: (value: unknown) => Step): Step[] => values.map(step);

export const NO_NUMBERS = ['5', 'abc', {}, [], Number.POSITIVE_INFINITY, 10n, true];

/** The lines of a histogram or summary that count, which timers change in a known way. */
export function countsOf(metric: unknown): unknown {
  const { values } = metric as { values: { metricName?: string; labels: unknown; value: number }[] };
  return values
    .filter(({ metricName }) => metricName?.endsWith('_count'))
    .map(({ labels, value }) => [labels, value]);
}
