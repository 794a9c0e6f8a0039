import { InformerError } from '@dynamic-informer/sdk';
import type { Host, HostDeath, HostGroup, Lease, LoadedCode, Member } from '../contract.ts';
import { Division } from './division.ts';

/** What a host says unasked. */
export interface HostNews {
  /** So many lines more were left out of the log. */
  heldBack(lines: number): void;
  /** A plugin has loaded these files. */
  loaded(code: LoadedCode): void;
}

/** Starts a host; `onDeath` is called at most once, if it dies unasked. An abort ends it while it starts. */
export type StartHost = (
  group: HostGroup,
  onDeath: (death: HostDeath) => void,
  signal?: AbortSignal,
  news?: HostNews,
) => Promise<Host>;

/** What the pool tells of. */
export interface PoolEvents {
  /** A host died; its culprit is named if it is known. */
  died(host: string, death: HostDeath): void;
  /** Nobody knows which of several resources brought a host down: they no longer live together. */
  divided(host: string): void;
  /** A host logged more than it may: so many lines more were left out. */
  heldBack(host: string, lines: number): void;
  /** A plugin of a resource that lives in a host has loaded these files. */
  loaded(code: LoadedCode): void;
}

interface Entry {
  readonly group: HostGroup;
  /** The part of a divided group; empty if it is whole. */
  readonly suffix: string;
  readonly started: Promise<Host>;
  /** Once it has started. */
  host: Host | undefined;
  /** Tells those that hold a lease that it has died or was stopped. Who has given it back is not among them. */
  readonly told: Set<(death: HostDeath | undefined) => void>;
  readonly abort: AbortController;
  leases: number;
  /** Of each resource that lives in it, how many leases. */
  readonly members: Map<string, { readonly member: Member; leases: number }>;
}

/** What a death comes to: its culprit named, if there is one, or its group divided. */
interface Judgement {
  readonly judged: HostDeath;
  readonly isDivided: boolean;
}

const SILENT: PoolEvents = {
  died: () => undefined,
  divided: () => undefined,
  heldBack: () => undefined,
  loaded: () => undefined,
};

/**
 * The hosts that are alive, by group. A host that died is forgotten: the next lease starts another, or
 * others, if it has to be found out which resource brought it down.
 */
export class HostPool {
  readonly #start: StartHost;
  readonly #events: PoolEvents;
  readonly #entries = new Map<string, Entry>();
  readonly #divisions = new Map<string, Division>();
  readonly #stopping = new Set<Promise<void>>();
  #isStopped = false;

  constructor(start: StartHost, events: PoolEvents = SILENT) {
    this.#start = start;
    this.#events = events;
  }

  /** A place in the host of a group. Who names no resource only looks something up in it. */
  async lease(group: HostGroup, member?: Member): Promise<Lease> {
    if (this.#isStopped)
      throw new InformerError('internal', 'The agent is ending: no host is started any more.');
    const suffix = (member && this.#divisions.get(group.key)?.placeOf(member)) ?? '';
    const key = group.key + suffix;
    const entry = this.#entries.get(key) ?? this.#begin(key, group, suffix);
    entry.leases++;
    if (member) enter(entry, member);
    // Of each lease its own: what waits for it goes with the lease, and not only when the host does.
    const { promise: died, resolve: tell } = Promise.withResolvers<HostDeath | undefined>();
    entry.told.add(tell);
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      entry.told.delete(tell);
      tell(undefined);
      entry.leases--;
      if (member) leave(entry, member);
      if (entry.leases === 0) this.#retire(key, entry);
    };
    try {
      return { host: await entry.started, died, release };
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

  #begin(key: string, group: HostGroup, suffix: string): Entry {
    const abort = new AbortController();
    const name = group.name + suffix;
    const onDeath = (death: HostDeath) => {
      this.#forget(key, entry);
      // What dies before it has loaded anything is no resource's fault.
      const { judged, isDivided } = entry.host
        ? this.#judge(entry, death)
        : { judged: death, isDivided: false };
      this.#events.died(name, judged);
      if (isDivided) this.#events.divided(name);
      tellAll(entry, judged);
    };
    const entry: Entry = {
      group,
      suffix,
      started: this.#start({ ...group, name }, onDeath, abort.signal, {
        heldBack: (lines) => this.#events.heldBack(name, lines),
        // A host says nothing about plugins that others run.
        loaded: (code) => {
          const isMember = [...entry.members.values()].some(({ member }) => member.plugin === code.plugin);
          if (isMember) this.#events.loaded(code);
        },
      }),
      host: undefined,
      told: new Set(),
      abort,
      leases: 0,
      members: new Map(),
    };
    entry.started.then(
      (host) => {
        entry.host = host;
      },
      () => this.#forget(key, entry),
    );
    this.#entries.set(key, entry);
    return entry;
  }

  /**
   * Finds out whose fault a death was, and sees to it that it costs others nothing the next time: a known
   * culprit lives alone from now on, and where nobody is known the group is divided.
   */
  #judge({ group, suffix, members }: Entry, death: HostDeath): Judgement {
    const all = [...members.values()].map(({ member }) => member);
    if (death.external || all.length === 0) return { judged: death, isDivided: false };
    const culprit = all.length === 1 ? all[0] : members.get(death.culprit ?? '')?.member;
    const division = this.#divisions.get(group.key) ?? new Division(group.name);
    if (culprit) {
      const { culprit: _blamed, ...rest } = death;
      if (all.length > 1 || suffix !== '') {
        this.#divisions.set(group.key, division);
        division.isolate(culprit);
      }
      return { judged: { ...rest, culprit: culprit.resource }, isDivided: false };
    }
    const isDivided = division.divide(suffix, all);
    if (isDivided) this.#divisions.set(group.key, division);
    return { judged: death, isDivided };
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #retire(key: string, entry: Entry): void {
    this.#forget(key, entry);
    if (!entry.host) entry.abort.abort();
    const stopped = entry.started
      .then((host) => host.stop())
      .catch(() => undefined)
      .then(() => tellAll(entry, undefined));
    this.#stopping.add(stopped);
    void stopped.finally(() => this.#stopping.delete(stopped));
  }
}

function tellAll({ told }: Entry, death: HostDeath | undefined): void {
  for (const tell of told) tell(death);
  told.clear();
}

function enter({ members }: Entry, member: Member): void {
  const present = members.get(member.resource) ?? { member, leases: 0 };
  present.leases++;
  members.set(member.resource, present);
}

function leave({ members }: Entry, { resource }: Member): void {
  const present = members.get(resource);
  if (present && --present.leases === 0) members.delete(resource);
}
