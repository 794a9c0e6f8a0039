import { type ErrorInfo, toErrorInfo } from '@dynamic-informer/sdk';
import { type Encoding, Headers, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import pLimit from 'p-limit';
import type { CollectReply, HostDeath, HostGroup, Lease, LogLine, Member } from './contract.ts';
import { bodyIn, merge } from './render/exposition.ts';
import type { Exposition } from './render/scrape.ts';
import { Snapshots } from './render/snapshots.ts';
import type { DesiredResource } from './resources/desired.ts';
import { openRequest } from './resources/opened.ts';

export interface ProbesPorts {
  lease(group: HostGroup, member?: Member): Promise<Lease>;
  addSecrets(values: readonly string[]): void;
  /** A probe ended; its outcome is that of a collect. */
  probed(resource: DesiredResource, outcome: CollectReply['outcome']): void;
}

/** What came of collecting a resource once for a target of the caller's. */
export interface ProbeResult {
  readonly outcome: CollectReply['outcome'];
  readonly errors: readonly ErrorInfo[];
  readonly exposition: Exposition;
  readonly series: number;
  readonly lines: readonly LogLine[];
  readonly seconds: number;
}

/** Probes at one time; callers beyond that wait, and beyond the second number are turned away. */
const CONCURRENT = 16;
const MOST_WAITING = 64;
/** A host without probes ends after this time. */
const IDLE_MS = 60_000;

/**
 * Collects for targets that callers name: each with a collector of its own, opened for that and closed after it.
 * They live in hosts of their own, so that no target of a caller's brings down what the configuration watches.
 */
export class Probes {
  readonly #ports: ProbesPorts;
  readonly #limit = pLimit(CONCURRENT);
  /** What keeps a host alive between probes, by its group. */
  readonly #kept = new Map<string, { lease: Lease; timer: NodeJS.Timeout }>();
  #count = 0;
  readonly #free = Array.from({ length: CONCURRENT }, (_, place) => place + 1);

  constructor(ports: ProbesPorts) {
    this.#ports = ports;
  }

  /** Whether another probe would wait for longer than a scraper does. */
  get isFull(): boolean {
    return this.#limit.pendingCount >= MOST_WAITING;
  }

  probe(
    resource: DesiredResource,
    target: string,
    timeoutMs: number,
    encoding: Encoding,
  ): Promise<ProbeResult> {
    const deadline = performance.now() + timeoutMs;
    return this.#limit(async () => {
      const started = performance.now();
      const reply =
        started < deadline ? await this.#collect(resource, target, deadline, encoding) : timedOut();
      const seconds = (performance.now() - started) / 1000;
      this.#ports.probed(resource, reply.outcome);
      return { ...(await shown(resource, reply, encoding)), lines: reply.lines ?? [], seconds };
    });
  }

  stop(): void {
    for (const { lease, timer } of this.#kept.values()) {
      clearTimeout(timer);
      lease.release();
    }
    this.#kept.clear();
  }

  /** Whatever goes wrong is an outcome, as with any collect. */
  async #collect(
    resource: DesiredResource,
    target: string,
    deadline: number,
    encoding: Encoding,
  ): Promise<CollectReply> {
    const { name, plugin } = resource;
    // Of each probe's own, so that it is known which one has brought its host down; and no more names than places.
    const place = this.#free.pop() ?? 0;
    const member = `${name} (probe ${place})`;
    const id = `${member}#${++this.#count}`;
    const group = probeGroup(resource);
    let lease: Lease | undefined;
    try {
      lease = await this.#ports.lease(group, { resource: member, plugin: plugin.name });
      await this.#keep(group);
      const { host } = lease;
      const { secrets } = await host.open({
        ...openRequest(id, resource),
        target,
        stateFile: '',
        timeoutMs: left(deadline),
      });
      this.#ports.addSecrets(secrets);
      const reply = await host.collect(id, left(deadline), [TEXT_ENCODING, encoding]);
      await host.close(id).catch(() => undefined);
      return reply;
    } catch (error) {
      const death = 'death' in (error as object) ? await lease?.died : undefined;
      return failed(death, error);
    } finally {
      this.#free.push(place);
      lease?.release();
    }
  }

  async #keep(group: HostGroup): Promise<void> {
    const present = this.#kept.get(group.key);
    if (present) {
      present.timer.refresh();
      return;
    }
    const lease = await this.#ports.lease(group);
    const end = () => {
      clearTimeout(timer);
      // Of several first probes at one time each has kept it.
      if (this.#kept.get(group.key)?.lease === lease) this.#kept.delete(group.key);
      lease.release();
    };
    const timer = setTimeout(end, IDLE_MS);
    timer.unref();
    this.#kept.set(group.key, { lease, timer });
    void lease.died.then(end);
  }
}

/** Whole milliseconds until then, one at least. */
const left = (deadline: number): number => Math.max(1, Math.floor(deadline - performance.now()));

/** Hosts like the resource's own in what they may use, but apart from it. */
function probeGroup({ host, plugin }: DesiredResource): HostGroup {
  return { ...host, key: `probe:${plugin.name}:${host.key}`, name: `probe/${plugin.name}` };
}

async function shown(
  { name, maxSeries, maxBytes }: DesiredResource,
  reply: CollectReply,
  wanted: Encoding,
): Promise<Pick<ProbeResult, 'outcome' | 'errors' | 'exposition' | 'series'>> {
  // The host is believed no more than that of any resource.
  const snapshots = new Snapshots(Number.POSITIVE_INFINITY);
  const { snapshot } = await snapshots.publish(name, reply, { maxSeries, maxBytes });
  const { outcome, errors, fragments, series } = snapshot;
  const isThere = fragments.every((fragment) => bodyIn(fragment, wanted) !== undefined);
  const encoding = isThere ? wanted : TEXT_ENCODING;
  return {
    outcome,
    errors,
    series,
    exposition: { encoding, parts: merge(fragments, encoding, new Headers()) },
  };
}

const timedOut = (): CollectReply =>
  reply('timeout', {
    code: 'TARGET_TIMEOUT',
    class: 'target',
    message: 'The probe did not get its turn in time: others were before it.',
    fix: 'Probe less at one time, or let the scraper wait longer.',
  });

function failed(death: HostDeath | undefined, error: unknown): CollectReply {
  const info = toErrorInfo(error);
  if (death?.reason === 'timeout') {
    return reply('timeout', {
      ...info,
      code: 'TARGET_TIMEOUT',
      class: 'target',
      message: 'The probe took longer than its time.',
    });
  }
  if (death)
    return reply('crash', { ...info, code: 'PLUGIN_HOST_DIED', class: 'plugin', message: death.message });
  return reply(info.class === 'plugin' || info.class === 'internal' ? 'plugin' : 'target', info);
}

const reply = (outcome: CollectReply['outcome'], error: ErrorInfo): CollectReply => ({
  outcome,
  errors: [error],
  fragments: [],
  dropped: {},
});
