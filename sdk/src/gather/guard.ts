import { type ErrorInfo, pluginError } from '../errors.ts';
import { ambiguousLabel, isLegacyLabelName, isLegacyMetricName } from '../exposition/names.ts';
import { type Descriptor, TEXT_TYPES } from '../metric/descriptor.ts';
import { linesOf } from '../metric/lines.ts';
import { type NativeOptions, type NativeValue, validateNative } from '../metric/native-value.ts';
import type { Exemplar, HistogramValue, SampleOptions, SampleValue, SummaryValue } from '../metric/sample.ts';
import type { SeriesExtras } from '../registry/source.ts';

const MAX_NAME_LENGTH = 512;

/** A metric's name that every Prometheus and every format understands; with `utf8`, that Prometheus 3 does. */
export const isMetricName = (name: unknown, utf8 = false): name is string =>
  isShortText(name) && (utf8 ? isUtf8(name) : isLegacyMetricName(name));

/** A label's name that may be exposed; those that begin with two underscores are Prometheus' own. */
export const isLabelName = (name: unknown, utf8 = false): name is string =>
  isShortText(name) && (utf8 ? isUtf8(name) : isLegacyLabelName(name)) && !name.startsWith('__');

const isShortText = (name: unknown): name is string =>
  typeof name === 'string' && name.length <= MAX_NAME_LENGTH;
const isUtf8 = (name: string): boolean => name !== '' && name.isWellFormed();

const refuse = (code: string, message: string, fix: string): Error => pluginError(message, { code, fix });

/** A copy of a descriptor that nobody can change any more. @throws a plugin error if it breaks the contract */
export function guardDescriptor(given: Descriptor): Descriptor {
  const { name, help, type, labels, unit, constLabels, buckets, native, quantiles, states, allowNaN } = given;
  const utf8 = given.utf8Names === true;
  if (!isMetricName(name, utf8)) {
    const shown = JSON.stringify(name)?.slice(0, 100);
    throw refuse(
      'PLUGIN_BAD_NAME',
      `${shown} is not a metric name.`,
      utf8 ? NO_TEXT : 'Use letters, digits, "_" and ":".',
    );
  }
  if (typeof type !== 'string' || !Object.hasOwn(TEXT_TYPES, type)) {
    const known = Object.keys(TEXT_TYPES).join(', ');
    throw refuse(
      'PLUGIN_BAD_TYPE',
      `Metric "${name}" has the type ${String(type)}.`,
      `Use one of: ${known}.`,
    );
  }
  if (typeof help !== 'string') {
    throw refuse('PLUGIN_BAD_DESCRIPTOR', `Metric "${name}" has no help text.`, 'Say what it measures.');
  }
  if (unit !== undefined && (typeof unit !== 'string' || !isLegacyLabelName(unit))) {
    throw refuse(
      'PLUGIN_BAD_DESCRIPTOR',
      `Metric "${name}" has no usable unit.`,
      'Name a base unit: seconds.',
    );
  }
  const constant = copiedLabels(name, constLabels);
  const names = [...labels];
  for (const label of [...names, ...Object.keys(constant ?? {})]) checkLabelName(name, type, label, utf8);
  if (
    new Set([...names, ...Object.keys(constant ?? {})]).size <
    names.length + Object.keys(constant ?? {}).length
  ) {
    throw refuse('PLUGIN_BAD_LABEL', `Metric "${name}" names a label twice.`, 'Name each label once.');
  }
  if (utf8) checkAmbiguous(name, type, [...names, ...Object.keys(constant ?? {})]);
  const bounds = buckets === undefined ? undefined : [...buckets];
  if (type === 'histogram') checkBounds(name, bounds);
  const parts = quantiles === undefined ? [] : [...quantiles];
  if (type === 'summary') checkQuantiles(name, parts);
  const all = states === undefined ? [] : [...states];
  if (type === 'stateset') checkStates(name, all);
  return Object.freeze({
    name,
    help: help.toWellFormed(),
    type,
    labels: names,
    ...(unit !== undefined && { unit }),
    ...(constant && { constLabels: constant }),
    ...(bounds && { buckets: bounds }),
    ...(type === 'histogram' && native !== undefined && { native: guardNative(name, native) }),
    ...(type === 'summary' && { quantiles: parts }),
    ...(type === 'stateset' && { states: all }),
    ...(allowNaN === true && { allowNaN }),
    ...(utf8 && { utf8Names: true }),
  });
}

function copiedLabels(metric: string, given: unknown): Record<string, string> | undefined {
  const entries = Object.entries((given ?? {}) as Record<string, unknown>);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (typeof value === 'string') return [name, value.toWellFormed()];
      throw refuse(
        'PLUGIN_BAD_LABEL',
        `Metric "${metric}": the constant label "${name}" is a ${typeof value}.`,
        'Give it a string.',
      );
    }),
  );
}

/** Labels that a type's own lines have. */
const RESERVED_LABELS: Readonly<Record<string, string>> = { histogram: 'le', summary: 'quantile' };

const NO_TEXT = `Use at most ${MAX_NAME_LENGTH} characters of valid UTF-8, and at least one.`;

/** Scrapers from before Prometheus 3 see names escaped, and no label may stand twice there. */
function checkAmbiguous(metric: string, type: string, labels: readonly string[]): void {
  const own = type === 'stateset' ? metric : RESERVED_LABELS[type];
  const bad = ambiguousLabel(own === undefined ? labels : [own, ...labels]);
  if (bad === undefined) return;
  throw refuse(
    'PLUGIN_BAD_LABEL',
    `Metric "${metric}": without UTF-8, the label ${JSON.stringify(bad)} would have the name of another.`,
    'Give it a name that differs in letters or digits.',
  );
}

function checkLabelName(metric: string, type: string, label: unknown, utf8: boolean): void {
  const shown = JSON.stringify(label)?.slice(0, 100);
  if (!isLabelName(label, utf8)) {
    const fix = utf8 ? NO_TEXT : 'Use letters, digits and "_", and do not begin with "__".';
    throw refuse('PLUGIN_BAD_LABEL', `Metric "${metric}": ${shown} is not a label name.`, fix);
  }
  const reserved = type === 'stateset' ? metric : RESERVED_LABELS[type];
  if (label === reserved) {
    const kind = `${(type[0] ?? '').toUpperCase()}${type.slice(1)}`;
    throw refuse(
      'PLUGIN_BAD_LABEL',
      `${kind} "${metric}" has a label "${label}" of its own.`,
      'Rename the label.',
    );
  }
}

function checkBounds(name: string, bounds: readonly number[] | undefined): void {
  const ascending = bounds?.every(
    (bound, index) => Number.isFinite(bound) && (index === 0 || bound > (bounds[index - 1] as number)),
  );
  if (!ascending) {
    const fix = 'Give finite upper bounds in ascending order.';
    throw refuse('PLUGIN_BAD_BUCKETS', `Histogram "${name}" has no usable buckets.`, fix);
  }
}

function guardNative(name: string, { factor, ...rest }: NativeOptions): NativeOptions {
  if (typeof factor === 'number' && factor > 1) return Object.freeze({ factor, ...rest });
  const fix = 'Give a factor above 1, 1.1 say.';
  throw refuse('PLUGIN_BAD_BUCKETS', `Histogram "${name}" has no usable factor for its native buckets.`, fix);
}

function checkQuantiles(name: string, quantiles: readonly number[]): void {
  const usable = quantiles.every(
    (quantile, index) =>
      quantile >= 0 && quantile <= 1 && (index === 0 || quantile > (quantiles[index - 1] as number)),
  );
  if (!usable) {
    const fix = 'Give quantiles from 0 to 1 in ascending order.';
    throw refuse('PLUGIN_BAD_QUANTILES', `Summary "${name}" has no usable quantiles.`, fix);
  }
}

function checkStates(name: string, states: readonly unknown[]): void {
  const usable =
    states.length > 0 &&
    states.every((state) => typeof state === 'string' && state.isWellFormed()) &&
    new Set(states).size === states.length;
  if (!usable) {
    const fix = 'Name each state that there is once.';
    throw refuse('PLUGIN_BAD_STATES', `Stateset "${name}" has no usable states.`, fix);
  }
}

type LabelRecord = Readonly<Record<string, string>>;

/**
 * A copy of a sample's labels, in valid UTF-8: half a surrogate pair would become something else on the way out.
 * @throws a plugin error that names the label
 */
export function guardLabels(descriptor: Descriptor, given: unknown): LabelRecord {
  const labels = (given ?? {}) as Record<string, unknown>;
  const copy: Record<string, string> = {};
  for (const name of descriptor.labels) {
    const value = labels[name];
    if (typeof value !== 'string') {
      const what = value === undefined ? 'is missing' : `is a ${typeof value}`;
      throw refuse(
        'PLUGIN_BAD_LABEL',
        `Metric "${descriptor.name}": label "${name}" ${what}.`,
        'Give it a string.',
      );
    }
    copy[name] = value.isWellFormed() ? value : value.toWellFormed();
  }
  for (const name in labels) {
    if (Object.hasOwn(copy, name)) continue;
    const fix = `Name it in the descriptor, whose labels are: ${descriptor.labels.join(', ') || 'none'}.`;
    throw refuse('PLUGIN_BAD_LABEL', `Metric "${descriptor.name}" has no label "${name}".`, fix);
  }
  return copy;
}

/** A sample's value. @throws a plugin error that says what is wrong with it */
export function guardValue(descriptor: Descriptor, value: unknown): SampleValue {
  const { name, type } = descriptor;
  if (type === 'histogram') return guardHistogram(descriptor, value);
  if (type === 'summary') return guardSummary(descriptor, value);
  if (type === 'stateset') return guardStates(descriptor, value);
  if (typeof value !== 'number') {
    const shown = value === null ? 'null' : `a ${typeof value}`;
    throw refuse('PLUGIN_NOT_A_NUMBER', `Metric "${name}" has ${shown} as its value.`, 'Return a number.');
  }
  if (Number.isNaN(value) && descriptor.allowNaN !== true) {
    const fix = 'Return no sample where there is no value, or set allowNaN on the descriptor.';
    throw refuse('PLUGIN_NAN', `Metric "${name}" is NaN.`, fix);
  }
  if (type === 'counter' && value < 0) {
    throw refuse(
      'PLUGIN_NEGATIVE_COUNTER',
      `Counter "${name}" is ${value}.`,
      'Use a gauge for values below zero.',
    );
  }
  return value;
}

function guardHistogram({ name, buckets = [], native }: Descriptor, value: unknown): HistogramValue {
  const { counts, sum, native: sparse } = (value ?? {}) as Partial<HistogramValue>;
  const wanted = buckets.length + 1;
  // Array.from sees the holes of an array, which its own methods pass over.
  const copied = Array.isArray(counts) && counts.length === wanted ? Array.from(counts, Number) : [];
  const total = copied.reduce((whole, count) => (count >= 0 ? whole + count : Number.NaN), 0);
  if (copied.length !== wanted || typeof sum !== 'number' || !Number.isFinite(total)) {
    const fix = `Return {counts, sum} with ${wanted} finite counts of zero or more and a number as the sum.`;
    throw refuse('PLUGIN_BAD_HISTOGRAM', `Histogram "${name}" has no usable value.`, fix);
  }
  if (sparse === undefined) return { counts: copied, sum };
  const fault =
    native === undefined
      ? 'Its descriptor has no native buckets.'
      : (validateNative(sparse) ?? miscount(sparse, total));
  if (fault !== undefined) {
    const fix =
      'Return {schema, zeroThreshold, zeroCount, count, sum, positive, negative}, or no native at all.';
    throw refuse('PLUGIN_BAD_HISTOGRAM', `Histogram "${name}" has no usable native value: ${fault}`, fix);
  }
  return { counts: copied, sum, native: structuredClone(sparse) };
}

/** A scraper that finds two counts in one histogram takes neither. */
const miscount = ({ count }: NativeValue, total: number): string | undefined =>
  count === total ? undefined : `It counts ${count} observations, and the buckets beside it ${total}.`;

function guardSummary({ name, quantiles = [] }: Descriptor, value: unknown): SummaryValue {
  const { count, sum, quantiles: given } = (value ?? {}) as Partial<SummaryValue>;
  const pairs = Array.isArray(given)
    ? given.map(([quantile, of]): [number, number] => [Number(quantile), Number(of)])
    : [];
  const isNamed = pairs.every(([quantile]) => quantiles.includes(quantile));
  if (!isCount(count) || typeof sum !== 'number' || !isNamed) {
    const fix = `Return {count, sum, quantiles} with a finite count and the quantiles ${quantiles.join(', ') || 'left empty'}.`;
    throw refuse('PLUGIN_BAD_SUMMARY', `Summary "${name}" has no usable value.`, fix);
  }
  return { count, sum, quantiles: pairs };
}

const isCount = (count: unknown): count is number => Number.isFinite(count) && (count as number) >= 0;

function guardStates({ name, states = [] }: Descriptor, value: unknown): readonly string[] {
  const active: unknown[] = Array.isArray(value) ? [...value] : [value];
  for (const state of active) {
    if (states.includes(state as string)) continue;
    const shown = JSON.stringify(state)?.slice(0, 100);
    throw refuse(
      'PLUGIN_BAD_STATES',
      `Stateset "${name}" has no state ${shown}.`,
      `Return some of: ${states.join(', ')}.`,
    );
  }
  return active as string[];
}

/** As far as a Date goes, in milliseconds; more is no time, and not every format could write it. */
const MAX_TIME = 8.64e15;
const isTime = (time: unknown): boolean =>
  time === undefined || (typeof time === 'number' && Math.abs(time) <= MAX_TIME);

/** What a sample says beside its value. @throws a plugin error that says what is wrong with it */
export function guardExtras(
  descriptor: Descriptor,
  { timestamp, created, exemplar }: SampleOptions,
): SeriesExtras {
  for (const [what, time] of Object.entries({ timestamp, created })) {
    if (isTime(time)) continue;
    throw refuse(
      'PLUGIN_BAD_TIME',
      `Metric "${descriptor.name}": its ${what} is ${String(time)}.`,
      'Give milliseconds since the epoch, or nothing.',
    );
  }
  if (exemplar === undefined) return { timestamp, created };
  const { labels, value, timestamp: at } = exemplar;
  const entries = Object.entries(labels ?? {});
  const isUsable =
    typeof value === 'number' &&
    isTime(at) &&
    entries.every(([name, text]) => isLegacyLabelName(name) && typeof text === 'string');
  if (!isUsable) {
    const fix = 'Give {labels, value}, labels being names with strings.';
    throw refuse(
      'PLUGIN_BAD_EXEMPLAR',
      `Metric "${descriptor.name}" has an exemplar that can not be used.`,
      fix,
    );
  }
  const formed = entries.map(([name, text]) => [name, text.toWellFormed()]);
  const copy: Exemplar = { labels: Object.fromEntries(formed), value, timestamp: at };
  const line = exemplarLine(descriptor, value);
  return { timestamp, created, exemplars: new Map([[line, copy]]) };
}

/** Which of a series' lines an exemplar belongs to. */
function exemplarLine(descriptor: Descriptor, value: number): number {
  if (descriptor.type !== 'histogram') return 0;
  return linesOf(descriptor).findIndex(({ label }) => label !== undefined && value <= Number(label[1]));
}

/** Why samples were left out, and how many. */
export type DropReason = 'limit' | 'invalid' | 'duplicate' | 'conflict' | 'relabel';
/** Why samples or a metric were left out. */
export interface Problem {
  readonly reason: DropReason;
  readonly error: ErrorInfo;
}
