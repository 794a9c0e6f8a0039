import type { Sample } from '@dynamic-informer/sdk';
import * as own from './metrics.ts';

/** What happened to the files of one path, the rotated ones too; counted up in place. */
export interface FileCounts {
  lines: number;
  bytes: number;
  rotations: number;
  truncations: number;
  oversized: number;
  unmatched: number;
}

export const noCounts = (): FileCounts => ({
  lines: 0,
  bytes: 0,
  rotations: 0,
  truncations: 0,
  oversized: 0,
  unmatched: 0,
});

export function* countSamples(path: string, counts: FileCounts): Iterable<Sample> {
  const labels = { path };
  yield own.linesTotal.sample(counts.lines, labels);
  yield own.bytesTotal.sample(counts.bytes, labels);
  yield own.rotationsTotal.sample(counts.rotations, labels);
  yield own.truncationsTotal.sample(counts.truncations, labels);
  yield own.oversizedLinesTotal.sample(counts.oversized, labels);
  yield own.unmatchedLinesTotal.sample(counts.unmatched, labels);
}
