import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { ReportedDiagnostic } from './config/types.ts';
import type { CollectOutcome, RunningUsage } from './contract.ts';

export const SHOWN_STATES = ['disabled', 'opening', 'running', 'failed', 'quarantined'] as const;
export type ShownState = (typeof SHOWN_STATES)[number];

/** One configured resource as pages, the API and the self-metrics show it. */
export interface ResourceStatus {
  readonly name: string;
  readonly plugin: string;
  readonly state: ShownState;
  /** What somebody has switched at run time; `undefined` while the configuration's own wish counts. */
  readonly override: OverrideStatus | undefined;
  /** When it came into this state, in milliseconds since the epoch. */
  readonly since: number;
  /** When opening is tried again by itself, in milliseconds since the epoch. */
  readonly retryAt: number | undefined;
  /** 1 when its last collect brought what it should, in time. */
  readonly up: boolean;
  readonly late: boolean;
  readonly every: 'scrape' | number;
  readonly host: string;
  readonly hostPid: number | undefined;
  readonly budgets: Budgets | undefined;
  /** Of all that runs in its host; absent where that is not known. */
  readonly hostUsage: RunningUsage | undefined;
  readonly series: number;
  /** Of its exposition in the text format. */
  readonly bytes: number;
  readonly outcome: CollectOutcome | undefined;
  /** Why it failed, or what is wrong with its last collect. */
  readonly errors: readonly ErrorInfo[];
  readonly lastCollectSeconds: number | undefined;
  /** Milliseconds since the epoch. */
  readonly lastCollectAt: number | undefined;
  readonly lastSuccessAt: number | undefined;
  /** When the values that are exposed now were collected. */
  readonly snapshotAt: number | undefined;
}

/** What counts instead of the configuration's `enabled`. Times are in milliseconds since the epoch. */
export interface OverrideStatus {
  readonly enabled: boolean;
  /** What the configuration says. */
  readonly configured: boolean;
  readonly at: number;
  readonly by: string;
  readonly reason: string | undefined;
  /** When the configuration's wish counts again; `undefined`: when somebody undoes it. */
  readonly until: number | undefined;
  /** Why it would be forgotten at a restart; `undefined` when it is on disk. */
  readonly unsaved: string | undefined;
}

/** What a resource and its host may use. */
export interface Budgets {
  /** Private memory of the host beyond what an empty one has. */
  readonly memoryBytes: number;
  /** Share of a core for the host, averaged over five minutes. */
  readonly cpu: number | undefined;
  readonly maxSeries: number;
  /** Of exposition, in the text format. */
  readonly maxBytes: number;
}

export interface ReloadResult {
  readonly successful: boolean;
  /** One line each, in the form of `informer check`. */
  readonly errors: readonly string[];
  /** The same, one for each line. */
  readonly diagnostics: readonly ReportedDiagnostic[];
  readonly opened: readonly string[];
  readonly replaced: readonly string[];
  readonly adjusted: readonly string[];
  readonly closed: readonly string[];
}

export interface AgentStatus {
  readonly version: string;
  readonly configFile: string;
  readonly startedAt: number;
  readonly lastReload: { readonly at: number; readonly result: ReloadResult } | undefined;
  readonly resources: readonly ResourceStatus[];
}

/** The agent as a whole, as whoever asks sees it. */
export interface AgentSummary extends Omit<AgentStatus, 'resources' | 'lastReload'> {
  /** The version of Node.js. */
  readonly node: string;
  /** Where scrapers find the metrics. */
  readonly metricsPath: string;
  /** Every resource has opened or failed. */
  readonly ready: boolean;
  readonly lastReload: NonNullable<AgentStatus['lastReload']> | null;
  /** How many there are: each is up, down or disabled. One that has not been collected yet is down. */
  readonly resources: {
    readonly total: number;
    readonly up: number;
    readonly down: number;
    readonly disabled: number;
    readonly overridden: number;
  };
  /** Whether changes are accepted over this connection with the credentials of this request. */
  readonly mayChange: boolean;
}
