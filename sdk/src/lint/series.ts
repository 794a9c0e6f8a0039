import type { ParsedFamily, ParsedLabel, ParsedSample } from '../exposition/parse/family.ts';

/** What a name of the family's samples adds to the family's own: `_bucket`; empty for the name itself. */
export const partOf = ({ name }: ParsedFamily, sample: ParsedSample): string =>
  sample.name.slice(name.length);

/** The label that tells the samples of one point from each other, if the family has one. */
export function pointLabel({ name, type }: ParsedFamily): string | undefined {
  if (type === 'summary') return 'quantile';
  if (type === 'stateset') return name;
  return type === 'histogram' || type === 'gaugehistogram' ? 'le' : undefined;
}

export const labelOf = ({ labels }: ParsedSample, wanted: string): string | undefined =>
  labels.find(([name]) => name === wanted)?.[1];

/** The same text for the same labels, in whatever order they stand. */
export function labelsKey(labels: readonly ParsedLabel[], without?: string): string {
  const kept = labels.filter(([name]) => name !== without);
  if (kept.length > 1) kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  let key = '';
  for (const [name, value] of kept) key += `${name.length},${value.length}:${name}${value}`;
  return key;
}
