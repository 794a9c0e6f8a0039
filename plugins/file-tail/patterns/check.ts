import type { MetricConfig } from '../config.ts';
import { OWN_PREFIX } from '../metrics.ts';
import { below, type Report } from './report.ts';

const METRIC_NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/;
const LABEL_NAME = /^(?!__)[A-Za-z_][A-Za-z0-9_]*$/;

/** Reports what is wrong with a metric whatever its pattern is. */
export function checkMetric(metric: MetricConfig, report: Report): void {
  const { name, type, labels = {}, buckets } = metric;
  if (!METRIC_NAME.test(name)) {
    report(
      ['name'],
      `"${name}" is not a metric name`,
      'use letters, digits, "_" and ":", and begin with no digit',
    );
  }
  if (name.startsWith(OWN_PREFIX)) {
    report(
      ['name'],
      `"${name}" begins with "${OWN_PREFIX}", as the plugin's own metrics do`,
      'choose another name',
    );
  }
  checkValue(metric, report);
  for (const label of Object.keys(labels)) checkLabelName(label, type, below(report, 'labels', label));
  if (buckets !== undefined) checkBuckets(buckets, type, below(report, 'buckets'));
}

function checkValue({ type, value, unit }: MetricConfig, report: Report): void {
  if (value === undefined && type !== 'counter') {
    report(
      ['value'],
      `missing: a ${type} needs a number`,
      'name the group that captures it, or use a counter, which counts lines',
    );
  }
  if (unit === undefined) return;
  if (value === undefined && type === 'counter') {
    report(
      ['unit'],
      'lines that are counted have no unit',
      'leave it out, or name the group that holds the number as "value"',
    );
  }
  if (unit === 'timestamp' && type !== 'gauge') {
    report(['unit'], `a ${type} can't take a time`, 'make it a gauge, which keeps the last one');
  }
}

function checkLabelName(label: string, type: string, report: Report): void {
  if (!LABEL_NAME.test(label)) {
    report(
      [],
      `"${label}" is not a label name`,
      'use letters, digits and "_", and begin with neither a digit nor "__"',
    );
  } else if (type === 'histogram' && label === 'le') {
    report([], 'a histogram has a label "le" of its own', 'rename the label');
  }
}

function checkBuckets(buckets: readonly number[], type: string, report: Report): void {
  if (type !== 'histogram') {
    report([], `a ${type} has no buckets`, 'leave them out, or make it a histogram');
  } else if (buckets.some((bound, index) => index > 0 && bound <= (buckets[index - 1] as number))) {
    report([], 'the bounds do not ascend', 'write each one once, the lowest first');
  }
}
