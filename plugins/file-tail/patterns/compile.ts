import type { LabelConfig, MetricConfig, PatternConfig } from '../config.ts';
import { obstacleOf } from '../matching/linear.ts';
import { checkMetric } from './check.ts';
import { type Condition, compileCondition } from './condition.ts';
import { type ExposedLabel, type ExposedMetric, ExposedMetrics, limitLabel } from './exposed.ts';
import type { Captures, Extractor } from './extractor.ts';
import type { LabelPlan } from './finder.ts';
import { namedGroups } from './groups.ts';
import { compileLabelText } from './label-text.ts';
import { type FieldSource, Names, UsedFields } from './names.ts';
import { numberReader, type ReadNumber } from './quantity.ts';
import type { Reference } from './reference.ts';
import { below, type Report, regexOf } from './report.ts';
import { type TimeOptions, timeReader } from './timestamp.ts';

/** Lets one matching line change one metric: by what `regex` captured, and by what the log format has found in the line. */
export type Count = (captures: Captures, fields: Captures) => void;

/** What is run over lines: where `regex` matches and `when` holds, each of `counts` is called with what was captured. */
export interface CompiledPattern {
  /** For messages: the configured name, or the pattern's place such as `patterns[0]`. */
  readonly name: string;
  /** Without one the pattern is for every record of the log format. */
  readonly regex: RegExp | undefined;
  /** The index of the format's field that `regex` is run on; undefined is the whole line. */
  readonly field: number | undefined;
  readonly when: Condition | undefined;
  readonly counts: readonly Count[];
}

/** A pattern before it is tied to the counters that it changes. */
export interface PatternPlan extends Omit<CompiledPattern, 'counts'> {
  readonly metrics: readonly MetricPlan[];
  /** As it was written. */
  readonly config: PatternConfig;
}

export interface MetricPlan {
  readonly name: string;
  readonly when: Condition | undefined;
  /** The number in the line; undefined counts lines. */
  readonly value: { readonly from: Reference; readonly read: ReadNumber } | undefined;
  /** In the order of the descriptor's labels. */
  readonly labels: readonly LabelPlan[];
}

/** Something configured, and who is told what is wrong with it. */
export interface Source<T> {
  readonly config: T;
  /** What messages call it if it has no name of its own. */
  readonly place: string;
  readonly report: Report;
}

export interface CompileOptions extends TimeOptions {
  readonly format?: FieldSource | undefined;
  /** What a line changes that no pattern matches. */
  readonly otherwise?: Source<readonly MetricConfig[]>;
}

export interface Compilation {
  /** Finds the format's fields in a line, which are the second argument of all counts; undefined if no pattern needs them. */
  readonly extractor: Extractor | undefined;
  readonly patterns: readonly PatternPlan[];
  /** What a line changes that no pattern matches. */
  readonly otherwise: readonly MetricPlan[];
  /** What is exposed, by name; metrics of several patterns that agree are one. */
  readonly metrics: ReadonlyMap<string, ExposedMetric>;
}

/**
 * Compiles patterns, and reports everything that is wrong with them: what it returns is then of no use.
 * @throws RangeError if there is no such time zone
 */
export function compilePatterns(
  sources: readonly Source<PatternConfig>[],
  options: CompileOptions,
): Compilation {
  const { format, otherwise } = options;
  const scope: Scope = { metrics: new ExposedMetrics(), fields: new UsedFields(format), times: options };
  const places = new Map<string, string>();
  const patterns: PatternPlan[] = [];
  for (const source of sources) {
    checkName(source, places);
    const plan = compilePattern(source, scope);
    if (plan) patterns.push(plan);
  }
  const elseNames = new Names(undefined, scope.fields);
  const elseMetrics = otherwise?.config.map((metric, index) =>
    compileMetric(
      metric,
      { ...scope, names: elseNames, place: otherwise.place },
      below(otherwise.report, index),
    ),
  );
  const isNeeded = scope.fields.names.length > 0 || patterns.some(({ regex }) => regex === undefined);
  return {
    extractor: isNeeded ? format?.extractor(scope.fields.names) : undefined,
    patterns,
    otherwise: elseMetrics ?? [],
    metrics: scope.metrics.byName,
  };
}

interface Scope {
  readonly metrics: ExposedMetrics;
  readonly fields: UsedFields;
  readonly times: TimeOptions;
}

interface PatternScope extends Scope {
  readonly names: Names;
  readonly place: string;
  /** What decides which texts come to be label values. */
  readonly matches?: readonly unknown[];
}

/** A name is a label's value somewhere: no two patterns can have the same. */
function checkName({ config, place, report }: Source<PatternConfig>, places: Map<string, string>): void {
  const name = config.name ?? place;
  const other = places.get(name);
  if (other === undefined) places.set(name, place);
  else report(['name'], `"${name}" is the name of ${other} too`, 'give each pattern a name of its own');
}

function compilePattern(
  { config, place, report }: Source<PatternConfig>,
  scope: Scope,
): PatternPlan | undefined {
  const { match, field, when } = config;
  if (match === undefined && scope.fields.format === undefined) {
    report(['match'], 'missing', 'write the expression that lines of the pattern match, or set a "format"');
    return undefined;
  }
  if (match === undefined && field !== undefined) {
    report(
      ['field'],
      'names what "match" is tried on, but there is no "match"',
      'add it, or leave "field" out',
    );
  }
  const isValid = match === undefined || regexOf(match, below(report, 'match')) !== undefined;
  if (!isValid) return undefined;
  const groups = match === undefined ? undefined : namedGroups(match, wordsOf(config));
  if (groups) warnOfObstacle(groups.source, below(report, 'match'));
  const names = new Names(groups, scope.fields);
  const inPattern = { ...scope, names, place: config.name ?? place, matches: [match, field] };
  return {
    name: config.name ?? place,
    config,
    regex: groups && new RegExp(groups.source),
    field: field === undefined ? undefined : fieldIndex(field, scope.fields, below(report, 'field')),
    when: compileCondition(when, (...wanted) => names.find(...wanted), below(report, 'when')),
    metrics: config.metrics.map((metric, index) =>
      compileMetric(metric, inPattern, below(report, 'metrics', index)),
    ),
  };
}

/** Every text in a configuration: the names that it uses are among them. */
function wordsOf(config: unknown, words = new Set<string>()): Set<string> {
  if (typeof config === 'string') words.add(config);
  else if (typeof config === 'object' && config !== null) {
    for (const [key, value] of Object.entries(config)) wordsOf(value, words.add(key));
  }
  return words;
}

/** Warns of an expression that only the watchdog ends, if it explodes. */
function warnOfObstacle(match: string, report: Report): void {
  const obstacle = obstacleOf(match);
  if (obstacle === undefined) return;
  report(
    [],
    `can take very long on some lines, as V8's linear engine can't run it: it has ${obstacle.what}`,
    `${obstacle.instead}; as it is, it is watched, and switched off if it takes longer than pattern_timeout again and again`,
    'warning',
  );
}

function fieldIndex(field: string, fields: UsedFields, report: Report): number | undefined {
  if (fields.format === undefined) {
    report([], 'a line has fields only if a "format" is set', 'set one, or leave "field" out');
    return undefined;
  }
  return new Names(undefined, fields).find(field, report)?.indices[0];
}

function compileMetric(metric: MetricConfig, scope: PatternScope, report: Report): MetricPlan {
  checkMetric(metric, report);
  const { names } = scope;
  const exposed = scope.metrics.declare(metric, scope.place, report);
  exposed.labelSources.push(scope.matches ?? [], metric.labels ?? {});
  exposed.values.add(metric.value === undefined ? 'lines' : (metric.unit ?? 'number'));
  const from = metric.value === undefined ? undefined : names.find(metric.value, below(report, 'value'));
  const labels = metric.labels ?? {};
  return {
    name: metric.name,
    when: compileCondition(metric.when, (...wanted) => names.find(...wanted), below(report, 'when')),
    value: from && {
      from,
      read: metric.unit === 'timestamp' ? timeReader(scope.times) : numberReader(metric.unit),
    },
    labels: exposed.descriptor.labels.map((label, index) =>
      compileLabel(
        Object.hasOwn(labels, label) ? (labels[label] as LabelConfig) : { value: '' },
        exposed.labels[index] as ExposedLabel,
        names,
        below(report, 'labels', label),
      ),
    ),
  };
}

function compileLabel(config: LabelConfig, exposed: ExposedLabel, names: Names, report: Report): LabelPlan {
  if (typeof config === 'object' && 'value' in config) {
    exposed.texts.add(config.value);
    return { constant: config.value };
  }
  const {
    group,
    map,
    default: otherwise,
    max_values,
  } = typeof config === 'string' ? { group: config } : config;
  limitLabel(exposed, max_values, below(report, 'max_values'));
  const { textOf, texts } = compileLabelText(map, otherwise, report);
  for (const text of texts) exposed.texts.add(text);
  const from = names.find(group, typeof config === 'string' ? report : below(report, 'group'));
  return from ? { from, textOf } : { constant: '' };
}
