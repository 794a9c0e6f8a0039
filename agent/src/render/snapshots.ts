import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { CollectOutcome, CollectReply } from '../contract.ts';
import { type CheckedFragment, FragmentChecker } from './check-fragment.ts';
import { checkReply, type ResourceLimits } from './check-reply.ts';
import { conflictOf, type FamilyMeta, FamilyTable, type Rank } from './family-table.ts';

/** A resource's latest result. */
export interface Snapshot {
  readonly outcome: CollectOutcome;
  readonly errors: readonly ErrorInfo[];
  readonly fragments: readonly CheckedFragment[];
  readonly series: number;
  /** In the text format; of series, a histogram has several lines. */
  readonly lines: number;
  readonly bytes: number;
  /** When the collect ended, in milliseconds since the epoch. */
  readonly at: number;
}

/** What one publish came to. */
export interface Published {
  readonly snapshot: Snapshot;
  readonly dropped: CollectReply['dropped'];
}

const UNLIMITED: ResourceLimits = {
  maxSeries: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
};

interface Entry {
  latest: Snapshot;
  /** The last one that had the resource's families, for `max_stale`. */
  good: Snapshot | undefined;
}

const UNRANKED: Rank = [Number.POSITIVE_INFINITY, 0];

/** The latest result of every resource, checked. */
export class Snapshots {
  readonly #entries = new Map<string, Entry>();
  readonly #families = new FamilyTable();
  readonly #ranks = new Map<string, Rank>();
  /** Results that are being checked, by resource; one that is withdrawn meanwhile is not among them any more. */
  readonly #checking = new Map<string, Set<CollectReply>>();
  readonly #checkers = new Map<string, FragmentChecker>();
  /** Limits that held when a resource last published: a collect may have begun under them. */
  readonly #lastLimits = new Map<string, ResourceLimits>();
  #seriesLimit: number;
  /** Lines of all resources, those that `max_stale` still shows included. */
  #lines = 0;

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

  async publish(resource: string, reply: CollectReply, limits = UNLIMITED): Promise<Published> {
    const checking = this.#checking.get(resource) ?? new Set();
    this.#checking.set(resource, checking.add(reply));
    const checker = this.#checkers.get(resource) ?? new FragmentChecker(resource);
    this.#checkers.set(resource, checker);
    const { given, faults } = await checkReply(checker, reply, this.#allowed(resource, limits));
    const errors = [...faults, ...reply.errors];
    let outcome = faults.length > 0 ? 'plugin' : reply.outcome;
    const dropped = { ...reply.dropped };
    const isWithdrawn = this.#checking.get(resource) !== checking;
    if (isWithdrawn) return { snapshot: snapshotOf({ outcome, errors }, []), dropped };
    checking.delete(reply);
    if (checking.size === 0) this.#checking.delete(resource);
    const before = this.#entries.get(resource);
    // A collect that was not started brought nothing to put in the place of what is there.
    const wasCollected = reply.outcome !== 'limit' || reply.fragments.length > 0;
    const fragments: CheckedFragment[] = [];
    if (outcome !== 'plugin') {
      if (given.length > 0 || (isComplete(outcome) && wasCollected))
        this.#releaseUnused(resource, before?.good, given);
      for (const fragment of this.#withinLimit(resource, given, errors, dropped)) {
        const conflict = this.#claim(resource, fragment);
        if (conflict) {
          errors.push(conflict);
          dropped.conflict = (dropped.conflict ?? 0) + fragment.lines;
        } else {
          fragments.push(fragment);
        }
      }
    }
    if (outcome === 'ok' && errors.length > 0) outcome = dropped.limit ? 'limit' : 'partial';
    const snapshot = snapshotOf({ outcome, errors }, fragments);
    const hasFamilies = (isComplete(outcome) && wasCollected) || fragments.length > 0;
    this.#put(resource, { latest: snapshot, good: hasFamilies ? snapshot : before?.good });
    if (hasFamilies) {
      const shown = new Set(fragments);
      for (const fragment of given) if (!shown.has(fragment)) this.#families.release(resource, fragment.name);
    }
    return { snapshot, dropped };
  }

  /** A host that was asked under other limits than those of now is not blamed for them. */
  #allowed(resource: string, limits: ResourceLimits): ResourceLimits {
    const last = this.#lastLimits.get(resource) ?? limits;
    this.#lastLimits.set(resource, limits);
    return {
      maxSeries: Math.max(last.maxSeries, limits.maxSeries),
      maxBytes: Math.max(last.maxBytes, limits.maxBytes),
    };
  }

  /** Forgets a resource's results and gives its names free. */
  withdraw(resource: string): void {
    const entry = this.#entries.get(resource);
    this.#put(resource, undefined);
    this.#checking.delete(resource);
    this.#checkers.delete(resource);
    this.#lastLimits.delete(resource);
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
    this.#lines += (entry?.good?.lines ?? 0) - (this.#entries.get(resource)?.good?.lines ?? 0);
    if (entry) this.#entries.set(resource, entry);
    else this.#entries.delete(resource);
  }

  /**
   * Families beyond `limits.series` of the whole agent are left out, whole. What was exposed before keeps its
   * place: a family that did not grow comes before one that did, and that before a new one.
   */
  #withinLimit(
    resource: string,
    fragments: readonly CheckedFragment[],
    errors: ErrorInfo[],
    dropped: Record<string, number>,
  ): CheckedFragment[] {
    const others = this.#lines - (this.#entries.get(resource)?.good?.lines ?? 0);
    let room = this.#seriesLimit - others;
    const before = new Map(
      this.#entries.get(resource)?.good?.fragments.map(({ name, lines }) => [name, lines]),
    );
    const newness = ({ name, lines }: CheckedFragment) => {
      const old = before.get(name);
      return old === undefined ? 2 : lines > old ? 1 : 0;
    };
    const kept = new Set<CheckedFragment>();
    for (const fragment of [...fragments].sort((a, b) => newness(a) - newness(b))) {
      if (fragment.lines <= room) {
        room -= fragment.lines;
        kept.add(fragment);
        continue;
      }
      dropped.limit = (dropped.limit ?? 0) + fragment.lines;
      errors.push({
        code: 'LIMIT_SERIES',
        class: 'config',
        message: `The family "${fragment.name}" of resource "${resource}" is left out: the agent would expose more than ${this.#seriesLimit} series.`,
        fix: 'Raise limits.series, or drop what is not needed with relabel.',
      });
    }
    return fragments.filter((fragment) => kept.has(fragment));
  }

  #claim(resource: string, fragment: CheckedFragment): ErrorInfo | undefined {
    const rank = this.#ranks.get(resource) ?? UNRANKED;
    const verdict = this.#families.claim(resource, fragment, rank);
    for (const loser of verdict.evicts) this.#evict(loser, resource);
    return conflictOf(resource, fragment, verdict);
  }

  /** Takes what a resource may no longer expose out of its snapshots; its next publish reports the conflict. */
  #evict(loser: string, winner: string): void {
    const entry = this.#entries.get(loser);
    if (!entry || loser === winner) return;
    const kept = (snapshot: Snapshot): Snapshot => ({
      ...snapshotOf(
        snapshot,
        snapshot.fragments.filter((fragment) => this.#families.holds(loser, fragment.name)),
      ),
      at: snapshot.at,
    });
    this.#put(loser, { latest: kept(entry.latest), good: entry.good && kept(entry.good) });
  }

  /** Gives the names free that a resource does not have any more, or has with another type. */
  #releaseUnused(
    resource: string,
    before: Snapshot | undefined,
    now: readonly Pick<CheckedFragment, 'name' | 'type'>[],
  ): void {
    const used = new Map(now.map(({ name, type }) => [name, type]));
    for (const { name, type } of before?.fragments ?? [])
      if (used.get(name) !== type) this.#families.release(resource, name);
  }
}

/** Whether what a collect brought takes the place of what was there. */
const isComplete = (outcome: CollectOutcome): boolean =>
  outcome === 'ok' || outcome === 'partial' || outcome === 'limit';

function snapshotOf(
  { outcome, errors }: Pick<Snapshot, 'outcome' | 'errors'>,
  fragments: readonly CheckedFragment[],
): Snapshot {
  const sum = (of: (fragment: CheckedFragment) => number) =>
    fragments.reduce((total, fragment) => total + of(fragment), 0);
  return {
    outcome,
    errors,
    fragments,
    series: sum(({ series }) => series),
    lines: sum(({ lines }) => lines),
    bytes: sum(({ bytes }) => bytes),
    at: Date.now(),
  };
}
