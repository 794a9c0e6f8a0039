import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@dynamic-informer/sdk';
import { TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import type { CollectReply, Host, HostGroup, Lease } from '../contract.ts';
import { HostBudgets } from '../hosts/budgets.ts';
import { HostPool, type StartHost } from '../hosts/pool.ts';
import { userStateFolder } from '../hosts/state-owner.ts';
import type { DesiredResource } from '../resources/desired.ts';
import { hostDiedError } from '../resources/host-died.ts';

/** How often in a row a candidate is tried when others bring its host down. */
const ATTEMPTS = 6;
/** What is tried out gives way to what runs, but is not starved where the machine is busy: that would look like a fault. */
const NICE = 5;
/** Hosts of one resource each that are kept from the check on; of more, each is started anew when its turn has come. */
const MAX_ALONE = 8;
const VALIDATE_TIMEOUT_MS = 10_000;

/**
 * Hosts in which resources are tried out. Nothing else lives in them, their state is in a folder of its own that
 * is gone afterwards, and they are held to the memory that the configuration gives them.
 */
export class Candidates {
  readonly pool: HostPool;
  readonly #folder: string;
  readonly #budgets: HostBudgets;
  /** How many candidates are in a host now. */
  readonly #inside = new WeakMap<Host, number>();
  /** Hosts in which several have been at one time. */
  readonly #wereShared = new WeakSet<Host>();

  private constructor(folder: string, startHost: StartHost, log: Logger) {
    this.#folder = folder;
    this.#budgets = new HostBudgets(log);
    const start = this.#budgets.watching(startHost);
    this.pool = new HostPool((group, ...rest) => start(this.#apart(group), ...rest));
  }

  static async prepare(startHost: StartHost, log: Logger): Promise<Candidates> {
    return new Candidates(await mkdtemp(join(tmpdir(), 'informer-plan-')), startHost, log);
  }

  /** Keeps hosts running that are used more than once: those that several of these share, and the first others. */
  async keep(resources: readonly DesiredResource[]): Promise<void> {
    const groups = [...Map.groupBy(resources, ({ host }) => host.key).values()];
    const [alone, shared] = [
      groups.filter(({ length }) => length === 1),
      groups.filter(({ length }) => length > 1),
    ];
    for (const [first] of [...shared, ...alone.slice(0, MAX_ALONE)]) if (first) await this.hold(first);
  }

  /** Keeps a resource's host running until it is given back, or all of it ends. */
  async hold({ host }: DesiredResource): Promise<() => void> {
    try {
      return (await this.pool.lease(host)).release;
    } catch {
      // That it does not start is said where something opens in it.
      return () => undefined;
    }
  }

  /**
   * The values in these configurations of a resource that its plugin's schema calls secret; `undefined` if the
   * plugin can't be asked.
   */
  async secretsIn(
    { name, plugin, host, substituted, directory }: DesiredResource,
    configs: readonly unknown[],
  ): Promise<readonly string[] | undefined> {
    let lease: Lease | undefined;
    try {
      lease = await this.pool.lease(host, { resource: name, plugin: plugin.name });
      const found: string[] = [];
      for (const config of configs) {
        const request = { id: `${name}#0`, plugin, config, substituted, directory };
        found.push(...(await lease.host.validate(request, VALIDATE_TIMEOUT_MS)).secrets);
      }
      return found;
    } catch {
      return undefined;
    } finally {
      lease?.release();
    }
  }

  /**
   * Opens a resource, collects once and closes it. When others bring its host down meanwhile, it is tried again.
   * @returns what it collected, and the secrets of its configuration
   * @throws why it does not open, or what it died of
   */
  async collect(desired: DesiredResource): Promise<{ reply: CollectReply; secrets: readonly string[] }> {
    for (let attempt = 1; ; attempt++) {
      const member = { resource: desired.name, plugin: desired.plugin.name };
      const lease = await this.pool.lease(desired.host, member);
      const leave = this.#enter(lease.host);
      try {
        return await this.#collectIn(lease, desired, attempt);
      } catch (error) {
        if (!('death' in (error as object))) throw error;
        const death = await lease.died;
        if (!death) throw error;
        // Among several, the wrong one may have been blamed. Who was blamed is alone the next time.
        const isSure = death.culprit === desired.name && !this.#wereShared.has(lease.host);
        if (isSure || attempt >= ATTEMPTS) throw hostDiedError(death);
      } finally {
        leave();
        lease.release();
      }
    }
  }

  /** Ends all of it, whatever still runs. */
  async stop(): Promise<void> {
    await this.pool.stop();
    this.#budgets.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #collectIn({ host }: Lease, desired: DesiredResource, attempt: number) {
    const { name, plugin, config, substituted, directory, labels, relabel, maxSeries, maxBytes } = desired;
    const id = `${name}#${attempt}`;
    const { secrets } = await host.open({
      id,
      plugin,
      config,
      substituted,
      directory,
      gather: { resource: name, labels, relabel, maxSeries, maxBytes },
      stateFile: join(this.#folder, 'resources', `${name}.state`),
      timeoutMs: desired.openTimeoutMs,
    });
    try {
      return { reply: await host.collect(id, desired.timeoutMs, [TEXT_ENCODING]), secrets };
    } finally {
      // What hangs in closing has brought what it was asked for.
      await host.close(id).catch(() => undefined);
    }
  }

  #enter(host: Host): () => void {
    const inside = (this.#inside.get(host) ?? 0) + 1;
    this.#inside.set(host, inside);
    if (inside > 1) this.#wereShared.add(host);
    return () => this.#inside.set(host, (this.#inside.get(host) ?? 1) - 1);
  }

  /** A host of a candidate is none of the agent's, neither in the log nor by what it may reach. */
  #apart({ cpu: _cpu, stateFolder: _stateFolder, ...group }: HostGroup): HostGroup {
    const { account, nice, name } = group;
    return {
      ...group,
      name: `${name} (plan)`,
      nice: Math.max(nice, NICE),
      ...(account && { stateFolder: userStateFolder(this.#folder, account.uid) }),
    };
  }
}
