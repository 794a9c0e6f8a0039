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
  readonly #closing = new Map<string, Promise<void>>();

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

  /**
   * Takes the actions that lead to what is wanted. When it returns, the next plan already builds on them;
   * `settled` resolves when every one has been carried out or has failed: a resource's failure is its own.
   */
  apply(desired: readonly DesiredResource[]): {
    readonly actions: readonly Action[];
    readonly settled: Promise<void>;
  } {
    const limit = pLimit(CONCURRENT_CHANGES);
    const actions = this.plan(desired);
    const works = actions.map((action) => this.#begin(action));
    const settled = Promise.all(works.map((work) => limit(work))).then(() => undefined);
    return { actions, settled };
  }

  /** Gives a resource a new collector; `false` if there is none of that name. */
  async restart(name: string): Promise<boolean> {
    const resource = this.#resources.get(name);
    await resource?.restart();
    return resource !== undefined;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#resources.keys()].map((name) => this.#close(name)));
  }

  /** Makes the action part of what runs, and gives the work that is left to do. */
  #begin(action: Action<DesiredResource>): () => Promise<void> {
    if (action.kind === 'close') {
      const closing = this.#close(action.name);
      return () => closing;
    }
    const { resource: desired } = action;
    const present = this.#resources.get(desired.name);
    if (!present || action.kind === 'open') {
      const resource = new Resource(desired, this.#ports);
      this.#resources.set(desired.name, resource);
      return () => this.#open(resource);
    }
    present.desired = desired;
    return async () => {
      await (action.kind === 'replace' ? present.restart() : present.adjust());
      if (this.#isPresent(present)) this.#events.adjusted(present);
    };
  }

  async #open(resource: Resource): Promise<void> {
    // What its namesake before it held, its state above all, has to be free.
    await this.#closing.get(resource.name);
    await resource.open();
    if (this.#isPresent(resource)) this.#events.opened(resource);
  }

  #isPresent(resource: Resource): boolean {
    return this.#resources.get(resource.name) === resource;
  }

  #close(name: string): Promise<void> {
    const resource = this.#resources.get(name);
    if (!resource) return Promise.resolve();
    this.#resources.delete(name);
    this.#events.closing(name);
    const closing = resource.close().finally(() => {
      if (this.#closing.get(name) === closing) this.#closing.delete(name);
    });
    this.#closing.set(name, closing);
    return closing;
  }
}
