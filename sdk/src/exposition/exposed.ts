import type { MetricType } from '../metric/descriptor.ts';
import type { LineShape } from '../metric/lines.ts';
import type { SeriesExtras } from '../registry/source.ts';

/** The name and the header of a family. */
export interface FamilyHeader {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit?: string | undefined;
}

/**
 * Takes one series after the other. `names` are sorted; `values` belong to them and may be reused for the next
 * series. `lines` are those of the family's type unless relabelling took some away.
 */
export type SeriesVisitor = (
  names: readonly string[],
  values: readonly string[],
  lines: readonly LineShape[],
) => void;

/** A family as it is to be exposed: which lines there are, and beside them their values. */
export interface ExposedFamily extends FamilyHeader {
  /** Whether all its names are of the old form, so that every escaping leaves them as they are. */
  readonly hasLegacyNames: boolean;
  /** How many series, a histogram counting as one. */
  readonly seriesCount: number;
  /** Changes whenever a line comes, goes or moves: what was laid out before is of no use then. */
  readonly layout: number;
  /** By line. */
  readonly values: Float64Array;
  /** How many of `values` are lines. */
  readonly lineCount: number;
  /**
   * Series may have come or gone since it was gathered: to be called before anything else is read of it at one
   * go, so that lines and values belong together.
   */
  catchUp(): void;
  /** Every series in the order of the exposition. */
  visit(visitor: SeriesVisitor): void;
  /** Whether a series has a timestamp or an exemplar: then lines are more than name, labels and value. */
  readonly hasTails: boolean;
  /** What each series has beside its values, in the order of `visit`. */
  details(): readonly SeriesExtras[];
}
