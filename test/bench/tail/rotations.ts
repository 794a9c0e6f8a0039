/** How a log gets out of the way, as the cases are named. */
export const ROTATIONS = [
  'rename-held',
  'unlink',
  'symlink',
  'copytruncate-quiet',
  'copytruncate-hot',
  'truncate-refill',
  'same-size',
] as const;
export type Rotation = (typeof ROTATIONS)[number];

export interface RotationSettings {
  readonly rotations: number;
  readonly perSecond: number;
  /** For how long it writes between rotations. */
  readonly writeMs: number;
  /** For how long it goes on writing to a file that was renamed. */
  readonly heldMs: number;
  /** For how long nothing is written before what was written is destroyed; but not where the writer is a hot one. */
  readonly quietMs: number;
}

/** What it tells its parent when it is done. */
export interface WriterSays {
  readonly written: number;
}
