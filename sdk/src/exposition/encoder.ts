import type { ExposedFamily } from './exposed.ts';

/** Writes one family in one format, and keeps what it wrote for the next time. */
export interface FamilyEncoder {
  /**
   * The family's part of the exposition without its header, so that the parts of several resources can be
   * put one after the other. The bytes stay as they are until `giveBack`.
   */
  encode(family: ExposedFamily): readonly Uint8Array[];
  /** `encode` in pieces that each take a fraction of a millisecond, for a process that has other things to do. */
  encodeInSlices(family: ExposedFamily): Iterable<void>;
  lend(): readonly Uint8Array[];
  /** Whoever had the bytes is done with them: they may be written over. */
  giveBack(): void;
}
