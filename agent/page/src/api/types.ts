// What the API answers, in the agent's own types: as JSON, in which what is undefined is absent.
import type { CollectHistory } from '../../../src/collect-history.ts';
import type { ReportedDiagnostic } from '../../../src/config/types.ts';
import type { ResourceSettings } from '../../../src/describe/settings.ts';
import type { CollectedEvent } from '../../../src/events.ts';
import type { AuditEntry } from '../../../src/overrides/audit.ts';
import type { AgentSummary, OverrideStatus, ReloadResult, ResourceStatus } from '../../../src/status.ts';

export type {
  AgentSummary,
  AuditEntry,
  CollectedEvent,
  CollectHistory,
  OverrideStatus,
  ReloadResult,
  ReportedDiagnostic,
  ResourceSettings,
  ResourceStatus,
};

export interface ListedResource extends ResourceStatus {
  readonly history?: CollectHistory;
}

export interface ResourceDetail extends ListedResource {
  readonly settings?: ResourceSettings;
}

export interface ResourceList {
  readonly resources: readonly ListedResource[];
  readonly total: number;
  /** The name to give as `after` for what follows. */
  readonly next?: string;
}

export type Reload = NonNullable<AgentSummary['lastReload']>;

export interface LogLine {
  readonly at: number;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
