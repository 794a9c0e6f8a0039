import type { ConfigProblem, Descriptor } from '@dynamic-informer/sdk';
import { counter, gauge, histogram } from '@dynamic-informer/sdk';
import type { MetricConfig, PatternConfig } from '../config.ts';
import { OWN_PREFIX } from '../metrics.ts';
import type { Captures } from './extractor.ts';
import { type Groups, namedGroups } from './groups.ts';

/** Lets one matching line change one metric: by what `regex` captured, and by what the log format has found in the line. */
export type Count = (captures: Captures, fields: Captures) => void;

/** What is run over lines: where `regex` matches, each of `counts` is called with what it captured. */
export interface CompiledPattern {
  /** For messages: the configured name, or the pattern's place such as `patterns[0]`. */
  readonly name: string;
  /** Without one the pattern applies to every record of the log format, and `captures` are the format's fields. */
  readonly regex: RegExp | undefined;
  /** The index of the format's field that `regex` is run on; undefined is the whole line. */
  readonly field: number | undefined;
  readonly counts: readonly Count[];
}

/** A pattern before it is tied to the counters that it changes. */
export type PatternPlan = Omit<CompiledPattern, 'counts'> & { readonly metrics: readonly MetricPlan[] };

export interface MetricPlan {
  readonly name: string;
  /** Indices of the captures that hold the number; undefined counts lines. */
  readonly value: readonly number[] | undefined;
  /** For each of the descriptor's labels, the indices of its captures. */
  readonly labels: readonly (readonly number[])[];
}

export interface Compilation {
  readonly patterns: readonly PatternPlan[];
  /** What the patterns expose, by name; metrics of several patterns that agree are one. */
  readonly descriptors: ReadonlyMap<string, Descriptor>;
  readonly problems: readonly ConfigProblem[];
}

type Path = (string | number)[];

const METRIC_NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/;
const LABEL_NAME = /^(?!__)[A-Za-z_][A-Za-z0-9_]*$/;

const DEFAULT_HELP = {
  counter: 'Counted from log lines.',
  gauge: 'The last value in the log lines.',
  histogram: 'Observed in log lines.',
} as const;

const MAKE = {
  counter: ({ name, help = DEFAULT_HELP.counter }: MetricConfig, labels: string[]): Descriptor =>
    counter(name, help, labels),
  gauge: ({ name, help = DEFAULT_HELP.gauge }: MetricConfig, labels: string[]): Descriptor =>
    gauge(name, help, labels),
  histogram: ({ name, help = DEFAULT_HELP.histogram, buckets }: MetricConfig, labels: string[]): Descriptor =>
    histogram(name, help, labels, buckets ? { buckets } : {}),
};

/** Compiles all patterns and says everything that is wrong with them. */
export function compilePatterns(configured: readonly PatternConfig[]): Compilation {
  const descriptors = new Map<string, Descriptor>();
  const problems: ConfigProblem[] = [];
  const patterns: PatternPlan[] = [];
  for (const [index, { match, metrics }] of configured.entries()) {
    const path = ['patterns', index];
    const groups = groupsOf(match, [...path, 'match'], problems);
    if (groups === undefined) continue;
    const compiled = metrics.map((metric, position) => {
      const at = [...path, 'metrics', position];
      problems.push(...metricProblems(metric, groups, at), ...mergeProblems(metric, descriptors, at));
      return compileMetric(metric, groups, descriptors);
    });
    patterns.push({
      name: `patterns[${index}]`,
      regex: new RegExp(groups.source),
      field: undefined,
      metrics: compiled,
    });
  }
  return { patterns, descriptors, problems };
}

function groupsOf(match: string, path: Path, problems: ConfigProblem[]): Groups | undefined {
  try {
    new RegExp(match);
    return namedGroups(match);
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: /, '');
    problems.push({
      path,
      message: `not a regular expression: ${reason}`,
      fix: 'mend it; a character that means itself is written with a backslash, and YAML keeps that in single quotes',
    });
    return undefined;
  }
}

function compileMetric(
  metric: MetricConfig,
  groups: Groups,
  descriptors: Map<string, Descriptor>,
): MetricPlan {
  const configured = metric.labels ?? {};
  let descriptor = descriptors.get(metric.name);
  if (descriptor === undefined) {
    descriptor = MAKE[metric.type](metric, Object.keys(configured));
    descriptors.set(metric.name, descriptor);
  }
  const indicesOf = (group: string | undefined): readonly number[] =>
    (group === undefined ? undefined : groups.indices.get(group)) ?? [];
  return {
    name: metric.name,
    value: metric.value === undefined ? undefined : indicesOf(metric.value),
    labels: descriptor.labels.map((label) => indicesOf(configured[label])),
  };
}

function* metricProblems(metric: MetricConfig, groups: Groups, path: Path): Iterable<ConfigProblem> {
  const { name, type, value, labels = {}, buckets } = metric;
  if (!METRIC_NAME.test(name)) {
    yield {
      path: [...path, 'name'],
      message: `"${name}" is not a metric name`,
      fix: 'use letters, digits, "_" and ":", and begin with no digit',
    };
  }
  if (name.startsWith(OWN_PREFIX)) {
    yield {
      path: [...path, 'name'],
      message: `"${name}" begins with "${OWN_PREFIX}", as the plugin's own metrics do`,
      fix: 'choose another name',
    };
  }
  if (value === undefined && type !== 'counter') {
    yield {
      path: [...path, 'value'],
      message: `missing: a ${type} needs a number`,
      fix: 'name the group that captures it, or use a counter, which counts lines',
    };
  }
  if (value !== undefined) yield* groupProblems(value, groups, [...path, 'value']);
  for (const [label, group] of Object.entries(labels)) {
    yield* labelProblems(label, type, [...path, 'labels', label]);
    yield* groupProblems(group, groups, [...path, 'labels', label]);
  }
  if (buckets !== undefined) yield* bucketProblems(buckets, type, [...path, 'buckets']);
}

function* groupProblems(group: string, { indices }: Groups, path: Path): Iterable<ConfigProblem> {
  if (indices.has(group)) return;
  const known = [...indices.keys()];
  yield {
    path,
    message: `the pattern has no group named "${group}"`,
    fix:
      known.length > 0
        ? `its groups are: ${known.join(', ')}`
        : `name one in "match", such as (?<${/^[A-Za-z_]\w*$/.test(group) ? group : 'name'}>…)`,
  };
}

function* labelProblems(label: string, type: string, path: Path): Iterable<ConfigProblem> {
  if (!LABEL_NAME.test(label)) {
    yield {
      path,
      message: `"${label}" is not a label name`,
      fix: 'use letters, digits and "_", and begin with neither a digit nor "__"',
    };
  } else if (type === 'histogram' && label === 'le') {
    yield { path, message: 'a histogram has a label "le" of its own', fix: 'rename the label' };
  }
}

function* bucketProblems(buckets: readonly number[], type: string, path: Path): Iterable<ConfigProblem> {
  if (type !== 'histogram') {
    yield { path, message: `a ${type} has no buckets`, fix: 'leave them out, or make it a histogram' };
  } else if (buckets.some((bound, index) => index > 0 && bound <= (buckets[index - 1] as number))) {
    yield { path, message: 'the bounds do not ascend', fix: 'write each one once, the lowest first' };
  }
}

/** Whether a metric agrees with what earlier patterns said of it. */
function* mergeProblems(
  metric: MetricConfig,
  descriptors: ReadonlyMap<string, Descriptor>,
  path: Path,
): Iterable<ConfigProblem> {
  const first = descriptors.get(metric.name);
  if (first === undefined) return;
  const fix = 'metrics of one name agree in type, labels and buckets; mend it or choose another name';
  if (first.type !== metric.type) {
    const message = `"${metric.name}" is a ${first.type} in an earlier pattern, and a ${metric.type} here`;
    yield { path: [...path, 'type'], message, fix };
    return;
  }
  const labels = Object.keys(metric.labels ?? {});
  const list = (names: readonly string[]) => [...names].sort().join(', ') || 'none';
  if (list(first.labels) !== list(labels)) {
    const message = `"${metric.name}" has the labels ${list(first.labels)} in an earlier pattern, and ${list(labels)} here`;
    yield { path: [...path, 'labels'], message, fix };
  }
  if (metric.buckets && metric.buckets.join() !== first.buckets?.join()) {
    const message = `"${metric.name}" has other buckets in an earlier pattern`;
    yield { path: [...path, 'buckets'], message, fix };
  }
}
