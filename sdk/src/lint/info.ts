import { shown } from '../exposition/parse/report.ts';
import { type Problem, problemAt, type Rule } from './rule.ts';
import { labelOf } from './series.ts';

const info: Rule = {
  name: 'info',
  *check({ format, name, type, samples }): Iterable<Problem> {
    const named = name.endsWith('_info');
    if (type === 'info' && named && format === 'openmetrics') {
      const fix = `name the family ${shown(name.slice(0, -'_info'.length))}: its samples add "_info"`;
      yield { message: 'the name of the info family ends in "_info" itself', fix };
    }
    if (named && type !== 'info' && type !== 'gauge' && type !== 'untyped') {
      yield {
        message: `the name of the ${type} ends in "_info"`,
        fix: 'rename it: "_info" is for labels with the value 1',
      };
    }
    if (type !== 'info' && !(named && type === 'gauge')) return;
    const wrong = samples.find(({ value }) => value !== 1);
    if (wrong) {
      const fix = type === 'info' ? 'write 1' : 'write 1, or leave "_info" out of the name';
      yield problemAt(wrong, `the value of an info metric is ${wrong.value}`, fix);
    }
  },
};

const stateset: Rule = {
  name: 'stateset',
  *check({ name, type, samples }): Iterable<Problem> {
    if (type !== 'stateset') return;
    for (const sample of samples) {
      if (labelOf(sample, name) === undefined) {
        const message = `the sample has no label ${shown(name)}, which names the state`;
        yield problemAt(sample, message, 'give each state one sample with that label');
      }
      if (sample.value !== 0 && sample.value !== 1) {
        yield problemAt(
          sample,
          `a state is ${sample.value}`,
          'write 1 for a state that holds, 0 for one that does not',
        );
      }
    }
  },
};

export const infoRules: readonly Rule[] = [info, stateset];
