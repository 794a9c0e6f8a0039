import { counter, type Descriptor, gauge, info, Registry, type Sample } from '@dynamic-informer/sdk';
import { type Encoding, encodingKey, FamilyEncoders, Gatherer } from '@dynamic-informer/sdk/host';
import { nodeCollector, processCollector } from '@dynamic-informer/sdk/instrument';
import type { CollectReply, Fragment, HostUsage } from '../contract.ts';
import type { AgentStatus, ResourceStatus } from '../status.ts';

const RESOURCE = ['resource', 'plugin'] as const;

const metrics = {
  build: info('informer_build_info', 'The version of the agent and of Node.js.', ['version', 'node_version']),
  up: gauge(
    'informer_resource_up',
    'Whether the last collect of the resource brought what it should, in time.',
    RESOURCE,
  ),
  enabled: gauge('informer_resource_enabled', 'Whether the resource is enabled.', RESOURCE),
  overridden: gauge(
    'informer_resource_overridden',
    "Whether somebody has switched the resource at run time, so that the configuration's own wish does not count.",
    RESOURCE,
  ),
  late: gauge(
    'informer_resource_late',
    'Whether the resource was left out of this scrape because it was late.',
    RESOURCE,
  ),
  info: info('informer_resource_info', 'Where and when the resource is collected.', [
    ...RESOURCE,
    'host',
    'every',
  ]),
  duration: gauge(
    'informer_resource_last_collect_duration_seconds',
    'How long the last collect took.',
    RESOURCE,
  ),
  success: gauge(
    'informer_resource_last_success_timestamp_seconds',
    'When the last successful collect ended.',
    RESOURCE,
  ),
  series: gauge('informer_resource_series', 'Series that the resource exposes.', RESOURCE),
  bytes: gauge(
    'informer_resource_exposition_bytes',
    "Bytes of the resource's lines in the text format.",
    RESOURCE,
  ),
  age: gauge(
    'informer_resource_snapshot_age_seconds',
    "Age of the resource's values in this scrape.",
    RESOURCE,
  ),
  hostCpu: counter(
    'informer_host_cpu_seconds_total',
    'CPU time that the host has used, with what it has started and the hosts before it.',
    ['host'],
  ),
  hostMemory: gauge(
    'informer_host_memory_bytes',
    'Resident memory of the host process and what it has started.',
    ['host'],
  ),
  limiterRunning: gauge('informer_limiter_running', 'Collects that run now.'),
  limiterWaiting: gauge('informer_limiter_waiting', 'Collects that wait for a slot.'),
  reloadOk: gauge(
    'informer_config_last_reload_successful',
    'Whether the last look at the configuration found it usable.',
  ),
  reloadAt: gauge(
    'informer_config_last_reload_success_timestamp_seconds',
    'When a configuration was last applied.',
  ),
};

/** Each sample wakes the agent up; at four a second that is less than half of what it does when it is idle. */
const LAG_INTERVAL_SECONDS = 0.25;

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface SelfState {
  readonly status: AgentStatus;
  readonly hosts: readonly HostUsage[];
  readonly limiter: { readonly running: number; readonly waiting: number };
  readonly reload: { readonly successful: boolean; readonly at: number };
}

/** The agent's own metrics: counters that it keeps, and what its status says at the moment of a scrape. */
export class SelfMetrics {
  readonly #registry = new Registry();
  readonly #process = processCollector();
  readonly #node = nodeCollector({ lagIntervalSeconds: LAG_INTERVAL_SECONDS });
  readonly #gatherer: Gatherer;
  /** What they give out is never given back: answers of several scrapers may be on their way at one time. */
  readonly #encoders = new FamilyEncoders();
  readonly #collects = this.#registry.counter('informer_collects_total', 'Collects by how they ended.', [
    ...RESOURCE,
    'outcome',
  ]);
  readonly #collectSeconds = this.#registry.histogram(
    'informer_collect_duration_seconds',
    'How long collects took.',
    ['plugin'],
    { buckets: SECONDS },
  );
  readonly #waitSeconds = this.#registry.histogram(
    'informer_collect_wait_seconds',
    'How long collects waited for a slot of the limiter.',
    [],
    { buckets: SECONDS },
  );
  readonly #dropped = this.#registry.counter(
    'informer_samples_dropped_total',
    'Samples that were collected but not exposed.',
    [...RESOURCE, 'reason'],
  );
  readonly #restarts = this.#registry.counter(
    'informer_host_restarts_total',
    'Host processes that ended or were killed, by reason.',
    ['host', 'reason'],
  );
  readonly #probes = this.#registry.counter(
    'informer_probes_total',
    'Collects for targets that callers of /probe named, by how they ended.',
    [...RESOURCE, 'outcome'],
  );
  readonly #linesDropped = this.#registry.counter(
    'informer_log_lines_dropped_total',
    'Lines that the host logged or printed beyond its budget, and that were left out of the log.',
    ['host'],
  );
  readonly #reloads = this.#registry.counter(
    'informer_config_reloads_total',
    'Changed configurations that were looked at, by result.',
    ['result'],
  );
  readonly #scrapes = this.#registry.counter('informer_scrapes_total', 'Answers to scrapes.', [
    'code',
    'format',
  ]);
  readonly #refused = this.#registry.counter(
    'informer_http_refused_total',
    'Requests and connections that were refused, by what was wrong with them.',
    ['reason'],
  );
  readonly #scrapeSeconds = this.#registry.histogram(
    'informer_scrape_duration_seconds',
    'How long scrapes took to answer.',
    [],
    { buckets: SECONDS },
  );

  constructor() {
    for (const result of ['success', 'failure'] as const) this.#reloads.with({ result });
    this.#gatherer = new Gatherer([
      ...Object.values(metrics),
      ...this.#process.describe(),
      ...this.#node.describe(),
      ...this.#registry.describe(),
    ]);
  }

  /** Every family that the agent may expose of itself. */
  get families(): readonly Descriptor[] {
    return this.#gatherer.descriptors;
  }

  collected(
    resource: string,
    plugin: string,
    reply: Pick<CollectReply, 'outcome' | 'dropped'>,
    seconds: number,
  ): void {
    this.#collects.with({ resource, plugin, outcome: reply.outcome }).inc();
    this.#collectSeconds.with({ plugin }).observe(seconds);
    for (const [reason, count] of Object.entries(reply.dropped)) {
      this.#dropped.with({ resource, plugin, reason }).inc(count);
    }
  }

  /** Leaves out what was counted of a resource that is gone. */
  forget(resource: string): void {
    this.#collects.deletePartial({ resource });
    this.#dropped.deletePartial({ resource });
    this.#probes.deletePartial({ resource });
  }

  probed(resource: string, plugin: string, outcome: string): void {
    this.#probes.with({ resource, plugin, outcome }).inc();
  }

  waited(seconds: number): void {
    this.#waitSeconds.with().observe(seconds);
  }

  hostDied(host: string, reason: string): void {
    this.#restarts.with({ host, reason }).inc();
  }

  logLinesDropped(host: string, lines: number): void {
    this.#linesDropped.with({ host }).inc(lines);
  }

  reloaded(successful: boolean): void {
    this.#reloads.with({ result: successful ? 'success' : 'failure' }).inc();
  }

  refused(reason: string): void {
    this.#refused.with({ reason }).inc();
  }

  scraped(code: number, format: string, seconds: number): void {
    this.#scrapes.with({ code: String(code), format }).inc();
    this.#scrapeSeconds.with().observe(seconds);
  }

  /** Ends the observation of Node.js itself. */
  close(): void {
    this.#node.close();
  }

  /** Encoded families, like any resource's; `wanted` decides by a sample's resource, `undefined` if it has none. */
  render(
    state: SelfState,
    wanted: (resource: string | undefined) => boolean,
    encoding: Encoding,
  ): Fragment[] {
    const samples = [
      ...sampleState(state),
      ...this.#registry.collect(),
      ...this.#process.collect(),
      ...this.#node.collect(),
    ];
    const kept = samples.filter((sample) => wanted(sample.labels.resource));
    return this.#gatherer.gather(kept).families.map((family) => ({
      name: family.name,
      type: family.type,
      help: family.help,
      unit: family.unit,
      series: family.seriesCount,
      hasLegacyNames: family.hasLegacyNames,
      bodies: new Map([[encodingKey(encoding), this.#encoders.encode(family, encoding)]]),
    }));
  }
}

function* sampleState({ status, hosts, limiter, reload }: SelfState): Iterable<Sample> {
  yield metrics.build.sample({ version: status.version, node_version: process.version });
  yield metrics.limiterRunning.sample(limiter.running);
  yield metrics.limiterWaiting.sample(limiter.waiting);
  yield metrics.reloadOk.sample(reload.successful ? 1 : 0);
  if (reload.at > 0) yield metrics.reloadAt.sample(reload.at / 1000);
  for (const { host, cpuSeconds, residentBytes } of hosts) {
    yield metrics.hostCpu.sample(cpuSeconds, { host });
    if (residentBytes !== undefined) yield metrics.hostMemory.sample(residentBytes, { host });
  }
  for (const resource of status.resources) yield* sampleResource(resource);
}

function* sampleResource(resource: ResourceStatus): Iterable<Sample> {
  const { name, plugin, state, every } = resource;
  const labels = { resource: name, plugin };
  yield metrics.enabled.sample(state === 'disabled' ? 0 : 1, labels);
  yield metrics.overridden.sample(resource.override ? 1 : 0, labels);
  if (state === 'disabled') return;
  yield metrics.up.sample(resource.up ? 1 : 0, labels);
  yield metrics.late.sample(resource.late ? 1 : 0, labels);
  yield metrics.info.sample({
    ...labels,
    host: resource.host,
    every: every === 'scrape' ? every : `${every / 1000}s`,
  });
  yield metrics.series.sample(resource.series, labels);
  yield metrics.bytes.sample(resource.bytes, labels);
  if (resource.lastCollectSeconds !== undefined)
    yield metrics.duration.sample(resource.lastCollectSeconds, labels);
  if (resource.lastSuccessAt !== undefined)
    yield metrics.success.sample(resource.lastSuccessAt / 1000, labels);
  if (resource.snapshotAt !== undefined) {
    yield metrics.age.sample(Math.max(0, Date.now() - resource.snapshotAt) / 1000, labels);
  }
}
