import type { Descriptor } from '../metric/descriptor.ts';
import type { LineShape } from '../metric/lines.ts';
import type { NativeValue } from '../metric/native-value.ts';
import type { Exemplar } from '../metric/sample.ts';

/** What a series can have beside its values; times are milliseconds since the epoch. */
export interface SeriesExtras {
  readonly timestamp?: number | undefined;
  readonly created?: number | undefined;
  /** By line, in the order of the source's `lines`. */
  readonly exemplars?: ReadonlyMap<number, Exemplar> | undefined;
  /** A native histogram's buckets. */
  readonly native?: NativeValue | undefined;
}

/** The series of one metric, wherever they are kept, as the exposition reads them. */
export interface SeriesSource {
  readonly descriptor: Descriptor;
  /** Those of each series. */
  readonly lines: readonly LineShape[];
  /** The order of `walk`'s values: sorted. */
  readonly labelNames: readonly string[];
  /** Changes whenever a series comes, goes or gets another slot. */
  readonly version: number;
  /** How many series there are. */
  readonly size: number;
  /** One more than the highest slot; slots rise with the age of their series. */
  readonly slotBound: number;
  /**
   * Series at slots below this one were exposed when a limit was last applied: they keep their place. Whoever
   * applies limits moves it; it follows its series when slots are given up.
   */
  fence: number;
  /** The different values of each label, in the order of `labelNames`; of a large source those of some series. */
  labelValues(most: number): readonly ReadonlySet<string>[];
  /** Series in the order of their label values. The array of values is reused. */
  walk(visit: (labelValues: readonly string[], slot: number) => void): void;
  /** Writes the lines' values of these slots into `values`, in the order of `lines`, series after series. */
  read(slots: Int32Array, values: Float64Array): void;
  /** Whether any series has a timestamp or an exemplar now: then lines are more than name, labels and value. */
  readonly hasTails: boolean;
  extras(slot: number): SeriesExtras;
}

/** How many lines all series of these sources have together. */
export const countLines = (sources: readonly SeriesSource[]): number =>
  sources.reduce((sum, { size, lines }) => sum + size * lines.length, 0);
