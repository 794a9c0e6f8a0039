import type { Descriptor } from './descriptor.ts';

/** One of the lines that a series has in the text formats, and the label that only this line has. */
export interface LineShape {
  readonly suffix: '' | '_bucket' | '_sum' | '_count';
  /** A histogram's `le`, a summary's `quantile`, or a state; a number is written as its format writes numbers. */
  readonly label?: readonly [name: string, value: number | string];
  /** A number of observations, which OpenMetrics writes without a fraction. */
  readonly isCount?: true;
}

const PLAIN: readonly LineShape[] = [{ suffix: '' }];
const SUM: LineShape = { suffix: '_sum' };
const COUNT: LineShape = { suffix: '_count', isCount: true };

/** A series' lines in the order in which client_golang writes them; its values lie in the same order. */
export function linesOf({
  name,
  type,
  buckets = [],
  quantiles = [],
  states = [],
}: Descriptor): readonly LineShape[] {
  switch (type) {
    case 'histogram':
      return [
        ...[...buckets, Number.POSITIVE_INFINITY].map(
          (bound): LineShape => ({ suffix: '_bucket', label: ['le', bound], isCount: true }),
        ),
        SUM,
        COUNT,
      ];
    case 'summary':
      return [
        ...quantiles.map((quantile): LineShape => ({ suffix: '', label: ['quantile', quantile] })),
        SUM,
        COUNT,
      ];
    case 'stateset':
      return states.map((state): LineShape => ({ suffix: '', label: [name, state] }));
    default:
      return PLAIN;
  }
}
