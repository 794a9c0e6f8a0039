import type {
  changePlan,
  plannedChange,
  plannedOverride,
  plannedSeries,
  planReason,
  planSummary,
} from '../api/plan.ts';
import type { Shown } from '../api/shown.ts';

// The answer of `POST /api/v1/plan`, and its parts.

/** What an agent would do if it looked at its configuration now. */
export type ChangePlan = Shown<typeof changePlan>;
export type PlanSummary = Shown<typeof planSummary>;
export type PlannedChange = Shown<typeof plannedChange>;
/** What differs. Secrets in it are masked, long texts are cut. */
export type PlanReason = Shown<typeof planReason>;
/** Series as Prometheus counts them: each line of a histogram is one. The agent's own series are not counted. */
export type PlannedSeries = Shown<typeof plannedSeries>;
/** `enabled`, `by` and the rest are those of what was switched. */
export type PlannedOverride = Shown<typeof plannedOverride>;
