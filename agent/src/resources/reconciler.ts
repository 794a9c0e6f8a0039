import pLimit from 'p-limit';
import type { DesiredResource } from './desired.ts';
import { type Action, plan } from './plan.ts';
import { Resource, type ResourcePorts } from './resource.ts';

/** How many resources are opened or replaced at one time. */
const CONCURRENT_CHANGES = 16;

export interface ReconcilerEvents {
  /** The resource has opened or failed for the first time: it can be scheduled. */
  opened(resource: Resource): void;
  adjusted(resource: Resource): void;
  closing(name: string): void;
}

/** Brings what runs to what the configuration wants, by difference. */
export class Reconciler {
  readonly #ports: ResourcePorts;
  readonly #events: ReconcilerEvents;
  readonly #resources = new Map<string, Resource>();

  constructor(ports: ResourcePorts, events: ReconcilerEvents) {
    this.#ports = ports;
    this.#events = events;
  }

  /** In the order in which they were first opened. */
  get resources(): ReadonlyMap<string, Resource> {
    return this.#resources;
  }

  /** The actions that `apply` would take. */
  plan(desired: readonly DesiredResource[]): Action<DesiredResource>[] {
    return plan(desired, new Map([...this.#resources].map(([name, resource]) => [name, resource.desired])));
  }

  /** Resolves when every action has been carried out or has failed; a resource's failure is its own. */
  async apply(desired: readonly DesiredResource[]): Promise<Action<DesiredResource>[]> {
    const actions = this.plan(desired);
    const limit = pLimit(CONCURRENT_CHANGES);
    await Promise.all(actions.map((action) => limit(() => this.#carryOut(action))));
    return actions;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#resources.keys()].map((name) => this.#close(name)));
  }

  async #carryOut(action: Action<DesiredResource>): Promise<void> {
    if (action.kind === 'close') {
      await this.#close(action.name);
      return;
    }
    const { resource: desired } = action;
    const present = this.#resources.get(desired.name);
    if (action.kind === 'open' || !present) {
      const resource = new Resource(desired, this.#ports);
      this.#resources.set(desired.name, resource);
      await resource.open();
      this.#events.opened(resource);
    } else if (action.kind === 'replace') {
      await present.replace(desired);
      this.#events.adjusted(present);
    } else {
      await present.adjust(desired);
      this.#events.adjusted(present);
    }
  }

  async #close(name: string): Promise<void> {
    const resource = this.#resources.get(name);
    this.#resources.delete(name);
    this.#events.closing(name);
    await resource?.close();
  }
}
