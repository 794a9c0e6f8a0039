import type {
  agentSummary,
  hostUsage,
  lastReload,
  override,
  reloadResult,
  resourceStatus,
} from './api/resources.ts';
import type { Shown } from './api/shown.ts';

// What pages, the API and the self-metrics show. The schemas say what it all means.

/** One configured resource. */
export type ResourceStatus = Shown<typeof resourceStatus>;
/** What counts instead of the configuration's `enabled`. */
export type OverrideStatus = Shown<typeof override>;
/** What the hosts of one name use that run now. */
export type RunningUsage = Shown<typeof hostUsage>;
/** What a look at the configuration came to. */
export type ReloadResult = Shown<typeof reloadResult>;
/** The agent as a whole, as whoever asks sees it. */
export type AgentSummary = Shown<typeof agentSummary>;

export interface AgentStatus extends Pick<AgentSummary, 'version' | 'configFile' | 'startedAt'> {
  readonly lastReload: Shown<typeof lastReload> | undefined;
  readonly resources: readonly ResourceStatus[];
}
