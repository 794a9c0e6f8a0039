import { shown } from '../exposition/parse/report.ts';
import { problemAt, type Rule } from './rule.ts';
import { partOf } from './series.ts';

const suffix: Rule = {
  name: 'counter-total',
  *check({ format, name, type }) {
    const total = name.endsWith('_total');
    // OpenMetrics keeps the suffix off the family's name, and its parser asks for it on the samples.
    if (type === 'counter' && !total && format === 'text') {
      yield {
        message: 'the counter\'s name does not end in "_total"',
        fix: `rename it to ${shown(`${name}_total`)}`,
      };
    } else if (type === 'counter' && total && format === 'openmetrics') {
      const message =
        'the name of the counter\'s family ends in "_total", so its samples end in "_total_total"';
      yield { message, fix: `name the family ${shown(name.slice(0, -'_total'.length))}` };
    } else if (type !== 'counter' && type !== 'untyped' && total) {
      const message = `the name of the ${type} ends in "_total", which is for counters`;
      yield { message, fix: 'leave "_total" out, or make it a counter if it only goes up' };
    }
  },
};

const value: Rule = {
  name: 'counter-value',
  *check(family) {
    if (family.type !== 'counter') return;
    for (const sample of family.samples) {
      if (sample.value >= 0 || partOf(family, sample) === '_created') continue;
      yield problemAt(sample, `the counter is ${sample.value}`, 'count from 0 upwards, or make it a gauge');
    }
  },
};

export const counterRules: readonly Rule[] = [suffix, value];
