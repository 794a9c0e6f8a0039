import { shown } from '../exposition/parse/report.ts';
import { type Problem, problemAt, type Rule } from './rule.ts';

const CAMEL_CASE = /[a-z][A-Z]/;

/**
 * Metrics whose names come from the kernel's own files and are what everybody's dashboards ask for: node_exporter's own
 * build leaves these prefixes out of its linting too.
 */
const GIVEN_NAMES = /^node_(?:entropy|memory|netstat|wifi_station)_/;

const snakeCase = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();

const camelCase: Rule = {
  name: 'name-camel-case',
  *check({ name, samples }): Iterable<Problem> {
    if (CAMEL_CASE.test(name) && !GIVEN_NAMES.test(name)) {
      const message = 'the name is written in camelCase';
      yield { message, fix: `write it in snake_case: ${shown(snakeCase(name))}` };
    }
    for (const sample of samples) {
      for (const [label] of sample.labels) {
        if (!CAMEL_CASE.test(label)) continue;
        const fix = `write it in snake_case: ${shown(snakeCase(label))}`;
        yield problemAt(sample, `the label ${shown(label)} is written in camelCase`, fix);
      }
    }
  },
};

const colon: Rule = {
  name: 'name-colon',
  *check({ name }) {
    if (!name.includes(':')) return;
    yield {
      message: 'the name has a colon',
      fix: `colons are for recording rules; use "_": ${shown(name.replaceAll(':', '_'))}`,
    };
  },
};

const type: Rule = {
  name: 'name-type',
  *check({ name, type }) {
    if (type === 'untyped' || type === 'info') return;
    const found = [type, ...(type === 'gaugehistogram' ? ['gauge_histogram'] : [])].find((word) =>
      `${name.toLowerCase()}_`.includes(`_${word}_`),
    );
    if (found === undefined) return;
    const message = `the name holds the metric's type, ${shown(found)}`;
    yield { message, fix: 'leave it out: the TYPE line says it' };
  },
};

export const nameRules: readonly Rule[] = [camelCase, colon, type];
