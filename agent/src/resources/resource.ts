import type { ErrorInfo, Logger } from '@dynamic-informer/sdk';
import { toErrorInfo } from '@dynamic-informer/sdk';
import type { Encoding } from '@dynamic-informer/sdk/host';
import type { CollectReply, GatherSettings, Host, HostDeath, HostGroup, Lease } from '../contract.ts';
import { backoffMs } from './backoff.ts';
import type { DesiredResource } from './desired.ts';

/** What a resource needs of the rest of the agent. */
export interface ResourcePorts {
  lease(host: HostGroup): Promise<Lease>;
  /** Makes a collect's result the resource's snapshot. */
  publish(resource: DesiredResource, reply: CollectReply, seconds: number): Promise<void>;
  /** How a collect's families are to be encoded. */
  encodings(): readonly Encoding[];
  /** Takes the resource's families out of the exposition. */
  withdraw(name: string): void;
  /** Values that must be masked from now on. */
  addSecrets(values: readonly string[]): void;
  readonly log: Logger;
}

/** `failed` with a collector that still runs means that a change could not be applied to it. */
export type ResourceState = 'opening' | 'running' | 'failed' | 'closed';

/** How often in a row opening is tried when others bring the host down meanwhile. */
const OPEN_ATTEMPTS = 3;

interface Opened {
  readonly id: string;
  readonly lease: Lease;
  readonly desired: DesiredResource;
  readonly stateful: boolean;
}

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
  /** Opens that failed in a row, and hosts that this resource brought down in a row. */
  #failures = 0;
  #strikes = 0;
  #retry: NodeJS.Timeout | undefined;
  #changes: Promise<void> = Promise.resolve();
  #collecting = false;

  constructor(desired: DesiredResource, ports: ResourcePorts) {
    this.name = desired.name;
    this.#desired = desired;
    this.#ports = ports;
  }

  get desired(): DesiredResource {
    return this.#desired;
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
  get host(): Host | undefined {
    return this.#opened?.lease.host;
  }

  /** Settles when it has opened or failed. */
  open(): Promise<void> {
    return this.#change(() => this.#openNow());
  }

  /** Puts a collector with another configuration in its place; the old one goes on if that fails. */
  replace(desired: DesiredResource): Promise<void> {
    return this.#change(async () => {
      this.#desired = desired;
      this.#failures = 0;
      this.#strikes = 0;
      clearTimeout(this.#retry);
      if (this.#opened) await this.#swap(this.#opened);
      else await this.#openNow();
    });
  }

  /** Changes schedule, labels, relabel rules and limits of the running collector. */
  adjust(desired: DesiredResource): Promise<void> {
    return this.#change(async () => {
      this.#desired = desired;
      const opened = this.#opened;
      if (!opened) return;
      await opened.lease.host.adjust(opened.id, gatherSettings(desired)).catch(() => undefined);
    });
  }

  close(): Promise<void> {
    clearTimeout(this.#retry);
    return this.#change(async () => {
      const opened = this.#opened;
      this.#opened = undefined;
      this.#become('closed');
      this.#ports.withdraw(this.name);
      if (opened) await discard(opened);
    });
  }

  /** Collects once and publishes the result. Settles when the work is over or dead. Never rejects. */
  async collect(): Promise<void> {
    const started = performance.now();
    for (let attempt = 1; ; attempt++) {
      if (this.#state === 'opening') await this.#changes;
      const opened = this.#opened;
      if (!opened) return;
      const reply = await this.#collectFrom(opened);
      const seconds = (performance.now() - started) / 1000;
      if (reply) {
        if (this.#opened === opened || reply.outcome === 'timeout' || reply.outcome === 'crash') {
          await this.#publish(reply, seconds);
        }
        return;
      }
      // Its host died of somebody else. It runs again in the new one if there is time left for that.
      if (attempt > 1 || seconds * 1000 >= this.#desired.timeoutMs) {
        await this.#publish(
          crashed('crash', 'Its host died during the collect, and again at the second try.'),
          seconds,
        );
        return;
      }
    }
  }

  /** `undefined` when the host was stopped, or died and it was not this resource that is known to have brought it down. */
  async #collectFrom(opened: Opened): Promise<CollectReply | undefined> {
    this.#collecting = true;
    try {
      return await opened.lease.host.collect(opened.id, this.#desired.timeoutMs, this.#ports.encodings());
    } catch (error) {
      const { death, message } = error as { death?: HostDeath; message: string };
      if (!death) return crashed('plugin', message);
      // The death's other listener has to run first: it clears away what died.
      const isDead = (await opened.lease.died) !== undefined;
      // A host that was stopped under a collect belonged to a collector that has been replaced or closed.
      if (!isDead || death.culprit !== opened.id) return undefined;
      return crashed(death.reason === 'timeout' ? 'timeout' : 'crash', death.message);
    } finally {
      this.#collecting = false;
    }
  }

  async #publish(reply: CollectReply, seconds: number): Promise<void> {
    if (this.#state === 'closed') return;
    if (reply.outcome === 'ok' || reply.outcome === 'partial') this.#strikes = 0;
    await this.#ports.publish(this.#desired, reply, seconds);
  }

  async #openNow(): Promise<void> {
    // A replacement that was under way when the old one's host died may have come first.
    if (this.#state === 'closed' || this.#opened) return;
    this.#become('opening');
    for (let attempt = 1; ; attempt++) {
      try {
        this.#opened = await this.#start(this.#desired);
        this.#failures = 0;
        this.#become('running');
        return;
      } catch (error) {
        if (attempt < OPEN_ATTEMPTS && this.#diedOfAnother(error)) continue;
        this.#fail(error);
        return;
      }
    }
  }

  /** The host in which it was about to open was brought down by a collector that is known, and not this one. */
  #diedOfAnother(error: unknown): boolean {
    const culprit = (error as { death?: HostDeath }).death?.culprit;
    return culprit !== undefined && !culprit.startsWith(`${this.name}#`);
  }

  async #start(desired: DesiredResource): Promise<Opened> {
    const lease = await this.#ports.lease(desired.host);
    const id = `${this.name}#${++this.#generation}`;
    try {
      const reply = await lease.host.open({
        id,
        plugin: desired.plugin,
        config: desired.config,
        substituted: desired.substituted,
        gather: gatherSettings(desired),
        directory: desired.directory,
        stateFile: desired.stateFile,
        timeoutMs: desired.openTimeoutMs,
      });
      this.#ports.addSecrets(reply.secrets);
      const opened: Opened = { id, lease, desired, stateful: reply.stateful };
      void lease.died.then((death) => death && this.#hostDied(opened, death));
      return opened;
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  /** Opens the new one, checks one collect of it, swaps, closes the old one. */
  async #swap(old: Opened): Promise<void> {
    const desired = this.#desired;
    let fresh: Opened | undefined;
    try {
      if (old.stateful) await old.lease.host.pause(old.id);
      fresh = await this.#start(desired);
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
      if (old.stateful) await old.lease.host.resume(old.id).catch(() => undefined);
      this.#fail(error);
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

  #retryAfter(ms: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      void this.#change(async () => {
        // Changes that were waiting before this one may have mended it.
        if (this.#state !== 'failed') return;
        await (this.#opened ? this.#swap(this.#opened) : this.#openNow());
      });
    }, ms);
    this.#retry.unref();
  }

  #hostDied(opened: Opened, death: HostDeath): void {
    opened.lease.release();
    if (opened !== this.#opened) return;
    this.#opened = undefined;
    const guilty = death.culprit === opened.id;
    const suspect = death.culprit === undefined && this.#collecting;
    if (guilty || suspect) this.#strikes++;
    const wait = guilty ? backoffMs(this.#strikes) : suspect ? backoffMs(this.#strikes - 1) : 0;
    if (wait === 0) {
      this.#become('opening');
      void this.#change(() => this.#openNow());
      return;
    }
    this.#become('failed', {
      code: 'PLUGIN_HOST_DIED',
      class: 'plugin',
      message: `Its host ended: ${death.message}`,
      fix: `It is tried again in ${wait / 1000} s.`,
    });
    this.#retryAfter(wait);
  }

  #become(state: ResourceState, error?: ErrorInfo): void {
    const changed = state !== this.#state || error?.message !== this.#error?.message;
    if (state !== this.#state) this.#since = Date.now();
    this.#state = state;
    this.#error = error;
    if (!changed) return;
    const fields = { resource: this.name, plugin: this.#desired.plugin.name };
    if (error)
      this.#ports.log.error('resource failed', {
        ...fields,
        code: error.code,
        error: error.message,
        fix: error.fix,
      });
    else if (state !== 'opening') this.#ports.log.info(`resource ${state}`, fields);
  }

  /** Changes never overlap. */
  #change(work: () => Promise<void>): Promise<void> {
    this.#changes = this.#changes.then(work);
    return this.#changes;
  }
}

async function discard({ id, lease }: Opened): Promise<void> {
  await lease.host.close(id).catch(() => undefined);
  lease.release();
}

function gatherSettings({ name, labels, relabel, maxSeries }: DesiredResource): GatherSettings {
  return { resource: name, labels, relabel, maxSeries };
}

function crashed(outcome: 'timeout' | 'crash' | 'plugin', message: string): CollectReply {
  const error: ErrorInfo = {
    code:
      outcome === 'timeout' ? 'TARGET_TIMEOUT' : outcome === 'crash' ? 'PLUGIN_HOST_DIED' : 'PLUGIN_FAILED',
    class: outcome === 'timeout' ? 'target' : 'plugin',
    message,
  };
  return { outcome, errors: [error], fragments: [], dropped: {} };
}
