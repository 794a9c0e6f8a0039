import { InformerError } from '@dynamic-informer/sdk';
import type { Host, HostDeath, HostGroup, Lease } from '../contract.ts';

/** Starts a host; `onDeath` is called at most once, if it dies unasked. */
export type StartHost = (group: HostGroup, onDeath: (death: HostDeath) => void) => Promise<Host>;

interface Entry {
  readonly started: Promise<Host>;
  /** Once it has started. */
  host: Host | undefined;
  readonly died: Promise<HostDeath | undefined>;
  readonly stopped: () => void;
  leases: number;
}

/** The hosts that are alive, by group. A host that died is forgotten: the next lease starts another. */
export class HostPool {
  readonly #start: StartHost;
  readonly #onDeath: (host: string, death: HostDeath) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #stopping = new Set<Promise<void>>();
  #isStopped = false;

  constructor(start: StartHost, onDeath: (host: string, death: HostDeath) => void) {
    this.#start = start;
    this.#onDeath = onDeath;
  }

  async lease(group: HostGroup): Promise<Lease> {
    if (this.#isStopped)
      throw new InformerError('internal', 'The agent is ending: no host is started any more.');
    const entry = this.#entries.get(group.key) ?? this.#begin(group);
    entry.leases++;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      entry.leases--;
      if (entry.leases === 0) this.#retire(group.key, entry);
    };
    try {
      return { host: await entry.started, died: entry.died, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The hosts that run now; those that still start are not waited for. */
  get hosts(): Host[] {
    return [...this.#entries.values()].flatMap(({ host }) => host ?? []);
  }

  /** Stops every host; from now on none is started. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const [key, entry] of this.#entries) this.#retire(key, entry);
    await Promise.all(this.#stopping);
  }

  #begin(group: HostGroup): Entry {
    const died = Promise.withResolvers<HostDeath | undefined>();
    const started = this.#start(group, (death) => {
      this.#forget(group.key, entry);
      this.#onDeath(group.name, death);
      died.resolve(death);
    });
    const entry: Entry = {
      started,
      host: undefined,
      died: died.promise,
      stopped: () => died.resolve(undefined),
      leases: 0,
    };
    started.then(
      (host) => {
        entry.host = host;
      },
      () => this.#forget(group.key, entry),
    );
    this.#entries.set(group.key, entry);
    return entry;
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #retire(key: string, entry: Entry): void {
    this.#forget(key, entry);
    const stopped = entry.started
      .then((host) => host.stop())
      .catch(() => undefined)
      .then(entry.stopped);
    this.#stopping.add(stopped);
    void stopped.finally(() => this.#stopping.delete(stopped));
  }
}
