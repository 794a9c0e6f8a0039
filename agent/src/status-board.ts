import { type MetricEntry, type MetricSource, registerOf } from './describe/metric-register.ts';
import { disabledStatus } from './outcomes.ts';
import type { Pipeline } from './pipeline.ts';
import type { Redactor } from './redactor.ts';
import type { CheckedFragment } from './render/check-fragment.ts';
import type { Snapshot } from './render/snapshots.ts';
import type { DesiredResource } from './resources/desired.ts';
import type { OverrideStatus, ResourceStatus } from './status.ts';

/** What the stages of the agent know of its resources. */
export interface BoardPorts {
  /** Every resource of the configuration, enabled or not, in its order. */
  wanted(): readonly DesiredResource[];
  overrideOf(name: string, configured: boolean): OverrideStatus | undefined;
  readonly startedAt: number;
  readonly pipeline: Pick<Pipeline, 'reconciler' | 'outcomes' | 'snapshots' | 'scraper' | 'budgets'>;
  readonly redactor: Redactor;
}

/** Puts together what the stages of the agent know of a resource, for those who show it. */
export class StatusBoard {
  readonly #ports: BoardPorts;

  constructor(ports: BoardPorts) {
    this.#ports = ports;
  }

  /** Of the resources that `only` names, in the configuration's order. */
  list(only: (name: string) => boolean): ResourceStatus[] {
    return this.#ports
      .wanted()
      .filter(({ name }) => only(name))
      .map((resource) => this.#statusOf(resource));
  }

  /** `undefined` if there is none of that name. */
  of(name: string): ResourceStatus | undefined {
    const { reconciler } = this.#ports.pipeline;
    const resource =
      reconciler.resources.get(name)?.desired ?? this.#ports.wanted().find((one) => one.name === name);
    return resource && this.#statusOf(resource);
  }

  /** What a scrape would show of a resource; `undefined` while it has never been collected. */
  exposed(name: string): readonly CheckedFragment[] | undefined {
    const { reconciler, snapshots } = this.#ports.pipeline;
    const resource = reconciler.resources.get(name);
    if (!resource || !snapshots.latest(name)) return undefined;
    return this.#shownOf(resource.desired)?.fragments ?? [];
  }

  /** Every metric of the resources that are enabled, and the agent's own. */
  metrics(own: Omit<MetricSource, 'owner' | 'labels' | 'hasRules'>): MetricEntry[] {
    const { reconciler, snapshots } = this.#ports.pipeline;
    const sources: MetricSource[] = [...reconciler.resources.values()].map((resource) => {
      const { name, desired, descriptors: described, hostName: host } = resource;
      const { every, labels, relabel, plugin } = desired;
      const shown = this.#shownOf(desired)?.fragments ?? [];
      const owner = { name, plugin: plugin.name, every, host };
      return { owner, described, labels, hasRules: relabel.length > 0, shown };
    });
    sources.push({ owner: undefined, labels: {}, hasRules: false, ...own });
    return registerOf(sources, (name) => snapshots.header(name));
  }

  #statusOf({ name, plugin, every, enabled }: DesiredResource): ResourceStatus {
    const { reconciler, outcomes, snapshots, budgets } = this.#ports.pipeline;
    const resource = reconciler.resources.get(name);
    const override = this.#ports.overrideOf(name, enabled);
    if (!resource)
      return disabledStatus({ name, plugin: plugin.name, every }, this.#ports.startedAt, override);
    const shown = this.#shownOf(resource.desired);
    const hostUsage = resource.host && budgets.usageOf(resource.host.name);
    const status = outcomes.statusOf(resource, snapshots.latest(name), shown, hostUsage, override);
    return { ...status, errors: status.errors.map((error) => this.#ports.redactor.redactError(error)) };
  }

  /** What a scrape would show of it now. */
  #shownOf(desired: DesiredResource): Snapshot | undefined {
    const since = desired.every === 'scrape' ? this.#ports.pipeline.outcomes.lastAt(desired.name) : 0;
    return this.#ports.pipeline.scraper.visible(desired, since);
  }
}
