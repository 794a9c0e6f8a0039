import type { Step } from '../contestants.ts';
import {
  about,
  call,
  child,
  countsOf,
  each,
  type GaugeOf,
  gauge,
  type HistogramOf,
  histogram,
  loose,
  NO_NUMBERS,
  type SummaryOf,
  summary,
} from './steps.ts';

/** Histograms, summaries and timers. */
export const OBSERVING: Readonly<Record<string, readonly Step[]>> = {
  'observing in a histogram': [
    histogram(['a'], { buckets: [1, 2.5, 10] }),
    ...each([0, -1, 1, 1.0001, 2.5, 9, 10, 11, 1e9], (value) => call('observe', { a: 'x' }, value)),
    child(['y'], 'observe', 3),
    child([{ a: 'y' }], 'observe', 0),
    call('observe', 0),
    call('observe', 7),
    call('observe', {}, 7),
  ],
  'a histogram without labels is there before it observes': [histogram()],
  'a histogram without labels and buckets': [histogram([], { buckets: [] }), call('observe', 1)],
  'a histogram with generated buckets': [
    (made) =>
      new made.client.Histogram(
        about(made, 'linear', [], { buckets: made.client.linearBuckets(0, 25, 5) }),
      ).observe(30),
    (made) =>
      new made.client.Histogram(
        about(made, 'exponential', [], { buckets: made.client.exponentialBuckets(0.1, 1.5, 9) }),
      ).observe(0.5),
  ],
  'zero shows a series of a histogram, or sets it back': [
    histogram(['a']),
    call('zero', { a: 'x' }),
    call('observe', { a: 'y' }, 1),
    call('zero', { a: 'y' }),
    call('observe', { a: 'y' }, 2),
  ],
  'a histogram and a summary refuse what is no number': [
    histogram(['a']),
    ...each([...NO_NUMBERS, Number.NaN, null, undefined], (value) => call('observe', { a: 'x' }, value)),
    call('observe', '5'),
    call('observe', Number.POSITIVE_INFINITY),
    call('observe'),
    child(['x'], 'observe', '5'),
    child(['x'], 'observe'),
    summary(['a']),
    ...each([...NO_NUMBERS, Number.NaN, null], (value) => call('observe', { a: 'x' }, value)),
    call('observe', Number.POSITIVE_INFINITY),
    child(['x'], 'observe', '5'),
  ],
  'a summary of one value, and of none': [
    summary(['a']),
    call('observe', { a: 'x' }, 7),
    child(['y'], 'observe', 3),
    call('observe', 5),
    (made) => new made.client.Summary(about(made, 'idle', [], { percentiles: [0.5, 0.9] })),
  ],
  'timers at either end': [
    gauge(['a', 'b']),
    ({ kept }) => (kept.metric as GaugeOf).startTimer({ a: 'x' })({ b: 'y' }) >= 0,
    ({ kept }) => (kept.metric as GaugeOf).labels('x', 'z').startTimer()() >= 0,
    call('reset'),
    histogram(['a', 'b'], { buckets: [] }),
    ({ kept }) => {
      const end = (kept.metric as HistogramOf).startTimer({ a: 'x' });
      return [end({ b: 'y' }) >= 0, end({ a: 'w', b: 'y' }) >= 0, end() >= 0];
    },
    ({ kept }) => typeof (kept.metric as HistogramOf).labels('x', 'z').startTimer()(),
    ({ kept }) => (kept.metric as HistogramOf).startTimer(loose({ nope: 'x' }))(),
    ({ kept }) => ((kept.metric as HistogramOf).get() as Promise<unknown>).then(countsOf),
    call('reset'),
    summary(['a', 'b'], { percentiles: [] }),
    ({ kept }) => {
      const end = (kept.metric as SummaryOf).startTimer({ a: 'x' });
      return [end({ b: 'y' }) >= 0, end() >= 0];
    },
    ({ kept }) => (kept.metric as SummaryOf).labels('x', 'z').startTimer()() >= 0,
    ({ kept }) => ((kept.metric as SummaryOf).get() as Promise<unknown>).then(countsOf),
    ({ registry }) => registry.clear(),
  ],
};
