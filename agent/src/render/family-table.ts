import type { ErrorInfo, MetricType } from '@dynamic-informer/sdk';
import { reservedNames, shownNames } from '@dynamic-informer/sdk/host';

/** Who may expose a name. The lower one wins: first the earlier reload, then the earlier place in the file. */
export type Rank = readonly [pass: number, place: number];

export interface FamilyMeta {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit?: string | undefined;
}

interface Claim extends FamilyMeta {
  readonly rank: Rank;
}

interface Entry {
  /** By resource; all of one type. */
  readonly claims: Map<string, Claim>;
}

export interface Verdict {
  /** Resources that held the name with another type and came later: their family has to go. */
  readonly evicts: readonly string[];
  /** The resource that holds the name, if this one may not have it. */
  readonly heldBy: string | undefined;
  /** What it is held as, for the message. */
  readonly as: string;
}

const GRANTED: Verdict = { evicts: [], heldBy: undefined, as: '' };
/** Stands for the agent itself among the resources that hold a name; no resource is called so. */
const AGENT = '';
/** Nobody else's families begin so: they would come with the labels of the agent's, and other values. */
const OWN_PREFIX = 'informer_';

/** Names that a family keeps others from using, in text and in OpenMetrics, escaped or not. */
function reservedBy({ name, type }: FamilyMeta): string[] {
  return shownNames(name).flatMap((shown) => [
    ...(shown === name ? [] : [shown]),
    ...reservedNames({ name: shown, type }),
  ]);
}

/** The one list of families in the agent: which name is whose, with which type. */
export class FamilyTable {
  readonly #families = new Map<string, Entry>();
  /** Reserved name to the families that reserve it. */
  readonly #reserved = new Map<string, Set<string>>();

  /** Claims the agent's own families before any resource may. */
  reserve(own: Iterable<FamilyMeta>): void {
    for (const meta of own) this.claim(AGENT, meta, [Number.NEGATIVE_INFINITY, 0]);
  }

  /** Claims a name for a resource; a claim stays until it is released. */
  claim(resource: string, meta: FamilyMeta, rank: Rank): Verdict {
    const held = this.#families.get(meta.name)?.claims.get(resource);
    // It has no rivals: those that there were when it was made had to go, and later ones were refused.
    if (held?.type === meta.type && held.rank === rank) return GRANTED;
    if (resource !== AGENT && meta.name.startsWith(OWN_PREFIX))
      return { evicts: [], heldBy: AGENT, as: `families that begin with ${OWN_PREFIX}` };
    const rivals = this.#rivals(meta);
    const stronger = rivals.find(
      (rival) => compareRanks(rival.claim.rank, rank) < 0 || rival.resource === resource,
    );
    if (stronger) {
      const { name, type } = stronger.claim;
      return { evicts: [], heldBy: stronger.resource, as: `${type} "${name}"` };
    }
    for (const rival of rivals) this.release(rival.resource, rival.claim.name);
    let entry = this.#families.get(meta.name);
    if (!entry) {
      entry = { claims: new Map() };
      this.#families.set(meta.name, entry);
      for (const name of reservedBy(meta)) {
        const reservers = this.#reserved.get(name) ?? new Set();
        this.#reserved.set(name, reservers.add(meta.name));
      }
    }
    entry.claims.set(resource, { ...(entry.claims.get(resource) ?? meta), rank });
    return { evicts: [...new Set(rivals.map((rival) => rival.resource))], heldBy: undefined, as: '' };
  }

  release(resource: string, name: string): void {
    const entry = this.#families.get(name);
    const claim = entry?.claims.get(resource);
    if (!entry || !claim) return;
    entry.claims.delete(resource);
    if (entry.claims.size > 0) return;
    this.#families.delete(name);
    for (const reserved of reservedBy(claim)) {
      const reservers = this.#reserved.get(reserved);
      reservers?.delete(name);
      if (reservers?.size === 0) this.#reserved.delete(reserved);
    }
  }

  holds(resource: string, name: string): boolean {
    return this.#families.get(name)?.claims.has(resource) === true;
  }

  /** The help text and unit that are shown: those of the first resource in rank. */
  header(name: string): FamilyMeta | undefined {
    const claims = [...(this.#families.get(name)?.claims.values() ?? [])];
    return claims.sort((a, b) => compareRanks(a.rank, b.rank))[0];
  }

  /** Claims that can't stand beside this one. */
  #rivals(meta: FamilyMeta): { resource: string; claim: Claim }[] {
    const rivals: { resource: string; claim: Claim }[] = [];
    const add = (name: string, unless?: MetricType) => {
      for (const [resource, claim] of this.#families.get(name)?.claims ?? []) {
        // All of them are of one type.
        if (claim.type === unless) return;
        rivals.push({ resource, claim });
      }
    };
    add(meta.name, meta.type);
    for (const reserved of reservedBy(meta)) add(reserved);
    // Two names, of which none is the other escaped, can still be escaped alike.
    const own = new Set(shownNames(meta.name));
    for (const shown of [...own, ...reservedBy(meta)]) {
      for (const family of this.#reserved.get(shown) ?? []) {
        if (family !== meta.name && (own.has(shown) || shownNames(family).includes(shown))) add(family);
      }
    }
    return rivals;
  }
}

function compareRanks(a: Rank, b: Rank): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** What is said of a family that another resource, or the agent itself, keeps from being exposed. */
export function conflictOf(
  resource: string,
  { name, type }: FamilyMeta,
  { heldBy, as }: Verdict,
): ErrorInfo | undefined {
  if (heldBy === undefined) return undefined;
  const holder = heldBy === AGENT ? 'the agent itself' : `resource "${heldBy}"`;
  return {
    code: 'CONFLICT_FAMILY',
    class: 'config',
    message: `The ${type} "${name}" of resource "${resource}" is left out: ${holder} exposes the ${as}.`,
    fix: 'Rename one of them with relabel.',
  };
}
