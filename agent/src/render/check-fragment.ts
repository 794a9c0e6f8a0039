import { type Encoding, encodingOf } from '@dynamic-informer/sdk/host';
import type { Fragment } from '../contract.ts';
import { type CheckedLines, checkLines, lineRules } from './check-lines.ts';
import { checkMessages } from './check-messages.ts';

/** A part that was found to be right. */
interface Known {
  readonly bytes: Uint8Array;
  /** It came before: its bytes are its own, not a view of all that its host sent that time. */
  readonly isKept: boolean;
  /** Series lines, or messages. */
  readonly count: number;
  readonly lines: CheckedLines | undefined;
}

/** A fragment that was found to be right, as it was given out, and its parts by the key of their encoding. */
interface KnownFragment {
  readonly fragment: Fragment;
  /** All its parts came before. */
  readonly isKept: boolean;
  readonly bodies: ReadonlyMap<string, readonly Known[]>;
}

/**
 * Checks what a host sends of one resource. What comes again byte by byte is not checked again, and is
 * given out as the same object, by which others see that nothing changed.
 */
export class FragmentChecker {
  readonly #resource: string;
  #known = new Map<string, KnownFragment>();
  #next = new Map<string, KnownFragment>();

  constructor(resource: string) {
    this.#resource = resource;
  }

  /** A reply is complete: what was not in it is forgotten. */
  turn(): void {
    this.#known = this.#next;
    this.#next = new Map();
  }

  /** What was given out for the last reply, if that was the same in all it says: then there is nothing to check. */
  unchanged(fragment: Fragment): Fragment | undefined {
    const known = this.#known.get(fragment.name);
    if (known === undefined || !saysTheSame(known, fragment)) return undefined;
    const kept = keep(known);
    this.#next.set(fragment.name, kept);
    return kept.fragment;
  }

  /**
   * Whether every body of a fragment is what it says, and as many series as it says.
   * @returns what is wrong, or the fragment
   */
  async check(fragment: Fragment): Promise<string | Fragment> {
    const known = this.#known.get(fragment.name);
    const before = known?.fragment.type === fragment.type ? known.bodies : undefined;
    const bodies = new Map<string, readonly Known[]>();
    for (const [key, parts] of fragment.bodies) {
      const checked = await this.#checkBody(fragment, key, parts, before?.get(key));
      if (typeof checked === 'string') return checked;
      bodies.set(key, checked);
    }
    if (bodies.size === 0) return 'it has no body';
    const right = { ...fragment, bodies: bytesOf(bodies) };
    this.#next.set(fragment.name, { fragment: right, isKept: false, bodies });
    return right;
  }

  async #checkBody(
    fragment: Fragment,
    key: string,
    parts: readonly Uint8Array[],
    before: readonly Known[] | undefined,
  ): Promise<string | readonly Known[]> {
    const encoding = encodingOf(key);
    if (encoding === undefined) return `it has a body in ${JSON.stringify(key).slice(0, 100)}`;
    const checked: Known[] = [];
    let count = 0;
    for (const [i, part] of parts.entries()) {
      const known = await this.#checkPart(fragment, encoding, part, before?.[i]);
      if (typeof known === 'string') return known;
      checked.push(known);
      count += known.count;
    }
    const unit = encoding.format === 'protobuf' ? 'metrics' : 'lines';
    return count < fragment.series ? `it has ${count} ${unit} for ${fragment.series} series` : checked;
  }

  async #checkPart(
    fragment: Fragment,
    encoding: Encoding,
    part: Uint8Array,
    before: Known | undefined,
  ): Promise<string | Known> {
    if (before !== undefined && Buffer.compare(before.bytes, part) === 0) return keepPart(before);
    if (encoding.format === 'protobuf') {
      const count = await checkMessages(part, this.#resource);
      return typeof count === 'string' ? count : { bytes: part, isKept: false, count, lines: undefined };
    }
    const rules = lineRules(fragment, encoding, this.#resource);
    const lines = await checkLines(part, rules, before?.lines);
    return typeof lines === 'string' ? lines : { bytes: part, isKept: false, count: lines.count, lines };
  }
}

function saysTheSame({ fragment: before, bodies }: KnownFragment, now: Fragment): boolean {
  const isAlike =
    before.series === now.series &&
    before.type === now.type &&
    before.help === now.help &&
    before.unit === now.unit &&
    before.hasLegacyNames === now.hasLegacyNames &&
    bodies.size === now.bodies.size;
  if (!isAlike) return false;
  for (const [key, parts] of now.bodies) {
    const known = bodies.get(key);
    if (known?.length !== parts.length) return false;
    if (!known.every(({ bytes }, i) => Buffer.compare(bytes, parts[i] as Uint8Array) === 0)) return false;
  }
  return true;
}

/** The same, its bytes being its own. */
function keep(known: KnownFragment): KnownFragment {
  if (known.isKept) return known;
  const bodies = new Map([...known.bodies].map(([key, parts]) => [key, parts.map(keepPart)]));
  return { fragment: { ...known.fragment, bodies: bytesOf(bodies) }, isKept: true, bodies };
}

const keepPart = (part: Known): Known =>
  part.isKept ? part : { ...part, bytes: Buffer.copyBytesFrom(part.bytes), isKept: true };

const bytesOf = (bodies: ReadonlyMap<string, readonly Known[]>): Fragment['bodies'] =>
  new Map([...bodies].map(([key, parts]) => [key, parts.map(({ bytes }) => bytes)]));
