import type { ErrorInfo } from '@dynamic-informer/sdk';
import { isMetricName } from '@dynamic-informer/sdk/host';
import type { CollectOutcome, CollectReply, Fragment } from '../contract.ts';
import { FragmentChecker } from './check-fragment.ts';
import { AGENT, type FamilyMeta, FamilyTable, type Rank } from './family-table.ts';

/** A resource's latest result. */
export interface Snapshot {
  readonly outcome: CollectOutcome;
  readonly errors: readonly ErrorInfo[];
  readonly fragments: readonly Fragment[];
  readonly series: number;
  /** When the collect ended, in milliseconds since the epoch. */
  readonly at: number;
}

/** What one publish came to. */
export interface Published {
  readonly snapshot: Snapshot;
  readonly dropped: CollectReply['dropped'];
}

interface Entry {
  latest: Snapshot;
  /** The last one that had the resource's families, for `max_stale`. */
  good: Snapshot | undefined;
}

const FOREIGN: ErrorInfo = {
  code: 'PLUGIN_BAD_FRAGMENT',
  class: 'plugin',
  message: '',
  fix: 'The plugin tampers with its host; give it a host of its own and look at its code.',
};

const UNRANKED: Rank = [Number.POSITIVE_INFINITY, 0];

/** The latest result of every resource, checked. */
export class Snapshots {
  readonly #entries = new Map<string, Entry>();
  readonly #families = new FamilyTable();
  readonly #ranks = new Map<string, Rank>();
  /** Results that are being checked, by resource; one that is withdrawn meanwhile is not among them any more. */
  readonly #checking = new Map<string, Set<CollectReply>>();
  readonly #checkers = new Map<string, FragmentChecker>();
  #seriesLimit: number;
  /** Of all resources, those that `max_stale` still shows included. */
  #series = 0;

  constructor(seriesLimit: number) {
    this.#seriesLimit = seriesLimit;
  }

  set seriesLimit(limit: number) {
    this.#seriesLimit = limit;
  }

  /** Keeps the agent's own families from everybody else. */
  reserve(own: Iterable<FamilyMeta>): void {
    this.#families.reserve(own);
  }

  /** A resource's rank decides who keeps a name that two of them expose with different types. */
  setRank(resource: string, rank: Rank): void {
    this.#ranks.set(resource, rank);
  }

  latest(resource: string): Snapshot | undefined {
    return this.#entries.get(resource)?.latest;
  }

  /** The last one that had families, however old. */
  good(resource: string): Snapshot | undefined {
    return this.#entries.get(resource)?.good;
  }

  /** What stands above a family, whichever resources expose it. */
  header(family: string): FamilyMeta | undefined {
    return this.#families.header(family);
  }

  async publish(resource: string, reply: CollectReply): Promise<Published> {
    const errors = [...reply.errors];
    let { outcome } = reply;
    const checking = this.#checking.get(resource) ?? new Set();
    this.#checking.set(resource, checking.add(reply));
    const checker = this.#checkers.get(resource) ?? new FragmentChecker(resource);
    this.#checkers.set(resource, checker);
    const given: Fragment[] = [];
    for (const fragment of reply.fragments) {
      const unchanged = checker.unchanged(fragment);
      if (unchanged !== undefined) {
        given.push(unchanged);
        continue;
      }
      const checked = isMetricName(fragment.name, fragment.hasLegacyNames !== true)
        ? await checker.check(fragment)
        : `its name is ${JSON.stringify(fragment.name).slice(0, 100)}`;
      if (typeof checked === 'object') {
        given.push(checked);
        continue;
      }
      errors.unshift({
        ...FOREIGN,
        message: `The family "${fragment.name.slice(0, 100)}" is refused: ${checked}.`,
      });
      outcome = 'plugin';
    }
    checker.turn();
    const dropped = { ...reply.dropped };
    const fragments: Fragment[] = [];
    const isWithdrawn = this.#checking.get(resource) !== checking;
    if (isWithdrawn) return { snapshot: { outcome, errors, fragments, series: 0, at: Date.now() }, dropped };
    checking.delete(reply);
    if (checking.size === 0) this.#checking.delete(resource);
    if (outcome !== 'plugin') {
      for (const fragment of this.#withinLimit(resource, given, errors, dropped)) {
        const conflict = this.#claim(resource, fragment);
        if (conflict) {
          errors.push(conflict);
          dropped.conflict = (dropped.conflict ?? 0) + fragment.series;
        } else {
          fragments.push(fragment);
        }
      }
    }
    if (outcome === 'ok' && errors.length > 0) outcome = dropped.limit ? 'limit' : 'partial';
    const series = fragments.reduce((sum, fragment) => sum + fragment.series, 0);
    const snapshot: Snapshot = { outcome, errors, fragments, series, at: Date.now() };
    const before = this.#entries.get(resource);
    // A collect that was not started brought nothing to put in the place of what is there.
    const wasCollected = reply.outcome !== 'limit' || reply.fragments.length > 0;
    const complete = outcome === 'ok' || outcome === 'partial' || (outcome === 'limit' && wasCollected);
    const hasFamilies = complete || fragments.length > 0;
    this.#put(resource, { latest: snapshot, good: hasFamilies ? snapshot : before?.good });
    if (hasFamilies) this.#releaseUnused(resource, before?.good, fragments);
    return { snapshot, dropped };
  }

  /** Forgets a resource's results and gives its names free. */
  withdraw(resource: string): void {
    const entry = this.#entries.get(resource);
    this.#put(resource, undefined);
    this.#checking.delete(resource);
    this.#checkers.delete(resource);
    for (const fragment of [...(entry?.good?.fragments ?? []), ...(entry?.latest.fragments ?? [])]) {
      this.#families.release(resource, fragment.name);
    }
  }

  /** Forgets a resource that is no longer configured. */
  forget(resource: string): void {
    this.withdraw(resource);
    this.#ranks.delete(resource);
  }

  #put(resource: string, entry: Entry | undefined): void {
    this.#series += (entry?.good?.series ?? 0) - (this.#entries.get(resource)?.good?.series ?? 0);
    if (entry) this.#entries.set(resource, entry);
    else this.#entries.delete(resource);
  }

  /** Families beyond `limits.series` of the whole agent are left out, the newcomer's first. */
  #withinLimit(
    resource: string,
    fragments: readonly Fragment[],
    errors: ErrorInfo[],
    dropped: Record<string, number>,
  ): Fragment[] {
    const others = this.#series - (this.#entries.get(resource)?.good?.series ?? 0);
    let room = this.#seriesLimit - others;
    const kept: Fragment[] = [];
    for (const fragment of fragments) {
      if (fragment.series <= room) {
        room -= fragment.series;
        kept.push(fragment);
        continue;
      }
      dropped.limit = (dropped.limit ?? 0) + fragment.series;
      errors.push({
        code: 'LIMIT_SERIES',
        class: 'config',
        message: `The family "${fragment.name}" is left out: the agent would expose more than ${this.#seriesLimit} series.`,
        fix: 'Raise limits.series, or drop what is not needed with relabel.',
      });
    }
    return kept;
  }

  #claim(resource: string, fragment: Fragment): ErrorInfo | undefined {
    const rank = this.#ranks.get(resource) ?? UNRANKED;
    const { heldBy, as, evicts } = this.#families.claim(resource, fragment, rank);
    for (const loser of evicts) this.#evict(loser, resource);
    if (heldBy === undefined) return undefined;
    const holder = heldBy === AGENT ? 'the agent itself' : `resource "${heldBy}"`;
    return {
      code: 'CONFLICT_FAMILY',
      class: 'config',
      message: `The ${fragment.type} "${fragment.name}" of resource "${resource}" is left out: ${holder} exposes the ${as}.`,
      fix: 'Rename one of them with relabel.',
    };
  }

  /** Takes what a resource may no longer expose out of its snapshots; its next publish reports the conflict. */
  #evict(loser: string, winner: string): void {
    const entry = this.#entries.get(loser);
    if (!entry || loser === winner) return;
    const kept = (snapshot: Snapshot): Snapshot => ({
      ...snapshot,
      fragments: snapshot.fragments.filter((fragment) => this.#families.holds(loser, fragment.name)),
    });
    this.#put(loser, { latest: kept(entry.latest), good: entry.good && kept(entry.good) });
  }

  #releaseUnused(resource: string, before: Snapshot | undefined, now: readonly Fragment[]): void {
    const used = new Set(now.map(({ name }) => name));
    for (const { name } of before?.fragments ?? [])
      if (!used.has(name)) this.#families.release(resource, name);
  }
}
