import type { Redactor } from '../redactor.ts';
import type { PlannedChange, PlannedSeries } from './change-plan.ts';
import type { Settled } from './conflicts.ts';
import type { FoundChange } from './examination.ts';
import type { FamilyChange } from './series-change.ts';

const MAX_REASONS = 20;
const MAX_FAMILIES = 20;
const MAX_SAMPLES = 3;

/** What a plan may name of all its changes together: one of a thousand resources stays an answer of some 100 kB. */
export class Room {
  #reasons = 2_000;
  #families = 2_000;
  #samples = 300;

  reasons(wanted: number): number {
    // Every change says at least one.
    const given = Math.max(1, Math.min(wanted, MAX_REASONS, this.#reasons));
    this.#reasons -= given;
    return given;
  }

  families(wanted: number): number {
    const given = Math.min(wanted, MAX_FAMILIES, this.#families);
    this.#families -= given;
    return given;
  }

  samples(wanted: number): number {
    const given = Math.min(wanted, MAX_SAMPLES, this.#samples);
    this.#samples -= given;
    return given;
  }
}

/** A change as the plan shows it. `settled` is what of its series is left when conflicts are settled. */
export function shownChange(
  { action, plugin, reasons, measure, problem: own }: FoundChange,
  settled: Settled | undefined,
  room: Room,
  redactor: Redactor,
): PlannedChange {
  const shown = room.reasons(reasons.length);
  const more = reasons.length - shown;
  const problem = own ?? settled?.problem;
  return {
    kind: action.kind,
    resource: action.kind === 'close' ? action.name : action.resource.name,
    plugin,
    reasons: reasons.slice(0, shown),
    ...(more > 0 && { moreReasons: more }),
    ...(measure && settled && { series: seriesOf(measure.before, settled.families, room, redactor) }),
    ...(problem && { problem: redactor.redactError(problem) }),
  };
}

function seriesOf(
  before: number | null,
  families: readonly FamilyChange[],
  room: Room,
  redactor: Redactor,
): PlannedSeries {
  const sum = (of: (family: FamilyChange) => number) =>
    families.reduce((total, family) => total + of(family), 0);
  const changed = families.filter(({ added, removed }) => added > 0 || removed > 0);
  const shown = room.families(changed.length);
  const some = (of: (family: FamilyChange) => readonly string[]) => {
    const all = changed.flatMap(of);
    return all.slice(0, room.samples(all.length)).map((text) => redactor.redact(text));
  };
  return {
    before,
    after: sum(({ after }) => after),
    added: sum(({ added }) => added),
    removed: sum(({ removed }) => removed),
    families: changed.slice(0, shown).map(({ name, added, removed }) => ({ name, added, removed })),
    ...(changed.length > shown && { moreFamilies: changed.length - shown }),
    samples: {
      added: some(({ samples }) => samples.added),
      removed: some(({ samples }) => samples.removed),
    },
  };
}
