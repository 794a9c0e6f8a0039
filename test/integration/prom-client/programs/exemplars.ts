import type { Step } from '../contestants.ts';
import { call, counter, type HistogramOf, histogram } from './steps.ts';

/** For a registry in OpenMetrics, the format that has exemplars. */
export const EXEMPLARS: Readonly<Record<string, readonly Step[]>> = {
  'exemplars of a counter': [
    counter(['a'], { enableExemplars: true }),
    call('inc', { labels: { a: 'x' }, value: 2, exemplarLabels: { trace: 't1', span: 5 } }),
    call('inc', { labels: { a: 'x' } }),
    call('inc', { labels: { a: 'y' }, value: 3 }),
    call('inc', { value: 3, exemplarLabels: {} }),
    call('inc', {}),
    call('inc'),
    call('inc', { labels: { b: 'x' } }),
    call('inc', { labels: { a: 'x' }, value: -1 }),
    call('inc', { labels: { a: 'x' }, value: '5' }),
    call('inc', { labels: { a: 'x' }, exemplarLabels: { trace: 'x'.repeat(200) } }),
  ],
  'exemplars of a histogram': [
    histogram(['a'], { enableExemplars: true, buckets: [1, 10] }),
    call('observe', { labels: { a: 'x' }, value: 0.5, exemplarLabels: { trace: 't1' } }),
    call('observe', { labels: { a: 'x' }, value: 0.6, exemplarLabels: { trace: 't2' } }),
    call('observe', { labels: { a: 'x' }, value: 5, exemplarLabels: { trace: 't3' } }),
    call('observe', { labels: { a: 'x' }, value: 50, exemplarLabels: { trace: 't4' } }),
    call('observe', { labels: { a: 'x' }, value: 5 }),
    call('observe', { value: 5, exemplarLabels: {} }),
    call('observe', { labels: { a: 'x' } }),
    call('observe', { labels: { b: 'x' }, value: 1 }),
    call('observe', { labels: { a: 'x' }, value: 7, exemplarLabels: { trace: 'x'.repeat(200) } }),
  ],
  'timers with exemplars': [
    histogram(['a'], { enableExemplars: true, buckets: [] }),
    ({ kept }) =>
      (kept.metric as HistogramOf).startTimer({ a: 'x' }, { trace: 't1' })({}, { span: 's' }) >= 0,
    async ({ kept }) => {
      const { values } = await (kept.metric as HistogramOf).get();
      return values.map(({ exemplar }) => exemplar?.labelSet);
    },
    call('reset'),
  ],
  'a counter whose name does not end in _total': [
    counter([], { name: 'hits' }),
    call('inc', 2),
    counter([], { name: 'misses_total' }),
    call('inc', 3),
  ],
};
