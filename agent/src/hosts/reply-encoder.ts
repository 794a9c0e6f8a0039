import type { ErrorInfo } from '@dynamic-informer/sdk';
import {
  type CollectResult,
  type Encoding,
  type ExposedFamily,
  encodingKey,
  FamilyEncoders,
  lengthOf,
  sharedEncoding,
  TEXT_ENCODING,
} from '@dynamic-informer/sdk/host';
import { type CollectReply, type Fragment, OTHER_ENCODINGS_FACTOR } from '../contract.ts';
import { MAX_FRAME_BYTES, MAX_HEAD_BYTES } from './frames.ts';

/** What stands in a frame beside families: errors and lengths have room in the rest. */
const MAX_BODIES_BYTES = MAX_FRAME_BYTES - 4 * MAX_HEAD_BYTES;
const MAX_FAMILIES_BYTES = 0.6 * MAX_HEAD_BYTES;
/** Of a family's place in the head: keys, a type and a count, and for each encoding its key and its parts' lengths. */
const PLACE_BYTES = 120;
const ENCODING_BYTES = 40;
const LENGTH_BYTES = 9;
const LINES_IN_PART = 512;

/** Encodes what one resource's collects came to, so that a reply always fits in a frame. */
export class ReplyEncoder {
  /** Of the text; it is kept already. */
  maxBytes: number;
  readonly #encoders = new FamilyEncoders();
  /** Bytes of a family's name, help and unit. */
  readonly #words = new WeakMap<ExposedFamily, number>();
  /** Families of the last reply: they keep their place. */
  #sent: ReadonlySet<string> = new Set();

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** The bytes of the reply stay as they are until `giveBack`. */
  encode(result: CollectResult, encodings: readonly Encoding[]): CollectReply {
    const dropped = { ...result.dropped };
    let { outcome, errors } = result;
    const families = this.#thatFit(result.families, encodings.length);
    if (families.length < result.families.length) {
      const left = result.families.filter((family) => !families.includes(family));
      dropped.limit = (dropped.limit ?? 0) + left.reduce((sum, { lineCount }) => sum + lineCount, 0);
      errors = [tooManyFamilies(families.length, left), ...errors];
      if (outcome === 'ok' || outcome === 'partial') outcome = 'limit';
    }
    this.#sent = new Set(families.map(({ name }) => name));
    this.#encoders.keepOnly(families, encodings);
    const bodies = this.#bodies(families, encodings);
    const fragments = families.map((family, i): Fragment => {
      const { name, type, help, unit, seriesCount: series, hasLegacyNames } = family;
      return { name, type, help, unit, series, hasLegacyNames, bodies: bodies[i] ?? new Map() };
    });
    return { outcome, errors, dropped, fragments };
  }

  /** Whoever had the bytes of the last reply is done with them. */
  giveBack(): void {
    this.#encoders.giveBack();
  }

  /** By family. An encoding that would make the reply too large is left out as a whole: the text is always there. */
  #bodies(families: readonly ExposedFamily[], encodings: readonly Encoding[]): Fragment['bodies'][] {
    const bodies = families.map(() => new Map<string, readonly Uint8Array[]>());
    const text = encodingKey(TEXT_ENCODING);
    let left = MAX_BODIES_BYTES;
    for (const encoding of [TEXT_ENCODING, ...encodings]) {
      let bytes = 0;
      const encoded = families.map((family, i) => {
        const key = encodingKey(sharedEncoding(family, encoding));
        if (bodies[i]?.has(key)) return undefined;
        const parts = this.#encoders.encode(family, encoding);
        bytes += lengthOf(parts);
        return { key, parts };
      });
      const isText = encodingKey(encoding) === text;
      if (!isText && (bytes > left || bytes > OTHER_ENCODINGS_FACTOR * this.maxBytes)) continue;
      left -= bytes;
      for (const [i, one] of encoded.entries()) if (one !== undefined) bodies[i]?.set(one.key, one.parts);
    }
    return bodies;
  }

  #wordsOf(family: ExposedFamily): number {
    let words = this.#words.get(family);
    if (words === undefined) {
      const { name, help, unit } = family;
      words = Buffer.byteLength(JSON.stringify([name, help, unit]));
      this.#words.set(family, words);
    }
    return words;
  }

  /** Names and helps stand in a frame's head, which is small; after relabelling there can be any number of them. */
  #thatFit(families: readonly ExposedFamily[], encodings: number): readonly ExposedFamily[] {
    const sizeOf = (family: ExposedFamily) => {
      const parts = Math.ceil(family.lineCount / LINES_IN_PART) + 1;
      return PLACE_BYTES + this.#wordsOf(family) + encodings * (ENCODING_BYTES + parts * LENGTH_BYTES);
    };
    if (families.reduce((sum, family) => sum + sizeOf(family), 0) <= MAX_FAMILIES_BYTES) return families;
    let room = MAX_FAMILIES_BYTES;
    const kept = new Set<ExposedFamily>();
    for (const isOld of [true, false]) {
      for (const family of families) {
        const size = sizeOf(family);
        if (this.#sent.has(family.name) !== isOld || size > room) continue;
        room -= size;
        kept.add(family);
      }
    }
    return families.filter((family) => kept.has(family));
  }
}

function tooManyFamilies(kept: number, left: readonly ExposedFamily[]): ErrorInfo {
  return {
    code: 'LIMIT_BYTES',
    class: 'config',
    message: `${left.length} metrics are left out, such as "${left[0]?.name}": names and helps of more than ${kept} do not fit in one result.`,
    fix: 'Use fewer metrics, and labels to tell their series apart.',
  };
}
