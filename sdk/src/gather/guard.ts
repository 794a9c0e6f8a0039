import { type ErrorInfo, pluginError } from '../errors.ts';
import { type Descriptor, type HistogramValue, TEXT_TYPES } from '../metric/descriptor.ts';

/** The names that every Prometheus and every format understands. */
const METRIC_NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/;
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_NAME_LENGTH = 512;

export const isMetricName = (name: unknown): name is string =>
  typeof name === 'string' && name.length <= MAX_NAME_LENGTH && METRIC_NAME.test(name);

/** A label's name that may be exposed; those that begin with two underscores are Prometheus' own. */
export const isLabelName = (name: unknown): name is string =>
  typeof name === 'string' &&
  name.length <= MAX_NAME_LENGTH &&
  LABEL_NAME.test(name) &&
  !name.startsWith('__');

const refuse = (code: string, message: string, fix: string): Error => pluginError(message, { code, fix });

/** A copy of a descriptor that nobody can change any more. @throws a plugin error if it breaks the contract */
export function guardDescriptor(given: Descriptor): Descriptor {
  const { name, help, type, labels, buckets, allowNaN } = given;
  if (!isMetricName(name)) {
    const shown = JSON.stringify(name)?.slice(0, 100);
    throw refuse('PLUGIN_BAD_NAME', `${shown} is not a metric name.`, 'Use letters, digits, "_" and ":".');
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
  const names = [...labels];
  for (const label of names) checkLabelName(name, type, label);
  if (new Set(names).size < names.length) {
    throw refuse('PLUGIN_BAD_LABEL', `Metric "${name}" names a label twice.`, 'Name each label once.');
  }
  const bounds = buckets === undefined ? undefined : [...buckets];
  if (type === 'histogram') checkBounds(name, bounds);
  return Object.freeze({
    name,
    help,
    type,
    labels: names,
    ...(bounds && { buckets: bounds }),
    ...(allowNaN === true && { allowNaN }),
  });
}

function checkLabelName(metric: string, type: string, label: unknown): void {
  const shown = JSON.stringify(label)?.slice(0, 100);
  if (!isLabelName(label)) {
    const fix = 'Use letters, digits and "_", and do not begin with "__".';
    throw refuse('PLUGIN_BAD_LABEL', `Metric "${metric}": ${shown} is not a label name.`, fix);
  }
  if (type === 'histogram' && label === 'le') {
    throw refuse(
      'PLUGIN_BAD_LABEL',
      `Histogram "${metric}" has a label "le" of its own.`,
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

/** A sample's labels in the descriptor's order. @throws a plugin error that names the label */
export function guardLabels(descriptor: Descriptor, given: unknown): [string, string][] {
  const labels = (given ?? {}) as Record<string, unknown>;
  const pairs = descriptor.labels.map((name): [string, string] => {
    const value = labels[name];
    if (typeof value === 'string') return [name, value.isWellFormed() ? value : value.toWellFormed()];
    const what = value === undefined ? 'is missing' : `is a ${typeof value}`;
    throw refuse(
      'PLUGIN_BAD_LABEL',
      `Metric "${descriptor.name}": label "${name}" ${what}.`,
      'Give it a string.',
    );
  });
  const names = Object.keys(labels);
  if (names.length > pairs.length) {
    const unknown = names.find((name) => !descriptor.labels.includes(name));
    const fix = `Name it in the descriptor, whose labels are: ${descriptor.labels.join(', ') || 'none'}.`;
    throw refuse('PLUGIN_BAD_LABEL', `Metric "${descriptor.name}" has no label "${unknown}".`, fix);
  }
  return pairs;
}

/** A sample's value. @throws a plugin error that says what is wrong with it */
export function guardValue(descriptor: Descriptor, value: unknown): number | HistogramValue {
  const { name, type } = descriptor;
  if (type === 'histogram') return guardHistogram(descriptor, value);
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

function guardHistogram({ name, buckets = [] }: Descriptor, value: unknown): HistogramValue {
  const { counts, sum } = (value ?? {}) as Partial<HistogramValue>;
  const wanted = buckets.length + 1;
  const copied = Array.isArray(counts) ? counts.map(Number) : [];
  if (copied.length !== wanted || typeof sum !== 'number' || !copied.every((count) => count >= 0)) {
    const fix = `Return {counts, sum} with ${wanted} counts of zero or more and a number as the sum.`;
    throw refuse('PLUGIN_BAD_HISTOGRAM', `Histogram "${name}" has no usable value.`, fix);
  }
  return { counts: copied, sum };
}

/** Why samples were left out, and how many. */
export type DropReason = 'limit' | 'invalid' | 'duplicate' | 'conflict' | 'relabel';
export interface Problem {
  readonly reason: DropReason;
  readonly error: ErrorInfo;
}
