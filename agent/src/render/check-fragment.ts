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

/**
 * Checks what a host sends of one resource. What comes again byte by byte is not checked again, and is
 * given out as the same object, by which others see that nothing changed.
 */
export class FragmentChecker {
  readonly #resource: string;
  #known = new Map<string, Known>();
  #next = new Map<string, Known>();

  constructor(resource: string) {
    this.#resource = resource;
  }

  /** A reply is complete: what was not in it is forgotten. */
  turn(): void {
    this.#known = this.#next;
    this.#next = new Map();
  }

  /**
   * Whether every body of a fragment is what it says, and as many series as it says.
   * @returns what is wrong, or the fragment
   */
  async check(fragment: Fragment): Promise<string | Fragment> {
    const bodies = new Map<string, readonly Uint8Array[]>();
    for (const [key, parts] of fragment.bodies) {
      const checked = await this.#checkBody(fragment, key, parts);
      if (typeof checked === 'string') return checked;
      bodies.set(key, checked);
    }
    return bodies.size === 0 ? 'it has no body' : { ...fragment, bodies };
  }

  async #checkBody(
    fragment: Fragment,
    key: string,
    parts: readonly Uint8Array[],
  ): Promise<string | readonly Uint8Array[]> {
    const encoding = encodingOf(key);
    if (encoding === undefined) return `it has a body in ${JSON.stringify(key).slice(0, 100)}`;
    const { format } = encoding;
    const checked: Uint8Array[] = [];
    let count = 0;
    for (const [i, part] of parts.entries()) {
      const id = `${key} ${fragment.type} ${fragment.name} ${i}`;
      const known = await this.#checkPart(fragment, encoding, part, this.#known.get(id));
      if (typeof known === 'string') return known;
      this.#next.set(id, known);
      checked.push(known.bytes);
      count += known.count;
    }
    const unit = format === 'protobuf' ? 'metrics' : 'lines';
    return count < fragment.series ? `it has ${count} ${unit} for ${fragment.series} series` : checked;
  }

  async #checkPart(
    fragment: Fragment,
    encoding: Encoding,
    part: Uint8Array,
    before: Known | undefined,
  ): Promise<string | Known> {
    if (before !== undefined && Buffer.compare(before.bytes, part) === 0) {
      return before.isKept ? before : { ...before, bytes: Buffer.copyBytesFrom(before.bytes), isKept: true };
    }
    if (encoding.format === 'protobuf') {
      const count = await checkMessages(part, this.#resource);
      return typeof count === 'string' ? count : { bytes: part, isKept: false, count, lines: undefined };
    }
    const rules = lineRules(fragment, encoding, this.#resource);
    const lines = await checkLines(part, rules, before?.lines);
    return typeof lines === 'string' ? lines : { bytes: part, isKept: false, count: lines.count, lines };
  }
}
