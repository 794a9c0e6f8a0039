// Mix H: of its lines half are mix A's, half those of ten families of classic histograms with the default
// buckets. go/mix.go has it once more.
import { DEFAULT_BUCKETS } from '@dynamic-informer/sdk';
import { FAMILIES_OF_A_TYPE, fraction, type MixFamily } from './mix-a.ts';

export const HISTOGRAMS: readonly MixFamily[] = Array.from({ length: FAMILIES_OF_A_TYPE }, (_, number) => ({
  type: 'histogram',
  name: `shop_${number}_duration_seconds`,
  help: `Durations of part ${number}.`,
}));

/** The buckets, that of `+Inf`, the sum and the count. */
const LINES_OF_A_HISTOGRAM = DEFAULT_BUCKETS.length + 3;
const FIRST_OBSERVATIONS = 200;
const FURTHER_OBSERVATIONS = 5;

/** How many histograms come closest to half of so many lines, and how many lines they leave. */
export function halvesOf(lines: number): { histograms: number; rest: number } {
  const histograms = Math.round(lines / 2 / LINES_OF_A_HISTOGRAM);
  return { histograms, rest: lines - LINES_OF_A_HISTOGRAM * histograms };
}

/** How often a round observes in each histogram that it changes. */
export const observationsOf = (round: number): number =>
  round === 0 ? FIRST_OBSERVATIONS : FURTHER_OBSERVATIONS;

/** What is observed: most of it in the lower buckets, some above the highest. */
export function observation(series: number, round: number, number: number): number {
  const value = fraction(series, round * FIRST_OBSERVATIONS + number);
  return value * value * value * 12;
}
