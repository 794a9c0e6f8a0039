import type { Logger } from '@dynamic-informer/sdk';
import type { AgentConfig } from './config/types.ts';
import type { CollectReply, HostDeath, LoadedCode } from './contract.ts';
import { HostBudgets } from './hosts/budgets.ts';
import { HostPool, type StartHost } from './hosts/pool.ts';
import { Outcomes } from './outcomes.ts';
import type { Redactor } from './redactor.ts';
import { type ScrapePorts, Scraper } from './render/scrape.ts';
import { Snapshots } from './render/snapshots.ts';
import { WantedEncodings } from './render/wanted-encodings.ts';
import { DescriptorLists } from './resources/descriptor-lists.ts';
import type { DesiredResource } from './resources/desired.ts';
import type { Action } from './resources/plan.ts';
import { Reconciler } from './resources/reconciler.ts';
import { Scheduler } from './schedule/scheduler.ts';
import type { SelfMetrics } from './self/metrics.ts';
import { soon } from './soon.ts';

export interface PipelinePorts {
  readonly log: Logger;
  readonly redactor: Redactor;
  readonly startHost: StartHost;
  readonly self: SelfMetrics;
  /** The agent's own families, as they are now. */
  readonly renderSelf: ScrapePorts['renderSelf'];
  /** What is to be said of a resource may be different now. */
  changed(resource: string): void;
  /** A collect of it has ended, and is published. */
  collected(resource: string): void;
  /** A host has loaded files of a plugin. */
  loaded(code: LoadedCode): void;
}

/** How long resources may take to close when the agent ends; then their hosts are killed. */
const CLOSE_MS = 2_500;

/** A collect that takes this share of its timeout hangs, though it may end in time and say what it waited for. */
const SLOW_SHARE = 0.8;

/** From what is wanted to what is exposed: hosts, collectors, their schedule, their results. */
export class Pipeline {
  readonly #ports: PipelinePorts;
  readonly budgets: HostBudgets;
  readonly outcomes: Outcomes;
  readonly pool: HostPool;
  readonly reconciler: Reconciler;
  readonly scheduler: Scheduler;
  readonly snapshots = new Snapshots(Number.POSITIVE_INFINITY);
  readonly scraper: Scraper;
  readonly #wantedEncodings = new WantedEncodings();

  constructor(ports: PipelinePorts) {
    this.#ports = ports;
    const { log, self, redactor } = ports;
    this.outcomes = new Outcomes(log);
    this.budgets = new HostBudgets(log);
    this.pool = new HostPool(this.budgets.watching(ports.startHost), {
      died: (host, death) => this.#hostDied(host, death),
      divided: (host) => this.#hostDivided(host),
      heldBack: (host, lines) => self.logLinesDropped(host, lines),
      loaded: (code) => ports.loaded(code),
    });
    this.snapshots.reserve(self.families);
    this.scheduler = new Scheduler({ concurrency: 64, waited: (seconds) => self.waited(seconds) });
    const descriptors = new DescriptorLists();
    this.reconciler = new Reconciler(
      {
        lease: (host, member) => this.pool.lease(host, member),
        publish: (resource, reply, seconds) => this.#publish(resource, reply, seconds),
        encodings: () => this.#wantedEncodings.list(),
        withdraw: (name) => this.snapshots.withdraw(name),
        share: (list) => descriptors.share(list),
        addSecrets: (values) => redactor.add(values),
        changed: ({ name, plugin }, state, error) => {
          this.outcomes.log.changed(name, plugin.name, state, error);
          ports.changed(name);
        },
      },
      {
        opened: (resource) => this.scheduler.add(resource, resource.desired.every),
        adjusted: (resource) => {
          const { name, every } = resource.desired;
          this.scheduler.add(resource, every);
          // New labels and rules are to be seen now, not when the interval next comes round.
          if (every !== 'scrape') void this.scheduler.collect(name);
        },
        closing: (name) => {
          this.scheduler.remove(name);
          this.outcomes.forget(name);
          self.forget(name);
          this.snapshots.forget(name);
        },
      },
    );
    this.scraper = new Scraper(
      {
        resources: () => [...this.reconciler.resources.values()].map(({ desired }) => desired),
        collect: (name) => this.scheduler.collect(name),
        setLate: (name, late) => this.#setLate(name, late),
        renderSelf: ports.renderSelf,
      },
      this.snapshots,
      this.#wantedEncodings,
    );
  }

  /** What runs or tries to, by name. */
  running(): ReadonlyMap<string, DesiredResource> {
    return new Map([...this.reconciler.resources].map(([name, { desired }]) => [name, desired]));
  }

  limit({ concurrency, series }: AgentConfig['limits']): void {
    this.scheduler.setConcurrency(concurrency);
    this.snapshots.seriesLimit = series;
  }

  /** Brings what runs to these resources. `pass` rises: who comes with an earlier one keeps a name that two expose. */
  apply(
    resources: readonly DesiredResource[],
    pass: number,
  ): { readonly actions: readonly Action[]; readonly settled: Promise<void> } {
    resources.forEach(({ name }, place) => {
      if (!this.reconciler.resources.has(name)) this.snapshots.setRank(name, [pass, place]);
    });
    this.budgets.configure(resources.map(({ host }) => host));
    return this.reconciler.apply(resources);
  }

  /** A resource that is just opening, or a host that does not answer, does not hold up the end. */
  async stop(): Promise<void> {
    await soon(this.reconciler.closeAll(), CLOSE_MS);
    await this.pool.stop();
    this.budgets.stop();
  }

  async #publish(resource: DesiredResource, reply: CollectReply, seconds: number): Promise<void> {
    const { name, plugin } = resource;
    const { snapshot, dropped } = await this.snapshots.publish(name, reply, resource);
    this.#ports.self.collected(name, plugin.name, { outcome: snapshot.outcome, dropped }, seconds);
    const isSlow = snapshot.outcome === 'timeout' || seconds * 1000 >= SLOW_SHARE * resource.timeoutMs;
    this.scheduler.markSlow(name, isSlow);
    const standing = this.reconciler.resources.get(name)?.error;
    this.outcomes.record(name, plugin.name, snapshot, { seconds, standing });
    this.#ports.collected(name);
  }

  #setLate(name: string, late: boolean): void {
    const plugin = this.reconciler.resources.get(name)?.desired.plugin.name ?? '';
    if (this.outcomes.setLate(name, plugin, late)) this.#ports.changed(name);
  }

  #hostDied(host: string, { reason, message, culprit, fix }: HostDeath): void {
    this.#ports.self.hostDied(host, reason);
    this.#ports.log.error('host ended', {
      host,
      reason,
      error: message,
      ...(culprit && { resource: culprit }),
      ...(fix && { fix }),
    });
  }

  #hostDivided(host: string): void {
    this.#ports.self.hostDied(host, 'split');
    this.#ports.log.warn('host split', {
      host,
      reason:
        'Nobody knows which resource brought it down: they get hosts of their own, by plugin or in halves.',
    });
  }
}
