import type { Descriptor, ErrorInfo } from '@dynamic-informer/sdk';
import { toErrorInfo } from '@dynamic-informer/sdk';
import type { Encoding } from '@dynamic-informer/sdk/host';
import type { CollectReply, Host, HostDeath, HostGroup, Lease, Member } from '../contract.ts';
import { backoffMs } from './backoff.ts';
import type { DesiredResource } from './desired.ts';
import { failedReply, hostDiedError, quarantineError } from './host-died.ts';
import { discard, gatherSettings, type Opened, openRequest } from './opened.ts';
import { Strikes } from './strikes.ts';

/** What a resource needs of the rest of the agent. */
export interface ResourcePorts {
  lease(host: HostGroup, member: Member): Promise<Lease>;
  /** Makes a collect's result the resource's snapshot. */
  publish(resource: DesiredResource, reply: CollectReply, seconds: number): Promise<void>;
  /** How a collect's families are to be encoded. */
  encodings(): readonly Encoding[];
  /** Takes the resource's families out of the exposition. */
  withdraw(name: string): void;
  /** The same list, or an equal one that is kept already. */
  share(descriptors: readonly Descriptor[]): readonly Descriptor[];
  /** Values that must be masked from now on. */
  addSecrets(values: readonly string[]): void;
  /** The resource has another state, or another reason for the one that it has. */
  changed(resource: DesiredResource, state: ResourceState, error: ErrorInfo | undefined): void;
}

/**
 * `failed` with a collector that still runs means that a change could not be applied to it; `quarantined` is
 * one that keeps bringing its host down.
 */
export type ResourceState = 'opening' | 'running' | 'failed' | 'quarantined' | 'closed';

/** How often in a row opening or collecting is tried when others bring the host down meanwhile. */
const ATTEMPTS = 10;

/**
 * One configured resource: its collector, and what happens to it. Changes are made one after the other;
 * a collect runs beside them.
 */
export class Resource {
  readonly name: string;
  readonly #ports: ResourcePorts;
  #desired: DesiredResource;
  #opened: Opened | undefined;
  #state: ResourceState = 'opening';
  #error: ErrorInfo | undefined;
  #since = Date.now();
  #generation = 0;
  #hostName: string | undefined;
  /** Opens that failed in a row. */
  #failures = 0;
  readonly #strikes = new Strikes();
  #retry: NodeJS.Timeout | undefined;
  #retryAt: number | undefined;
  #changes: Promise<void> = Promise.resolve();
  #publishing: Promise<void> = Promise.resolve();
  /** What is being opened, and in which host. */
  #starting: { readonly id: string; readonly host: Host } | undefined;

  constructor(desired: DesiredResource, ports: ResourcePorts) {
    this.name = desired.name;
    this.#desired = desired;
    this.#ports = ports;
  }

  get desired(): DesiredResource {
    return this.#desired;
  }
  /** It takes effect with the next `restart` or `adjust`. */
  set desired(desired: DesiredResource) {
    this.#desired = desired;
  }
  get state(): ResourceState {
    return this.#state;
  }
  /** Why it is `failed`. */
  get error(): ErrorInfo | undefined {
    return this.#error;
  }
  /** When it came into its state, in milliseconds since the epoch. */
  get since(): number {
    return this.#since;
  }
  /** When opening is tried again by itself, in milliseconds since the epoch. */
  get retryAt(): number | undefined {
    return this.#retryAt;
  }
  get #isClosed(): boolean {
    return this.#state === 'closed';
  }
  get host(): Host | undefined {
    return this.#opened?.lease.host;
  }
  /** What its collector says that it may bring; nothing while there is none. */
  get descriptors(): readonly Descriptor[] {
    return this.#opened?.descriptors ?? [];
  }
  /** Of the host that it lives in or has last lived in: one that was divided has a name of its own. */
  get hostName(): string {
    return this.#hostName ?? this.#desired.host.name;
  }

  /** Settles when it does not open at the moment: there is something to collect from, or nothing to wait for. */
  async settled(): Promise<void> {
    if (this.#state === 'opening') await this.#changes;
  }

  /** Settles when it has opened or failed. */
  open(): Promise<void> {
    return this.#change(() => this.#openNow());
  }

  /**
   * Puts a new collector in the place of the one that runs or has failed, as is wanted now; the old one goes on
   * if that fails. A quarantine is over.
   */
  restart(): Promise<void> {
    this.#stopStarting();
    return this.#change(() => this.#beginAnew());
  }

  /** Changes schedule, labels, relabel rules and limits of the running collector to what is wanted now. */
  adjust(): Promise<void> {
    return this.#change(async () => {
      const opened = this.#opened;
      if (!opened) return;
      await opened.lease.host.adjust(opened.id, gatherSettings(this.#desired)).catch(() => undefined);
    });
  }

  async close(): Promise<void> {
    this.#cancelRetry();
    this.#become('closed');
    this.#ports.withdraw(this.name);
    this.#stopStarting();
    await this.#change(async () => {
      const opened = this.#opened;
      this.#opened = undefined;
      if (opened) await discard(opened);
    });
  }

  /** Collects once and publishes the result. Settles when the work is over or dead. Never rejects. */
  async collect(): Promise<void> {
    const started = performance.now();
    for (let attempt = 1; ; attempt++) {
      await this.settled();
      const opened = this.#opened;
      // One that has failed says so itself.
      if (!opened && this.#state !== 'opening') return;
      const reply = opened && (await this.#collectFrom(opened));
      const milliseconds = performance.now() - started;
      if (reply) {
        // It was replaced meanwhile: who waits for this collect is to see what the new collector brings.
        if (this.#opened && this.#opened !== opened && attempt < ATTEMPTS) continue;
        if (this.#opened === opened || reply.outcome === 'timeout' || reply.outcome === 'crash') {
          await this.#publish(reply, milliseconds / 1000);
        }
        return;
      }
      // Its host died of somebody else, and it lost time by that: it runs again in the new one.
      if (attempt >= ATTEMPTS || milliseconds >= 2 * this.#desired.timeoutMs) {
        await this.#publish(
          failedReply('crash', {
            code: 'PLUGIN_HOST_DIED',
            class: 'plugin',
            message: 'Its host died during the collect, and again when that was tried anew.',
          }),
          milliseconds / 1000,
        );
        return;
      }
    }
  }

  /** `undefined` when the host was stopped, or died and it was not this resource that brought it down. */
  async #collectFrom(opened: Opened): Promise<CollectReply | undefined> {
    try {
      return await opened.lease.host.collect(opened.id, this.#desired.timeoutMs, this.#ports.encodings());
    } catch (error) {
      if (!('death' in (error as object))) {
        const { message } = error as Error;
        return failedReply('plugin', { code: 'PLUGIN_FAILED', class: 'plugin', message });
      }
      // The death's other listener has to run first: it clears away what died.
      const death = await opened.lease.died;
      // A host that was stopped under a collect belonged to a collector that has been replaced or closed.
      if (death?.culprit !== this.name) return undefined;
      return failedReply(death.reason === 'timeout' ? 'timeout' : 'crash', hostDiedError(death));
    }
  }

  /** In the order in which they came: a result whose check takes longer must not take the place of a later one. */
  #publish(reply: CollectReply, seconds: number): Promise<void> {
    const published = this.#publishing.then(async () => {
      if (!this.#isClosed) await this.#ports.publish(this.#desired, reply, seconds);
    });
    this.#publishing = published.catch(() => undefined);
    return published;
  }

  /** Nobody waits for what hangs in opening: it is told to stop, and its host ends if it does not. */
  #stopStarting(): void {
    const starting = this.#starting;
    starting?.host.close(starting.id).catch(() => undefined);
  }

  async #beginAnew(): Promise<void> {
    if (this.#isClosed) return;
    this.#failures = 0;
    this.#strikes.clear();
    this.#cancelRetry();
    if (this.#opened) await this.#swap(this.#opened);
    else await this.#openNow();
  }

  async #openNow(): Promise<void> {
    // A replacement that was under way when the old one's host died may have come first.
    if (this.#isClosed || this.#opened) return;
    this.#become('opening');
    for (let attempt = 1; ; attempt++) {
      try {
        const opened = await this.#start(this.#desired);
        this.#opened = opened;
        this.#failures = 0;
        this.#become('running');
        return;
      } catch (error) {
        if (this.#isClosed) return;
        const { death } = error as { death?: HostDeath };
        if (death?.culprit === this.name) this.#punish(death);
        else if (death && attempt < ATTEMPTS) continue;
        else this.#fail(error);
        return;
      }
    }
  }

  /**
   * Opens a collector. Rejects with what it threw, or with an error that has the `death` of its host. `before` is
   * called when its host is there.
   */
  async #start(
    desired: DesiredResource,
    before?: (host: Host, id: string) => Promise<void>,
  ): Promise<Opened> {
    try {
      const { name } = this;
      const lease = await this.#ports.lease(desired.host, { resource: name, plugin: desired.plugin.name });
      const id = `${name}#${++this.#generation}`;
      this.#starting = { id, host: lease.host };
      this.#hostName = lease.host.name;
      try {
        await before?.(lease.host, id);
        const reply = await lease.host.open(openRequest(id, desired));
        this.#ports.addSecrets(reply.secrets);
        const { stateful } = reply;
        const opened: Opened = {
          id,
          lease,
          desired,
          stateful,
          descriptors: this.#ports.share(reply.descriptors),
        };
        void lease.died.then((death) => death && this.#hostDied(opened, death));
        return opened;
      } catch (error) {
        // What the host says of its death is not all: whose fault it was is known where the others are known.
        const death = 'death' in (error as object) ? await lease.died : undefined;
        lease.release();
        throw death ? Object.assign(error as Error, { death }) : error;
      }
    } finally {
      this.#starting = undefined;
    }
  }

  /** Opens the new one, checks one collect of it, swaps, closes the old one. */
  async #swap(old: Opened): Promise<void> {
    const desired = this.#desired;
    let fresh: Opened | undefined;
    let isPaused = false;
    try {
      fresh = await this.#start(desired, async (host, id) => {
        if (!old.stateful) return;
        // Code that does not load, say, is no reason to hold up the one that runs.
        const { issues } = await host.validate(openRequest(id, desired), desired.openTimeoutMs);
        if (issues[0]) throw issues[0];
        isPaused = true;
        await old.lease.host.pause(old.id);
      });
      const started = performance.now();
      const reply = await fresh.lease.host.collect(fresh.id, desired.timeoutMs, this.#ports.encodings());
      const [error] = reply.errors;
      if (reply.outcome === 'plugin') throw error ?? new Error('The first collect failed.');
      this.#opened = fresh;
      this.#failures = 0;
      this.#become('running');
      await this.#publish(reply, (performance.now() - started) / 1000);
      await discard(old);
    } catch (error) {
      if (fresh) await discard(fresh);
      if (isPaused) await old.lease.host.resume(old.id).catch(() => undefined);
      if (!this.#isClosed) this.#fail(error);
    }
  }

  #fail(thrown: unknown): void {
    const error = toErrorInfo(thrown);
    this.#become('failed', error);
    if (!this.#opened) this.#ports.withdraw(this.name);
    if (error.class === 'config') return;
    this.#failures++;
    this.#retryAfter(backoffMs(this.#failures));
  }

  /** It has brought its host down. */
  #punish(death: HostDeath): void {
    const sentence = this.#strikes.add(performance.now());
    const retryAt = this.#retryAfter(sentence.waitMs);
    if (sentence.quarantined)
      this.#become('quarantined', quarantineError(this.name, death, sentence, retryAt));
    else this.#become('failed', hostDiedError(death, sentence));
  }

  #retryAfter(ms: number): number {
    this.#cancelRetry();
    this.#retry = setTimeout(() => {
      this.#retryAt = undefined;
      void this.#change(async () => {
        // Changes that were waiting before this one may have mended it.
        if (this.#state !== 'failed' && this.#state !== 'quarantined') return;
        await (this.#opened ? this.#swap(this.#opened) : this.#openNow());
      });
    }, ms);
    this.#retry.unref();
    this.#retryAt = Date.now() + ms;
    return this.#retryAt;
  }

  #cancelRetry(): void {
    clearTimeout(this.#retry);
    this.#retryAt = undefined;
  }

  #hostDied(opened: Opened, death: HostDeath): void {
    opened.lease.release();
    if (opened !== this.#opened) return;
    this.#opened = undefined;
    if (death.culprit === this.name) {
      this.#punish(death);
      return;
    }
    this.#become('opening');
    void this.#change(() => this.#openNow());
  }

  #become(state: ResourceState, error?: ErrorInfo): void {
    if (this.#isClosed) return;
    const changed = state !== this.#state || error?.message !== this.#error?.message;
    if (state !== this.#state) this.#since = Date.now();
    this.#state = state;
    this.#error = error;
    if (changed) this.#ports.changed(this.#desired, state, error);
  }

  /** Changes never overlap. */
  #change(work: () => Promise<void>): Promise<void> {
    this.#changes = this.#changes.then(work);
    return this.#changes;
  }
}
