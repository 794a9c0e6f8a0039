import type { Encoding } from '@dynamic-informer/sdk/host';
import type { onRequestAsyncHookHandler } from 'fastify';
import type { CollectHistory } from '../collect-history.ts';
import type { MetricEntry } from '../describe/metric-register.ts';
import type { PluginDetails, PluginSummary } from '../describe/plugin-register.ts';
import type { ResourceSettings } from '../describe/settings.ts';
import type { EventFeed } from '../events.ts';
import type { AuditEntry } from '../overrides/audit.ts';
import type { Operation, OperationRequest, OperationResult } from '../overrides/operations.ts';
import type { Planner } from '../plan/planner.ts';
import type { ProbeResult } from '../probes.ts';
import type { RecentLog } from '../recent-log.ts';
import type { Exposition } from '../render/scrape.ts';
import type { Selection } from '../render/selection.ts';
import type { DesiredResource } from '../resources/desired.ts';
import type { AgentStatus, ReloadResult, ResourceStatus } from '../status.ts';
import type { RequestAccess } from './access.ts';

/** What the routes read, and the one thing that they may say: look again. */
export interface HttpPorts {
  /** Of the resources that `only` names; else of all, in the configuration's order. */
  status(only?: (name: string) => boolean): AgentStatus;
  /** Every resource of the configuration, in its order: cheaper than their status. */
  resources(): readonly { readonly name: string; readonly plugin: string }[];
  /** `undefined` if there is none of that name. */
  statusOf(name: string): ResourceStatus | undefined;
  historyOf(name: string): CollectHistory;
  /** Asks the plugin what of its configuration is secret, unless it has been asked before. */
  settingsOf(name: string): Promise<ResourceSettings | undefined>;
  /** By name. */
  plugins(): Promise<readonly PluginSummary[]>;
  /** Loads it, in a host of its own, unless that was done before; `undefined` if there is none of that name. */
  plugin(name: string): Promise<PluginDetails | undefined>;
  /** Every metric that is or may be exposed, by name. */
  metrics(): Promise<readonly MetricEntry[]>;
  readonly events: Pick<EventFeed, 'open'>;
  recentLog(): Pick<RecentLog, 'lines' | 'has'>;
  scrape(selection: Selection, budgetMs: number, encoding: Encoding): Promise<Exposition>;
  /** Every resource has opened or failed. */
  ready(): boolean;
  /** `by` is who asks, for the audit. */
  reload(by: string): Promise<ReloadResult>;
  operate(operation: Operation, resource: string, request: OperationRequest): Promise<OperationResult>;
  /** Newest first. */
  audit(limit: number): readonly AuditEntry[];
  probes: ProbePorts;
  /** Says what a look at the configuration would change. */
  readonly planner: Pick<Planner, 'isOwn' | 'plan'>;
  scraped(code: number, format: string, seconds: number): void;
  settings(): WebSettings;
}

/** Collecting for targets that callers name. */
export interface ProbePorts {
  /** Enabled resources that may be collected so. */
  resources(): readonly DesiredResource[];
  readonly isFull: boolean;
  probe(
    resource: DesiredResource,
    target: string,
    timeoutMs: number,
    encoding: Encoding,
  ): Promise<ProbeResult>;
  /** A text with what is secret masked. */
  redact(text: string): string;
}

export interface WebSettings {
  readonly metricsPath: string;
  readonly scrapeTimeoutOffsetMs: number;
  /** `web.openmetrics_created`. */
  readonly openmetricsCreated: boolean;
}

/** What a group of routes is made with. */
export interface RouteContext extends RequestAccess {
  readonly ports: HttpPorts;
  /** For routes that change something: lets those pass that may. */
  readonly admin: { readonly onRequest: onRequestAsyncHookHandler };
}
