import type { ErrorInfo } from '@dynamic-informer/sdk';
import { breathe } from '../breathe.ts';
import { conflictOf, type FamilyMeta, FamilyTable } from '../render/family-table.ts';
import type { FamilyChange } from './series-change.ts';

/** A change whose series are known, family by family. */
export interface Measured {
  readonly resource: string;
  /** Lower ones keep a name that two resources expose with different types. */
  readonly rank: number;
  /** What is exposed now; `null` if nothing has been collected yet. */
  readonly before: number | null;
  readonly families: readonly FamilyChange[];
  /** What the resource would expose. */
  readonly metas: readonly FamilyMeta[];
}

/** What stays as it is beside the changes. */
export interface Staying {
  readonly resource: string;
  readonly rank: number;
  readonly metas: readonly FamilyMeta[];
}

/** What is left of a change, and what is wrong with it. */
export interface Settled {
  readonly families: readonly FamilyChange[];
  readonly problem: ErrorInfo | undefined;
}

/** Takes out the families that would not be exposed, because somebody else has their names with another type. */
export async function withoutConflicts(
  measured: readonly Measured[],
  staying: readonly Staying[],
  own: Iterable<FamilyMeta>,
): Promise<Map<string, Settled>> {
  const table = new FamilyTable();
  table.reserve(own);
  const pause = breathe();
  const byRank = [...staying, ...measured].sort((a, b) => a.rank - b.rank);
  const conflicts = new Map<string, Map<string, ErrorInfo>>();
  for (const { resource, rank, metas } of byRank) {
    const found = new Map<string, ErrorInfo>();
    for (const meta of metas) {
      if (pause.isDue()) await pause.now();
      const conflict = conflictOf(resource, meta, table.claim(resource, meta, [0, rank]));
      if (conflict) found.set(meta.name, conflict);
    }
    conflicts.set(resource, found);
  }
  return new Map(
    measured.map(({ resource, families }) => {
      const refused = conflicts.get(resource) ?? new Map<string, ErrorInfo>();
      const left = families.map((family) => (refused.has(family.name) ? leftOut(family) : family));
      return [resource, { families: left, problem: refused.values().next().value }];
    }),
  );
}

/** A family that is not exposed any more, nor anew. */
const leftOut = ({ name, before, samples }: FamilyChange): FamilyChange => ({
  name,
  before,
  after: 0,
  added: 0,
  removed: before,
  samples: { added: [], removed: samples.removed },
});
