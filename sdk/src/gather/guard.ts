import { type ErrorInfo, pluginError } from '../errors.ts';
import { ambiguousLabel, isLegacyLabelName, isLegacyMetricName } from '../exposition/names.ts';
import { type Descriptor, TEXT_TYPES } from '../metric/descriptor.ts';
import { linesOf } from '../metric/lines.ts';
import { type NativeOptions, type NativeValue, validateNative } from '../metric/native-value.ts';
import type { Exemplar, HistogramValue, SampleOptions, SampleValue, SummaryValue } from '../metric/sample.ts';
import type { SeriesExtras } from '../registry/source.ts';
import { MAX_LABEL_TEXT } from './text-size.ts';

const MAX_NAME_LENGTH = 512;
const MAX_HELP_LENGTH = 65_536;
/** Of labels, buckets, quantiles or states; what is given may be a generator without end. */
const MAX_LIST_LENGTH = 10_000;
/** Characters of an exemplar's names and values together, as OpenMetrics has it. */
const MAX_EXEMPLAR_LENGTH = 128;

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
    throw refuse(
      'PLUGIN_BAD_NAME',
      `${shown(name)} is not a metric name.`,
      utf8 ? NO_TEXT : 'Use letters, digits, "_" and ":".',
    );
  }
  if (typeof type !== 'string' || !Object.hasOwn(TEXT_TYPES, type)) {
    const known = Object.keys(TEXT_TYPES).join(', ');
    throw refuse('PLUGIN_BAD_TYPE', `Metric "${name}" has the type ${shown(type)}.`, `Use one of: ${known}.`);
  }
  if (typeof help !== 'string') {
    throw refuse('PLUGIN_BAD_DESCRIPTOR', `Metric "${name}" has no help text.`, 'Say what it measures.');
  }
  if (help.length > MAX_HELP_LENGTH) {
    throw refuse(
      'PLUGIN_BAD_DESCRIPTOR',
      `Metric "${name}" has a help text of ${help.length} characters.`,
      `Use at most ${MAX_HELP_LENGTH}.`,
    );
  }
  if (unit !== undefined && !(isShortText(unit) && isLegacyLabelName(unit))) {
    throw refuse(
      'PLUGIN_BAD_DESCRIPTOR',
      `Metric "${name}" has no usable unit.`,
      'Name a base unit: seconds.',
    );
  }
  const constant = copiedLabels(name, constLabels);
  const names = listOf(name, labels);
  for (const label of [...names, ...Object.keys(constant ?? {})]) checkLabelName(name, type, label, utf8);
  if (
    new Set([...names, ...Object.keys(constant ?? {})]).size <
    names.length + Object.keys(constant ?? {}).length
  ) {
    throw refuse('PLUGIN_BAD_LABEL', `Metric "${name}" names a label twice.`, 'Name each label once.');
  }
  if (utf8) checkAmbiguous(name, type, [...names, ...Object.keys(constant ?? {})]);
  const bounds = buckets === undefined ? undefined : listOf(name, buckets);
  if (type === 'histogram') checkBounds(name, bounds);
  const parts = quantiles === undefined ? [] : listOf(name, quantiles);
  if (type === 'summary') checkQuantiles(name, parts);
  const all = states === undefined ? [] : listOf(name, states);
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

/** A copy of a list that a descriptor has. */
function listOf<T>(metric: string, given: Iterable<T>): T[] {
  const list: T[] = [];
  for (const each of given) {
    if (list.length === MAX_LIST_LENGTH) {
      throw refuse(
        'PLUGIN_BAD_DESCRIPTOR',
        `Metric "${metric}" has a list of more than ${MAX_LIST_LENGTH} labels, buckets, quantiles or states.`,
        'Make it shorter.',
      );
    }
    list.push(each);
  }
  return list;
}

/** Whatever it is, in a few words for a message. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 100);
}

export const longLabels = (metric: string): ErrorInfo => ({
  code: 'PLUGIN_BAD_LABEL',
  class: 'plugin',
  message: `Metric "${metric}" has a series whose label values have more than ${MAX_LABEL_TEXT} characters together.`,
  fix: 'Give it shorter ones: a label tells series apart, it does not carry text.',
});

function copiedLabels(metric: string, given: unknown): Record<string, string> | undefined {
  const entries = Object.entries((given ?? {}) as Record<string, unknown>);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (typeof value === 'string' && value.length <= MAX_LABEL_TEXT) return [name, value.toWellFormed()];
      if (typeof value === 'string') throw pluginError(longLabels(metric).message, longLabels(metric));
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
  if (!isLabelName(label, utf8)) {
    const fix = utf8 ? NO_TEXT : 'Use letters, digits and "_", and do not begin with "__".';
    throw refuse('PLUGIN_BAD_LABEL', `Metric "${metric}": ${shown(label)} is not a label name.`, fix);
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

/** Labels in valid UTF-8: half a surrogate pair would become something else on the way out. */
export function wellFormed(labels: LabelRecord, names: readonly string[]): LabelRecord {
  if (names.every((name) => labels[name]?.isWellFormed())) return labels;
  const formed: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) formed[name] = value.toWellFormed();
  return formed;
}

/**
 * A copy of a sample's labels. How long they are is all that is looked at in their values.
 * @throws a plugin error that names the label
 */
export function guardLabels(descriptor: Descriptor, given: unknown): LabelRecord {
  const labels = (given ?? {}) as Record<string, unknown>;
  const copy: Record<string, string> = {};
  let length = 0;
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
    length += value.length;
    if (length > MAX_LABEL_TEXT)
      throw pluginError(longLabels(descriptor.name).message, longLabels(descriptor.name));
    copy[name] = value;
  }
  for (const name in labels) {
    if (Object.hasOwn(copy, name)) continue;
    const fix = `Name it in the descriptor, whose labels are: ${descriptor.labels.join(', ') || 'none'}.`;
    throw refuse('PLUGIN_BAD_LABEL', `Metric "${descriptor.name}" has no label ${shown(name)}.`, fix);
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
    throw refuse(
      'PLUGIN_BAD_STATES',
      `Stateset "${name}" has no state ${shown(state)}.`,
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
      `Metric "${descriptor.name}": its ${what} is ${shown(time)}.`,
      'Give milliseconds since the epoch, or nothing.',
    );
  }
  if (exemplar === undefined) return { timestamp, created };
  const { labels, value, timestamp: at } = exemplar;
  const entries = Object.entries(labels ?? {});
  const isUsable =
    typeof value === 'number' &&
    isTime(at) &&
    entries.every(
      ([name, text]) => typeof text === 'string' && isShortText(name) && isLegacyLabelName(name),
    ) &&
    entries.reduce((sum, [name, text]) => sum + name.length + text.length, 0) <= MAX_EXEMPLAR_LENGTH;
  if (!isUsable) {
    const fix = `Give {labels, value}, labels being names with strings, ${MAX_EXEMPLAR_LENGTH} characters together.`;
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
