import { type Encoding, encodingKey, encodingOf, lengthOf, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { type Breath, breathe } from '../breathe.ts';
import type { Fragment } from '../contract.ts';
import { type CheckedLines, checkLines, lineRules } from './check-lines.ts';
import { checkMessages } from './check-messages.ts';

/** A fragment that is what it says, and what it comes to in the text format, as it was counted here. */
export interface CheckedFragment extends Fragment {
  readonly lines: number;
  readonly bytes: number;
}

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
  readonly fragment: CheckedFragment;
  /** All its parts came before. */
  readonly isKept: boolean;
  readonly bodies: ReadonlyMap<string, readonly Known[]>;
}

const TEXT = encodingKey(TEXT_ENCODING);
/** What is compared or copied between two looks at the clock. */
const BYTES_AT_A_TIME = 256 * 1024;

/**
 * Checks what a host sends of one resource. What comes again byte by byte is not checked again, and is
 * given out as the same object, by which others see that nothing changed.
 */
export class FragmentChecker {
  readonly #resource: string;
  #known = new Map<string, KnownFragment>();
  #next = new Map<string, KnownFragment>();
  /** Of the reply that is being checked. */
  #pause: Breath | undefined;

  constructor(resource: string) {
    this.#resource = resource;
  }

  /** A reply is complete: what was not in it is forgotten. */
  turn(): void {
    this.#known = this.#next;
    this.#next = new Map();
    this.#pause = undefined;
  }

  /** Whether others are to be let run before the next fragment. */
  get isDue(): boolean {
    return this.#breath.isDue();
  }

  async breathe(): Promise<void> {
    const breath = this.#breath;
    if (breath.isDue()) await breath.now();
  }

  /**
   * What was given out for the last reply, if that was the same in all it says: then there is nothing to check.
   * A large one is compared in `check`, which lets others run.
   */
  unchanged(fragment: Fragment): CheckedFragment | undefined {
    const known = this.#known.get(fragment.name);
    if (known === undefined || !isSmall(fragment) || !saysTheSame(known, fragment)) return undefined;
    const kept = keep(known);
    this.#next.set(fragment.name, kept);
    return kept.fragment;
  }

  /**
   * Whether every body of a fragment is what it says, and as many series as it says.
   * @returns what is wrong, or the fragment
   */
  async check(fragment: Fragment): Promise<string | CheckedFragment> {
    const known = this.#known.get(fragment.name);
    const before = known?.fragment.type === fragment.type ? known.bodies : undefined;
    const bodies = new Map<string, readonly Known[]>();
    for (const [key, parts] of fragment.bodies) {
      const checked = await this.#checkBody(fragment, key, parts, before?.get(key));
      if (typeof checked === 'string') return checked;
      bodies.set(key, checked);
    }
    if (bodies.size === 0) return 'it has no body';
    const text = bodies.get(TEXT) ?? [];
    const right: CheckedFragment = {
      ...fragment,
      bodies: bytesOf(bodies),
      lines: text.reduce((sum, { count }) => sum + count, 0),
      bytes: text.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    };
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
    if (encoding === undefined) return `it has a body in ${JSON.stringify(key.slice(0, 100))}`;
    const checked: Known[] = [];
    let count = 0;
    for (const [i, part] of parts.entries()) {
      const known = await this.#checkPart(fragment, encoding, part, before?.[i]);
      if (typeof known === 'string') return known;
      await this.breathe();
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
    if (before !== undefined && (await this.#isSame(before.bytes, part))) {
      return before.isKept ? before : { ...before, bytes: await this.#copy(before.bytes), isKept: true };
    }
    if (encoding.format === 'protobuf') {
      const count = await checkMessages(part, this.#resource, this.#breath);
      return typeof count === 'string' ? count : { bytes: part, isKept: false, count, lines: undefined };
    }
    const rules = lineRules(fragment, encoding, this.#resource);
    const lines = await checkLines(part, rules, before?.lines, this.#breath);
    return typeof lines === 'string' ? lines : { bytes: part, isKept: false, count: lines.count, lines };
  }

  get #breath(): Breath {
    this.#pause ??= breathe();
    return this.#pause;
  }

  async #isSame(a: Uint8Array, b: Uint8Array): Promise<boolean> {
    if (a.byteLength !== b.byteLength) return false;
    for (let start = 0; start < a.byteLength; start += BYTES_AT_A_TIME) {
      if (start > 0) await this.breathe();
      const end = start + BYTES_AT_A_TIME;
      if (Buffer.compare(a.subarray(start, end), b.subarray(start, end)) !== 0) return false;
    }
    return true;
  }

  async #copy(bytes: Uint8Array): Promise<Uint8Array> {
    const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
    for (let start = 0; start < bytes.byteLength; start += BYTES_AT_A_TIME) {
      if (start > 0) await this.breathe();
      copy.set(bytes.subarray(start, start + BYTES_AT_A_TIME), start);
    }
    return copy;
  }
}

function isSmall({ bodies }: Fragment): boolean {
  let bytes = 0;
  for (const parts of bodies.values()) bytes += lengthOf(parts);
  return bytes <= BYTES_AT_A_TIME;
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
