import { soon } from '../soon.ts';
import type { OverrideStatus } from '../status.ts';
import type { Audit, AuditedAction } from './audit.ts';
import type { Override } from './override-file.ts';
import type { Overrides } from './overrides.ts';

/** What somebody asks for. */
export interface OperationRequest {
  readonly by: string;
  readonly reason?: string | undefined;
  /** How long a switch holds, in milliseconds; without it, until somebody undoes it. */
  readonly forMs?: number | undefined;
}

export type Operation = Exclude<AuditedAction, 'reload' | 'expire'>;

/** `unknown`: there is no resource of that name; `disabled`: it is not enabled, so there is nothing to restart or collect. */
export type OperationResult = 'done' | 'unknown' | 'disabled';

export interface OperationsPorts {
  /** What the configuration wishes; `undefined` if it has no such resource. */
  configured(resource: string): boolean | undefined;
  /** Opens and closes what differs from what is enabled now; resolves when that is done. */
  applyEnabled(): Promise<void>;
  restart(resource: string): Promise<boolean>;
  collect(resource: string): Promise<void>;
  readonly overrides: Overrides;
  readonly audit: Audit;
}

/** Who asks for a change gets an answer after this time, though what opens may still be opening. */
const ANSWER_AFTER_MS = 10_000;

/** What people do to resources while the agent runs. */
export class Operations {
  readonly #ports: OperationsPorts;

  constructor(ports: OperationsPorts) {
    this.#ports = ports;
  }

  isEnabled(resource: string, configured: boolean): boolean {
    return this.#ports.overrides.of(resource)?.enabled ?? configured;
  }

  overrideOf(resource: string, configured: boolean): OverrideStatus | undefined {
    const { overrides } = this.#ports;
    const override = overrides.of(resource);
    if (!override) return undefined;
    const { enabled, at, by, reason, until } = override;
    return { enabled, configured, at, by, reason, until, unsaved: overrides.unsaved };
  }

  async run(operation: Operation, resource: string, request: OperationRequest): Promise<OperationResult> {
    const configured = this.#ports.configured(resource);
    if (configured === undefined) return 'unknown';
    if (operation === 'enable' || operation === 'disable') {
      await this.#switch(resource, configured, operation === 'enable', request);
      return 'done';
    }
    const isEnabled = this.isEnabled(resource, configured);
    this.#audit(operation, resource, request, isEnabled ? 'ok' : 'refused: it is not enabled');
    if (!isEnabled) return 'disabled';
    const work = operation === 'restart' ? this.#ports.restart(resource) : this.#ports.collect(resource);
    await (operation === 'restart' ? soon(work, ANSWER_AFTER_MS) : work);
    return 'done';
  }

  /** The time of what was switched is up. */
  expired(resource: string, { enabled, reason, until }: Override): void {
    const result = `${enabled ? 'enabled' : 'disabled'} no longer`;
    this.#ports.audit.add({
      at: Date.now(),
      action: 'expire',
      resource,
      by: 'the agent',
      reason,
      until,
      result,
    });
    void this.#ports.applyEnabled();
  }

  /** What the configuration wishes anyway needs no override: what was switched is undone. */
  async #switch(
    resource: string,
    configured: boolean,
    enabled: boolean,
    request: OperationRequest,
  ): Promise<void> {
    const { overrides } = this.#ports;
    const at = Date.now();
    const until = request.forMs === undefined ? undefined : at + request.forMs;
    const { by, reason } = request;
    // It takes effect at once; that it is on disk is waited for, but a full disk silences nobody's silence.
    const saved =
      configured === enabled
        ? overrides.clear(resource)
        : overrides.set(resource, { enabled, at, by, reason, until });
    const applied = this.#ports.applyEnabled();
    await saved;
    const kept = overrides.unsaved === undefined ? 'ok' : `ok, but not kept: ${overrides.unsaved}`;
    this.#audit(
      enabled ? 'enable' : 'disable',
      resource,
      request,
      kept,
      configured === enabled ? undefined : until,
    );
    await soon(applied, ANSWER_AFTER_MS);
  }

  #audit(
    action: Operation,
    resource: string,
    { by, reason }: OperationRequest,
    result: string,
    until?: number,
  ): void {
    this.#ports.audit.add({ at: Date.now(), action, resource, by, reason, until, result });
  }
}
