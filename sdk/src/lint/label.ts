import type { ParsedFamily, ParsedSample } from '../exposition/parse/family.ts';
import { shown } from '../exposition/parse/report.ts';
import { type Problem, problemAt, type Rule } from './rule.ts';
import { labelOf, pointLabel } from './series.ts';

/** An info metric says of each thing what there is to say, identifiers included. */
const isInfo = ({ type, name }: ParsedFamily): boolean => type === 'info' || name.endsWith('_info');

const sameName: Rule = {
  name: 'label-named-like-metric',
  *check({ name, type, samples }) {
    const found = samples.find((sample) => labelOf(sample, name) !== undefined);
    // This is what the text format makes of a stateset.
    const states = type === 'stateset' || samples.every(({ value }) => value === 0 || value === 1);
    if (!found || states) return;
    const message = `the label ${shown(name)} is named like the metric`;
    yield problemAt(found, message, 'name the label after what its values are');
  },
};

/** The label that tells resources of the agent apart: each may have labels of its own. */
const RESOURCE = 'resource';

const sameLabels: Rule = {
  name: 'label-sets-differ',
  *check(family): Iterable<Problem> {
    if (isInfo(family)) return;
    const point = pointLabel(family);
    const expected = new Map<string, readonly string[]>();
    for (const sample of family.samples) {
      const names = sample.labels.map(([name]) => name).filter((name) => name !== point);
      const resource = labelOf(sample, RESOURCE) ?? '';
      const wanted = expected.get(resource);
      if (wanted === undefined) expected.set(resource, names);
      else if (!sameSet(wanted, names)) {
        const message = `its series have different labels: ${list(wanted)}, then ${list(names)}`;
        yield problemAt(
          sample,
          message,
          'give all series of a metric the same labels, with "" where one does not apply',
        );
        return;
      }
    }
  },
};

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  if (a.every((name, index) => name === b[index])) return true;
  const names = new Set(a);
  return b.every((name) => names.has(name));
}

const SHOWN_NAMES = 10;
const list = (names: readonly string[]): string => {
  if (names.length === 0) return 'none';
  const more = names.length > SHOWN_NAMES ? ', …' : '';
  return `${names
    .slice(0, SHOWN_NAMES)
    .map((name) => shown(name).slice(1, -1))
    .join(', ')}${more}`;
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** A date with a time, or the seconds or milliseconds of 2001 to 2033 since the epoch. */
const TIME = /^(?:\d{4}-\d\d-\d\dT? ?\d\d:\d\d.{0,20}|1\d{9}(?:\.\d{1,9})?|1\d{12})$/;
const URL_WITH_QUERY = /^(?:https?:\/\/|\/)[^?#]{0,2000}\?./;

const cardinality: Rule = {
  name: 'label-cardinality',
  *check(family): Iterable<Problem> {
    if (isInfo(family)) return;
    const point = pointLabel(family);
    const queries = new Map<string, Set<string>>();
    for (const sample of family.samples) {
      for (const [name, value] of sample.labels) {
        const kind = name === point ? undefined : (kindOf(value) ?? manyQueries(queries, name, value));
        if (kind !== undefined) yield grows(sample, name, value, kind);
      }
    }
  },
};

function kindOf(value: string): string | undefined {
  if (value.length > 50) return undefined;
  if (UUID.test(value)) return 'UUIDs';
  return TIME.test(value) ? 'points in time' : undefined;
}

/** So many queries of one URL somebody may have configured; more come from whoever asks. */
const CONFIGURED_QUERIES = 10;

/** Tells by the URLs of a family so far: `queries` holds, by label and URL, the queries that were met. */
function manyQueries(queries: Map<string, Set<string>>, name: string, value: string): string | undefined {
  if (!URL_WITH_QUERY.test(value)) return undefined;
  const mark = value.indexOf('?');
  const key = `${name}=${value.slice(0, mark)}`;
  const met = queries.get(key) ?? new Set();
  if (met.size === 0) queries.set(key, met);
  if (met.size <= CONFIGURED_QUERIES) met.add(value.slice(mark));
  return met.size > CONFIGURED_QUERIES ? 'URLs with their queries' : undefined;
}

function grows(sample: ParsedSample, name: string, value: string, kind: string): Problem {
  const message = `the values of the label ${shown(name)} are ${kind}, each a new series`;
  const fix = `${shown(value)} belongs in a log or an exemplar; label with what there is a bounded number of`;
  return problemAt(sample, message, fix);
}

export const labelRules: readonly Rule[] = [sameName, sameLabels, cardinality];
