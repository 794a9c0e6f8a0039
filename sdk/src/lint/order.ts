import { problemAt, type Rule } from './rule.ts';
import { labelsKey, pointLabel } from './series.ts';

/** OpenMetrics wants the samples of a metric together, and its points by time. */
const order: Rule = {
  name: 'order',
  *check(family) {
    if (family.format === 'text' || family.type === 'info') return;
    const label = pointLabel(family);
    const ended = new Set<string>();
    let current: string | undefined;
    let time: number | undefined;
    for (const sample of family.samples) {
      const metric = labelsKey(sample.labels, label);
      if (metric !== current) {
        if (current !== undefined) ended.add(current);
        if (ended.has(metric)) {
          const message = 'the samples of one set of labels are not all in one place';
          yield problemAt(sample, message, 'write all samples of a set of labels before those of the next');
        }
        current = metric;
      } else if ((time === undefined) !== (sample.timestamp === undefined)) {
        const message = 'one set of labels has samples with and without a timestamp';
        yield problemAt(sample, message, 'give all of them one, or none');
      } else if (time !== undefined && sample.timestamp !== undefined && sample.timestamp < time) {
        yield problemAt(
          sample,
          'the timestamps of a series go backwards',
          'write its points in the order of time',
        );
      }
      time = sample.timestamp;
    }
  },
};

export const orderRules: readonly Rule[] = [order];
