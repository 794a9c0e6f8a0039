import type { CollectedEvent, CollectHistory, ListedResource, ResourceStatus } from '../api/types.ts';
import { type Condition, conditionOf } from './condition.ts';

/** One resource as the page keeps it. Rows are replaced, never changed: what is the same object looks the same. */
export interface Row {
  readonly status: ResourceStatus;
  readonly condition: Condition;
  readonly history: CollectHistory;
}

export type Rows = ReadonlyMap<string, Row>;

/** As many collects as the agent remembers. */
const HISTORY_LENGTH = 60;

export const NO_HISTORY: CollectHistory = { at: [], seconds: [], outcome: [] };

/** `previous` keeps what the list does not bring. */
export function rowOf({ history, ...status }: ListedResource, previous: Row | undefined): Row {
  const known = history ?? withLastCollect(previous?.history ?? NO_HISTORY, status);
  return { status, condition: conditionOf(status, previous?.condition), history: known };
}

/** What one collect changes; what is wrong with it comes with the resource's own event. */
export function collectedRow(row: Row, { at, seconds, outcome, series, up }: CollectedEvent): Row {
  const status: ResourceStatus = {
    ...row.status,
    outcome,
    series,
    up,
    lastCollectAt: at,
    lastCollectSeconds: seconds,
    ...(up && { lastSuccessAt: at }),
  };
  return { status, condition: conditionOf(status), history: withLastCollect(row.history, status) };
}

function withLastCollect(history: CollectHistory, status: ResourceStatus): CollectHistory {
  const { lastCollectAt: at, lastCollectSeconds: seconds, outcome } = status;
  if (at === undefined || seconds === undefined || outcome === undefined) return history;
  if (at <= (history.at.at(-1) ?? 0)) return history;
  const from = Math.max(0, history.at.length + 1 - HISTORY_LENGTH);
  return {
    at: [...history.at.slice(from), at],
    seconds: [...history.seconds.slice(from), seconds],
    outcome: [...history.outcome.slice(from), outcome],
  };
}

/** What is broken comes first; what is equally bad by name. */
export const worstFirst = (a: Row, b: Row): number =>
  a.condition.rank - b.condition.rank || (a.status.name < b.status.name ? -1 : 1);
