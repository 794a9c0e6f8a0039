import { problemAt, type Rule } from './rule.ts';
import { labelsKey } from './series.ts';

const duplicate: Rule = {
  name: 'duplicate-series',
  *check({ format, samples }) {
    const first = new Map<string, number>();
    for (const sample of samples) {
      // OpenMetrics may give a series several points, each with its timestamp.
      if (format === 'openmetrics' && sample.timestamp !== undefined) continue;
      const key = `${sample.name} ${labelsKey(sample.labels)}`;
      const line = first.get(key);
      if (line === undefined) first.set(key, sample.line);
      else {
        const message = `the same series, with the same labels, is on line ${line} already`;
        yield problemAt(sample, message, 'expose each series once, or add the label that tells them apart');
      }
    }
  },
};

export const duplicateRules: readonly Rule[] = [duplicate];
