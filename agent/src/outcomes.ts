import type { Logger } from '@dynamic-informer/sdk';
import type { CollectOutcome } from './contract.ts';
import type { Snapshot } from './render/snapshots.ts';
import type { Resource } from './resources/resource.ts';
import type { ResourceStatus } from './status.ts';

interface Outcome {
  readonly outcome: CollectOutcome;
  readonly seconds: number;
  readonly at: number;
  readonly successAt: number | undefined;
  /** Outcome and first error, for telling a change of state from a repetition. */
  readonly reported: string;
}

/** Outcomes that brought what the resource should bring, be it not all of it. */
const SUCCESSES: readonly CollectOutcome[] = ['ok', 'partial', 'limit'];

/** How each resource's last collect ended: a log line when that changes, and what its status says of it. */
export class Outcomes {
  readonly #log: Logger;
  readonly #last = new Map<string, Outcome>();
  /** Resources that the last scrape that asked for them did not wait for. */
  readonly #late = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  record(resource: string, plugin: string, { outcome, errors, at }: Snapshot, seconds: number): void {
    const before = this.#last.get(resource);
    const [error] = errors;
    const reported = `${outcome} ${error?.code ?? ''} ${error?.message ?? ''}`;
    const successAt = SUCCESSES.includes(outcome) ? at : before?.successAt;
    this.#last.set(resource, { outcome, seconds, at, successAt, reported });
    if (reported === before?.reported || (outcome === 'ok' && before === undefined)) return;
    const fields = { resource, plugin, outcome };
    if (outcome === 'ok') this.#log.info('resource is well again', fields);
    else {
      const { code, message, fix } = error ?? {};
      this.#log.warn('collect failed', { ...fields, code, error: message, fix });
    }
  }

  setLate(resource: string, plugin: string, late: boolean): void {
    if (this.#late.has(resource) === late) return;
    if (!late) {
      this.#late.delete(resource);
      return;
    }
    this.#late.add(resource);
    this.#log.warn('resource was late for a scrape', { resource, plugin });
  }

  forget(resource: string): void {
    this.#last.delete(resource);
    this.#late.delete(resource);
  }

  /** When the last collect ended, in milliseconds since the epoch; 0 if there was none. */
  lastAt(resource: string): number {
    return this.#last.get(resource)?.at ?? 0;
  }

  /** `latest` is what the last collect brought, `shown` what a scrape would show now. */
  statusOf(
    { name, desired, state, since, retryAt, host, error }: Resource,
    latest: Snapshot | undefined,
    shown: Snapshot | undefined,
  ): ResourceStatus {
    const last = this.#last.get(name);
    const late = this.#late.has(name);
    const success = last !== undefined && SUCCESSES.includes(last.outcome);
    return {
      name,
      plugin: desired.plugin.name,
      state: state === 'closed' ? 'opening' : state,
      since,
      retryAt,
      up: state !== 'failed' && state !== 'quarantined' && success && !late,
      late,
      every: desired.every,
      // A host that was divided has a name of its own.
      host: host?.name ?? desired.host.name,
      hostPid: host?.pid,
      series: shown?.series ?? 0,
      outcome: last?.outcome,
      errors: error ? [error] : (latest?.errors ?? []),
      lastCollectSeconds: last?.seconds,
      lastCollectAt: last?.at,
      lastSuccessAt: last?.successAt,
      snapshotAt: shown?.at,
    };
  }
}

/** The status of a resource that is configured but not enabled. */
export function disabledStatus(name: string, plugin: string, since: number): ResourceStatus {
  return {
    name,
    plugin,
    state: 'disabled',
    since,
    retryAt: undefined,
    up: false,
    late: false,
    every: 'scrape',
    host: '',
    hostPid: undefined,
    series: 0,
    outcome: undefined,
    errors: [],
    lastCollectSeconds: undefined,
    lastCollectAt: undefined,
    lastSuccessAt: undefined,
    snapshotAt: undefined,
  };
}
