import type { LineShape } from '../metric/lines.ts';
import type { FamilyHeader } from './exposed.ts';
import type { WriteValue } from './rendered-lines.ts';

/** What tells one text format from another. */
export interface LineFormat {
  /** The name that the lines of a family begin with. */
  lineName(family: Pick<FamilyHeader, 'name' | 'type'>): string;
  /** A bound or a quantile as a label's value. */
  formatBound(bound: number): string;
  readonly write: WriteValue;
  /** From milliseconds since the epoch. */
  formatTimestamp(timestamp: number): string;
  /** Which lines of a type may have an exemplar; none at all where the format has no exemplars. */
  takesExemplar(family: FamilyHeader, line: LineShape): boolean;
  /** Whether a line tells when the series began. */
  readonly showsCreated: boolean;
}
