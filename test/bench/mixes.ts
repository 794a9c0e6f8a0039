import type { CounterChild, GaugeChild, HistogramChild } from '@dynamic-informer/sdk';
import {
  type Changed,
  FAMILIES,
  gaugeValue,
  increase,
  isChanged,
  labelValues,
  type MixFamily,
} from './mix-a.ts';
import { HISTOGRAMS, halvesOf, observation, observationsOf } from './mix-h.ts';

export type MixName = 'A' | 'H';

type Counter = Pick<CounterChild, 'inc'>;
type Gauge = Pick<GaugeChild, 'set'>;
type Histogram = Pick<HistogramChild, 'observe'>;

type MakeChild<C> = (method: string, route: string, zone: string) => C;
/** How somebody makes a family in the registry that is to be filled, and then a child of it. */
export interface Makers {
  counter(family: MixFamily): MakeChild<Counter>;
  gauge(family: MixFamily): MakeChild<Gauge>;
  histogram(family: MixFamily): MakeChild<Histogram>;
}

/** Changes values as the round says; round 0 of `all` gives every series its first. */
export type Change = (changed: Changed, round: number) => void;

interface Kept<C> {
  readonly series: number;
  readonly child: C;
}

/** Fills a registry. Every contestant keeps its children, which is how each says that it is fastest. */
export function fillMix(mix: MixName, lines: number, make: Makers): Change {
  const { histograms, rest } = mix === 'H' ? halvesOf(lines) : { histograms: 0, rest: lines };
  const counters: Kept<Counter>[] = [];
  const gauges: Kept<Gauge>[] = [];
  const observers: Kept<Histogram>[] = [];
  const shares = [
    ...spread(FAMILIES, rest, 0),
    ...(histograms > 0 ? spread(HISTOGRAMS, histograms, rest) : []),
  ];
  for (const { family, first, size } of shares) {
    const keep = <C>(child: MakeChild<C>, into: Kept<C>[]) => {
      for (let i = 0; i < size; i++) into.push({ series: first + i, child: child(...labelValues(i)) });
    };
    if (family.type === 'counter') keep(make.counter(family), counters);
    else if (family.type === 'gauge') keep(make.gauge(family), gauges);
    else keep(make.histogram(family), observers);
  }
  return (changed, round) => {
    for (const { series, child } of counters) {
      if (isChanged(changed, series, round)) child.inc(increase(series, round));
    }
    for (const { series, child } of gauges) {
      if (isChanged(changed, series, round)) child.set(gaugeValue(series, round));
    }
    for (const { series, child } of observers) {
      if (!isChanged(changed, series, round)) continue;
      for (let i = 0; i < observationsOf(round); i++) child.observe(observation(series, round, i));
    }
  };
}

/** Numbers the series from `first` on, as many in each family as in the others, or one more. */
function spread(families: readonly MixFamily[], series: number, first: number) {
  const bound = (index: number) => Math.floor((series * index) / families.length);
  return families.map((family, index) => ({
    family,
    first: first + bound(index),
    size: bound(index + 1) - bound(index),
  }));
}
