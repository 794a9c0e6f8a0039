import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { Override } from '../overrides/override-file.ts';

/** What an agent would do if it looked at its configuration now: the answer of `POST /api/v1/plan`. */
export interface ChangePlan {
  /** When it was made, in milliseconds since the epoch. */
  readonly at: number;
  /** Absolute. */
  readonly configFile: string;
  /** Whether it is compared with an agent that runs; else with nothing, as a start would be. */
  readonly running: boolean;
  readonly summary: PlanSummary;
  /** Settings of the whole agent that differ. */
  readonly settings: readonly PlanReason[];
  /** The hosts that would be started and ended, by name. One whose settings change is in both. */
  readonly hosts: { readonly started: readonly string[]; readonly ended: readonly string[] };
  /** In the order in which they would begin. */
  readonly changes: readonly PlannedChange[];
  /** Resources for which the configuration's `enabled` does not count, because somebody has switched them. */
  readonly overridden: readonly PlannedOverride[];
  /** What is wrong with all of it together. */
  readonly problems: readonly ErrorInfo[];
}

export interface PlanSummary {
  readonly open: number;
  readonly replace: number;
  readonly adjust: number;
  readonly close: number;
  readonly unchanged: number;
  /** Of all changes whose series are known. */
  readonly seriesAdded: number;
  readonly seriesRemoved: number;
  /** Changes whose series are not known: they were not asked for, or there is a problem. */
  readonly seriesUnknown: number;
  /** Changes that have a problem. */
  readonly problems: number;
}

export type ChangeKind = 'open' | 'replace' | 'adjust' | 'close';

export interface PlannedChange {
  readonly kind: ChangeKind;
  readonly resource: string;
  readonly plugin: string;
  readonly reasons: readonly PlanReason[];
  /** How many more reasons there are. */
  readonly moreReasons?: number;
  /** Absent where they are not known. */
  readonly series?: PlannedSeries;
  /** What went wrong when it was tried. The others are not concerned. */
  readonly problem?: ErrorInfo;
}

/** What differs. Secrets in it are masked, long texts are cut. */
export interface PlanReason {
  /** As in the configuration: `config.targets[1]`, `labels.team`; or `plugin code`, `host`, `directory`. */
  readonly path: string;
  /** Absent if it is not there, or not to be shown. */
  readonly from?: string;
  readonly to?: string;
}

/** Series as Prometheus counts them: each line of a histogram is one. The agent's own series are not counted. */
export interface PlannedSeries {
  /** What is exposed now; `null` if nothing has been collected of it yet. */
  readonly before: number | null;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  /** The families of which series come or go. */
  readonly families: readonly PlannedFamily[];
  /** How many more of them there are. */
  readonly moreFamilies?: number;
  /** A few of what comes and goes: `name{label="value"}`. */
  readonly samples: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

export interface PlannedFamily {
  readonly name: string;
  readonly added: number;
  readonly removed: number;
}

/** `enabled`, `by` and the rest are those of what was switched. */
export interface PlannedOverride extends Override {
  readonly resource: string;
  /** What the configuration says. */
  readonly configured: boolean;
}
