import type { ErrorInfo } from '@dynamic-informer/sdk';
import { encodingKey, isMetricName, lengthOf, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { type CollectOutcome, type CollectReply, OTHER_ENCODINGS_FACTOR } from '../contract.ts';
import { type CheckedFragment, FragmentChecker } from './check-fragment.ts';
import { AGENT, type FamilyMeta, FamilyTable, type Rank } from './family-table.ts';

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

/** What a resource may expose. Its host holds it to that, and is not believed. */
export interface ResourceLimits {
  readonly maxSeries: number;
  readonly maxBytes: number;
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

const TEXT = encodingKey(TEXT_ENCODING);

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
    const { given, faults } = await this.#check(resource, reply, this.#allowed(resource, limits));
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

  /** What of a reply is what it says, and what is wrong with the rest. */
  async #check(
    resource: string,
    { fragments }: CollectReply,
    limits: ResourceLimits,
  ): Promise<{ given: CheckedFragment[]; faults: ErrorInfo[] }> {
    const checker = this.#checkers.get(resource) ?? new FragmentChecker(resource);
    this.#checkers.set(resource, checker);
    const given: CheckedFragment[] = [];
    const faults: ErrorInfo[] = [];
    const names = new Set<string>();
    const excess = encodedExcess(fragments, limits);
    if (excess !== undefined) return { given, faults: [{ ...FOREIGN, message: excess }] };
    for (const fragment of fragments) {
      if (checker.isDue) await checker.breathe();
      const { name } = fragment;
      const unchanged = names.has(name) ? undefined : checker.unchanged(fragment);
      if (unchanged !== undefined) {
        names.add(name);
        given.push(unchanged);
        continue;
      }
      const isNamed = isMetricName(name as unknown, fragment.hasLegacyNames !== true);
      const checked = names.has(name)
        ? 'it is there twice'
        : !isNamed
          ? 'that is no name of a metric'
          : fragment.bodies.has(TEXT)
            ? await checker.check(fragment)
            : 'it has no text';
      names.add(name);
      if (typeof checked === 'object') {
        given.push(checked);
      } else if (faults.length < MAX_FAULTS) {
        const message = `The family ${JSON.stringify(name.slice(0, 100))} is refused: ${checked}.`;
        faults.unshift({ ...FOREIGN, message });
      }
    }
    checker.turn();
    const lines = given.reduce((sum, fragment) => sum + fragment.lines, 0);
    if (lines > limits.maxSeries) {
      const message = `Its host sent ${lines} series, where ${limits.maxSeries} are allowed.`;
      faults.unshift({ ...FOREIGN, message });
    }
    return { given, faults };
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

/** How many families are named that are not what they say. */
const MAX_FAULTS = 20;

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

/** Which encoding of a reply is larger than it may be. It is found out from lengths, before anything is read. */
function encodedExcess(
  fragments: CollectReply['fragments'],
  { maxBytes }: ResourceLimits,
): string | undefined {
  const bytes = new Map<string, number>();
  for (const { bodies } of fragments) {
    for (const [key, parts] of bodies) bytes.set(key, (bytes.get(key) ?? 0) + lengthOf(parts));
  }
  for (const [key, sent] of bytes) {
    const allowed = key === TEXT ? maxBytes : OTHER_ENCODINGS_FACTOR * maxBytes;
    if (sent > allowed) {
      return `Its host sent ${sent} bytes of ${key.slice(0, 100)}, where ${allowed} are allowed.`;
    }
  }
  return undefined;
}
