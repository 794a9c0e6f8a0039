import type { ErrorInfo, Logger } from '@dynamic-informer/sdk';
import { type CollectHistory, CollectRing } from './collect-history.ts';
import type { CollectOutcome } from './contract.ts';
import type { Snapshot } from './render/snapshots.ts';
import { LATE, ResourceLog, SUCCESSES } from './resource-log.ts';
import type { Resource } from './resources/resource.ts';
import type { OverrideStatus, ResourceStatus, RunningUsage } from './status.ts';

interface Outcome {
  readonly outcome: CollectOutcome;
  readonly seconds: number;
  readonly at: number;
  readonly successAt: number | undefined;
  /** It brought what the resource should bring, be it not all of it. */
  readonly isSuccess: boolean;
}

/** How each resource's last collect ended: a log line when that changes, and what its status says of it. */
export class Outcomes {
  readonly log: ResourceLog;
  readonly #last = new Map<string, Outcome>();
  readonly #rings = new Map<string, CollectRing>();
  /** Resources that the last scrape that asked for them did not wait for. */
  readonly #late = new Set<string>();

  constructor(log: Logger) {
    this.log = new ResourceLog(log);
  }

  /** `standing` is why the resource is failed or quarantined, if it is. */
  record(
    resource: string,
    plugin: string,
    snapshot: Snapshot,
    { seconds, standing }: { readonly seconds: number; readonly standing: ErrorInfo | undefined },
  ): void {
    const { outcome, at, series } = snapshot;
    const isSuccess = SUCCESSES.includes(outcome) && (outcome !== 'limit' || series > 0);
    const successAt = isSuccess ? at : this.#last.get(resource)?.successAt;
    this.#last.set(resource, { outcome, seconds, at, successAt, isSuccess });
    const ring = this.#rings.get(resource) ?? new CollectRing();
    this.#rings.set(resource, ring);
    ring.add(at, seconds, outcome);
    this.log.collected(resource, plugin, snapshot, standing);
  }

  /** Gives whether that is news. */
  setLate(resource: string, plugin: string, late: boolean): boolean {
    const isNews = this.#late.has(resource) !== late;
    if (late) this.#late.add(resource);
    else this.#late.delete(resource);
    this.log.late(resource, plugin, late);
    return isNews;
  }

  forget(resource: string): void {
    this.#last.delete(resource);
    this.#rings.delete(resource);
    this.#late.delete(resource);
    this.log.forget(resource);
  }

  /** When the last collect ended, in milliseconds since the epoch; 0 if there was none. */
  lastAt(resource: string): number {
    return this.#last.get(resource)?.at ?? 0;
  }

  historyOf(resource: string): CollectHistory {
    return this.#rings.get(resource)?.read() ?? { at: [], seconds: [], outcome: [] };
  }

  /** `latest` is what the last collect brought, `shown` what a scrape would show now. */
  statusOf(
    { name, desired, state, since, retryAt, host, hostName, error }: Resource,
    latest: Snapshot | undefined,
    shown: Snapshot | undefined,
    hostUsage: RunningUsage | undefined,
    override: OverrideStatus | undefined,
  ): ResourceStatus {
    const last = this.#last.get(name);
    const late = this.#late.has(name);
    // Of one with an interval nothing is shown any more when its next result is long overdue.
    const isOverdue = desired.every !== 'scrape' && shown === undefined;
    const isWell = last?.isSuccess === true && !late && !isOverdue;
    return {
      name,
      plugin: desired.plugin.name,
      state: state === 'closed' ? 'opening' : state,
      since,
      override,
      retryAt,
      up: state !== 'failed' && state !== 'quarantined' && isWell,
      late,
      every: desired.every,
      host: hostName,
      hostPid: host?.pid,
      budgets: {
        memoryBytes: desired.host.memoryBytes,
        cpu: desired.host.cpu,
        maxSeries: desired.maxSeries,
        maxBytes: desired.maxBytes,
      },
      hostUsage,
      series: shown?.series ?? 0,
      bytes: shown?.bytes ?? 0,
      outcome: last?.outcome,
      errors: error ? [error] : [...(late ? [LATE] : []), ...(latest?.errors ?? [])],
      lastCollectSeconds: last?.seconds,
      lastCollectAt: last?.at,
      lastSuccessAt: last?.successAt,
      snapshotAt: shown?.at,
    };
  }
}

/** The status of a resource that is configured but not enabled. */
export function disabledStatus(
  { name, plugin, every }: Pick<ResourceStatus, 'name' | 'plugin' | 'every'>,
  since: number,
  override: OverrideStatus | undefined,
): ResourceStatus {
  return {
    name,
    plugin,
    state: 'disabled',
    since: override?.at ?? since,
    override,
    retryAt: undefined,
    up: false,
    late: false,
    every,
    host: '',
    hostPid: undefined,
    budgets: undefined,
    hostUsage: undefined,
    series: 0,
    bytes: 0,
    outcome: undefined,
    errors: [],
    lastCollectSeconds: undefined,
    lastCollectAt: undefined,
    lastSuccessAt: undefined,
    snapshotAt: undefined,
  };
}
