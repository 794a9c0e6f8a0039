import type { ParsedFamily, ParsedSample } from '../exposition/parse/family.ts';
import { readFloat } from '../exposition/parse/number.ts';
import { shown } from '../exposition/parse/report.ts';
import { type Problem, problemAt, type Rule } from './rule.ts';
import { labelOf, labelsKey, partOf, pointLabel } from './series.ts';

/** One histogram or summary at one time: the samples that differ in nothing but `le` or `quantile`. */
interface Point {
  readonly first: ParsedSample;
  readonly bounds: (readonly [bound: number, sample: ParsedSample])[];
  count?: ParsedSample;
  sum?: ParsedSample;
}

const isDistribution = ({ type }: ParsedFamily): boolean =>
  type === 'histogram' || type === 'gaugehistogram' || type === 'summary';

const bounds: Rule = {
  name: 'distribution-bounds',
  *check(family): Iterable<Problem> {
    if (!isDistribution(family)) return;
    for (const sample of family.samples) {
      const part = partOf(family, sample);
      if (part === '_bucket' || part === '') yield* boundProblems(family, sample, part);
    }
  },
};

function* boundProblems({ type }: ParsedFamily, sample: ParsedSample, part: string): Iterable<Problem> {
  const label = type === 'summary' ? 'quantile' : 'le';
  const written = labelOf(sample, label);
  if (part === '' && type !== 'summary') {
    const message = `the ${type} has a sample of its own name`;
    yield problemAt(sample, message, 'expose _bucket, _sum and _count, or give it another type');
    return;
  }
  if (written === undefined) {
    yield problemAt(sample, `the sample has no label "${label}"`, `say which ${label} it is about`);
    return;
  }
  const bound = readFloat(written, 0, written.length);
  if (bound === undefined || Number.isNaN(bound)) {
    yield problemAt(sample, `the label ${label}=${shown(written)} is not a number`, 'write a number');
  } else if (label === 'quantile' && (bound < 0 || bound > 1)) {
    yield problemAt(sample, `the quantile ${shown(written)} is not between 0 and 1`, 'write 0.99 for 99 %');
  } else if (bound === Number.POSITIVE_INFINITY && written !== '+Inf') {
    yield problemAt(
      sample,
      `the last bucket is written le=${shown(written)}`,
      'write le="+Inf", as queries do',
    );
  }
}

const shape: Rule = {
  name: 'distribution-shape',
  *check(family): Iterable<Problem> {
    if (!isDistribution(family)) return;
    for (const point of pointsOf(family)) {
      if (family.type !== 'summary') yield* bucketProblems(point);
      if (family.incomplete === undefined && family.type !== 'summary') yield* missingProblems(point);
      yield* countProblems(family, point);
    }
  },
};

function pointsOf(family: ParsedFamily): Iterable<Point> {
  const points = new Map<string, Point>();
  const label = pointLabel(family);
  for (const sample of family.samples) {
    const part = partOf(family, sample);
    if (part === '_created') continue;
    const key = `${sample.timestamp ?? ''} ${labelsKey(sample.labels, label)}`;
    const point: Point = points.get(key) ?? { first: sample, bounds: [] };
    if (point.first === sample) points.set(key, point);
    if (part === '_count' || part === '_gcount') point.count = sample;
    else if (part === '_sum' || part === '_gsum') point.sum = sample;
    else {
      const written = label === undefined ? undefined : labelOf(sample, label);
      const bound = written === undefined ? undefined : readFloat(written, 0, written.length);
      if (bound !== undefined && !Number.isNaN(bound)) point.bounds.push([bound, sample]);
    }
  }
  return points.values();
}

function* bucketProblems({ bounds }: Point): Iterable<Problem> {
  for (let i = 1; i < bounds.length; i++) {
    const [[before, lower], [bound, sample]] = [bounds[i - 1], bounds[i]] as [
      Point['bounds'][0],
      Point['bounds'][0],
    ];
    if (bound < before) {
      yield problemAt(sample, 'the buckets are not in ascending order of "le"', 'sort them by their bounds');
      return;
    }
    if (sample.value < lower.value) {
      const message = 'a bucket counts less than the one below it';
      yield problemAt(sample, message, 'cumulate: each bucket counts all observations up to its bound');
      return;
    }
  }
}

function* missingProblems({ first, bounds, count, sum }: Point): Iterable<Problem> {
  const last = bounds.find(([bound]) => bound === Number.POSITIVE_INFINITY)?.[1];
  if (!last) {
    yield problemAt(first, 'there is no bucket le="+Inf"', 'add it, with the count of all observations');
  } else if (count && count.value !== last.value) {
    const message = `the count is ${count.value}, the bucket le="+Inf" has ${last.value}`;
    yield problemAt(count, message, 'take both at one moment: they are the same number');
  }
  if ((count === undefined) !== (sum === undefined)) {
    const [there, missing] = count ? ['count', 'sum'] : ['sum', 'count'];
    yield problemAt(
      count ?? sum ?? first,
      `there is a ${there} and no ${missing}`,
      `expose the ${missing} too`,
    );
  }
}

function* countProblems({ type, format }: ParsedFamily, { bounds, count, sum }: Point): Iterable<Problem> {
  const counts = type === 'summary' ? [] : bounds.map(([, sample]) => sample);
  for (const sample of count ? [...counts, count] : counts) {
    if (sample.value >= 0) continue;
    yield problemAt(sample, `observations are counted as ${sample.value}`, 'count from 0 upwards');
    break;
  }
  // The text format does not say what a sum may be; OpenMetrics has it as a counter.
  if (format === 'text') return;
  const negative = bounds.some(([bound]) => bound < 0) && type !== 'summary';
  if (sum && negative && type === 'histogram') {
    const message = 'there are buckets below 0 and a sum';
    yield problemAt(
      sum,
      message,
      'leave sum and count out: the sum can fall, and OpenMetrics has it as a counter',
    );
  } else if (sum && !(sum.value >= 0) && !(negative && sum.value < 0)) {
    yield problemAt(sum, `the sum is ${sum.value}`, 'leave sum and count out where values can be below 0');
  }
  const fallen = type === 'summary' ? bounds.find(([, sample]) => sample.value < 0)?.[1] : undefined;
  if (fallen) {
    yield problemAt(
      fallen,
      `the quantile is ${fallen.value}`,
      'OpenMetrics allows none below 0; use a gauge',
    );
  }
}

export const distributionRules: readonly Rule[] = [bounds, shape];
