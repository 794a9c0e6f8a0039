import { inspect } from 'node:util';
import { misuse } from './misuse.ts';
import type { LabelValues } from './types.ts';

/** What a caller gives as labels: any values, which become text as in a template string. */
export type GivenLabels = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is GivenLabels => typeof value === 'object' && value !== null;

/**
 * The labels of `labels(…)` and `remove(…)`: an object, or a value for each name in order.
 * @throws an error if there are more or fewer values than names
 */
export function labelsOf(metric: string, names: readonly string[], given: readonly unknown[]): GivenLabels {
  const [first] = given;
  if (typeof first === 'object') return (first ?? {}) as GivenLabels;
  if (given.length !== names.length) {
    const counts = `(${given.length}): "${given.join(', ')}" for label names (${names.length}): "${names.join(', ')}"`;
    throw misuse(Error, `Invalid number of arguments ${counts}. The metric is "${metric}".`, {
      code: 'PLUGIN_BAD_LABEL',
      fix: 'Give one value for each label name, or an object.',
    });
  }
  return Object.fromEntries(names.map((name, index) => [name, given[index]]));
}

/** @throws an error if there is a label that the metric does not have */
export function checkLabels(metric: string, names: readonly string[], labels: GivenLabels): void {
  for (const label in labels) {
    if (names.includes(label)) continue;
    const message = `Added label "${label}" is not included in initial labelset: ${inspect(names)} of the metric "${metric}".`;
    const fix = `Add "${label}" to the metric's labelNames, or leave it out.`;
    throw misuse(Error, message, { code: 'PLUGIN_BAD_LABEL', fix });
  }
}

/** A value for each name, as text; empty where there is none. What is that already is given back itself. */
export function textLabels(names: readonly string[], labels: GivenLabels): Readonly<Record<string, string>> {
  for (const name of names) {
    if (typeof labels[name] !== 'string') return converted(names, labels);
  }
  return labels as Readonly<Record<string, string>>;
}

function converted(names: readonly string[], labels: GivenLabels): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of names) texts[name] = labels[name] === undefined ? '' : `${labels[name]}`;
  return texts;
}

/** A copy of what the caller gave, without what is undefined. */
export function givenLabels(names: readonly string[], labels: GivenLabels): LabelValues<string> {
  const present = names.filter((name) => labels[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, labels[name]])) as LabelValues<string>;
}
