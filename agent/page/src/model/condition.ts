import type { ResourceStatus } from '../api/types.ts';

/** What people filter by; each resource is in one. */
export const GROUPS = ['broken', 'opening', 'degraded', 'up', 'disabled'] as const;
export type Group = (typeof GROUPS)[number];

export interface Condition {
  readonly group: Group;
  readonly word: string;
  /** Lower is worse. */
  readonly rank: number;
}

const OUTCOME_WORDS: Readonly<Record<string, string>> = {
  target: 'target failed',
  timeout: 'timed out',
  crash: 'crashed',
  plugin: 'plugin fault',
  limit: 'over its limit',
  partial: 'partial',
};

/** How a collect's outcome is called. */
export const outcomeWord = (outcome: string): string => OUTCOME_WORDS[outcome] ?? outcome;

/**
 * Worst is what nobody will mend but a person, then what is tried again, what fails, what lacks something.
 * What was broken and is just opened again stays broken: it has not shown yet that it is not.
 */
export function conditionOf(
  { state, up, late, outcome, errors }: ResourceStatus,
  previous?: Condition,
): Condition {
  if (state === 'quarantined') return { group: 'broken', word: 'quarantined', rank: 0 };
  if (state === 'failed') return { group: 'broken', word: 'failed', rank: 1 };
  if (state === 'disabled') return { group: 'disabled', word: 'disabled', rank: 7 };
  const isAgain = previous?.group === 'broken';
  if (state === 'opening') {
    return isAgain || errors.length > 0
      ? { group: 'broken', word: 'opening again', rank: Math.min(previous?.rank ?? 2, 2) }
      : { group: 'opening', word: 'opening', rank: 4 };
  }
  if (late) return { group: 'broken', word: 'late', rank: 2 };
  if (outcome === undefined) return { group: 'opening', word: 'not collected yet', rank: 4 };
  if (!up) return { group: 'broken', word: outcome === 'ok' ? 'overdue' : outcomeWord(outcome), rank: 2 };
  if (outcome !== 'ok') return { group: 'degraded', word: outcomeWord(outcome), rank: 5 };
  return { group: 'up', word: 'up', rank: 6 };
}
