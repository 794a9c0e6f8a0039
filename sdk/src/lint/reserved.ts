import { type Problem, problemAt, type Rule } from './rule.ts';
import { labelOf } from './series.ts';

// What a histogram or a summary is made of may be named so by nothing else.

const suffixes: Rule = {
  name: 'reserved-suffix',
  *check({ name, type }): Iterable<Problem> {
    if (type === 'untyped') return;
    const histogram = type === 'histogram' || type === 'gaugehistogram';
    const taken = histogram
      ? undefined
      : (type === 'summary' ? ['_bucket'] : ['_bucket', '_count', '_sum']).find((part) =>
          name.endsWith(part),
        );
    if (taken === undefined) return;
    const owner = taken === '_bucket' ? 'histograms' : 'histograms and summaries';
    yield { message: `the name of the ${type} ends in "${taken}", which is for ${owner}`, fix: 'rename it' };
  },
};

const labels: Rule = {
  name: 'reserved-label',
  *check({ type, samples }): Iterable<Problem> {
    const histogram = type === 'histogram' || type === 'gaugehistogram';
    for (const sample of samples) {
      if (type !== 'untyped' && !histogram && labelOf(sample, 'le') !== undefined) {
        yield problemAt(sample, `the ${type} has a label "le", which is for histograms`, 'rename the label');
      }
      if (type !== 'untyped' && type !== 'summary' && labelOf(sample, 'quantile') !== undefined) {
        const message = `the ${type} has a label "quantile", which is for summaries`;
        yield problemAt(sample, message, 'rename the label');
      }
      if (sample.labels.some(([name]) => name.startsWith('__'))) {
        const message = 'a label\'s name begins with "__", which is for Prometheus itself';
        yield problemAt(sample, message, 'rename the label');
      }
    }
  },
};

export const reservedRules: readonly Rule[] = [suffixes, labels];
