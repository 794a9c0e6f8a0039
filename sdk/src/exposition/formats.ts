import { compareText } from '../metric/text-order.ts';
import type { FamilyEncoder } from './encoder.ts';
import type { ExposedFamily, FamilyHeader } from './exposed.ts';
import { LineEncoder } from './line-encoder.ts';
import { ESCAPINGS, type Escaping } from './names.ts';
import { OPENMETRICS, OPENMETRICS_END, OPENMETRICS_WITH_CREATED, openMetricsHeader } from './openmetrics.ts';
import { ProtobufEncoder, protobufHeader } from './protobuf.ts';
import { TEXT, textHeader } from './text.ts';

export const FORMATS = ['text', 'openmetrics', 'openmetrics-created', 'protobuf'] as const;
/** How families are written; `openmetrics-created` has the lines that tell when series began. */
export type Format = (typeof FORMATS)[number];

/** A format, and what it does with names that are not of the old form. */
export interface Encoding {
  readonly format: Format;
  readonly escaping: Escaping;
}

export const TEXT_ENCODING: Encoding = { format: 'text', escaping: 'underscores' };

/** What tells one encoding from another, in maps and on the wire. */
export const encodingKey = ({ format, escaping }: Encoding): string => `${format};${escaping}`;

/** The encoding that has this key, if there is one. */
export function encodingOf(key: string): Encoding | undefined {
  const [format, escaping] = key.split(';') as [Format, Escaping];
  return FORMATS.includes(format) && ESCAPINGS.includes(escaping) ? { format, escaping } : undefined;
}

/** The encoding that gives this family the same bytes and that several share: every escaping where none is needed. */
export const sharedEncoding = (
  { hasLegacyNames }: Pick<ExposedFamily, 'hasLegacyNames'>,
  { format, escaping }: Encoding,
): Encoding => ({ format, escaping: hasLegacyNames ? 'underscores' : escaping });

export function makeEncoder({ format, escaping }: Encoding): FamilyEncoder {
  switch (format) {
    case 'text':
      return new LineEncoder(TEXT, escaping);
    case 'openmetrics':
      return new LineEncoder(OPENMETRICS, escaping);
    case 'openmetrics-created':
      return new LineEncoder(OPENMETRICS_WITH_CREATED, escaping);
    case 'protobuf':
      return new ProtobufEncoder(escaping);
  }
}

/** What stands before the bodies of a family, which have `bodyBytes` bytes together. */
function encodeHeader(family: FamilyHeader, { format, escaping }: Encoding, bodyBytes: number): Uint8Array {
  if (format === 'protobuf') return protobufHeader(family, bodyBytes, escaping);
  const header = format === 'text' ? textHeader : openMetricsHeader;
  return Buffer.from(header(family, escaping));
}

/** Headers as they were made last: one that says the same is the same object, by which others see that nothing changed. */
export class Headers {
  readonly #known = new Map<string, { family: FamilyHeader; bodyBytes: number; bytes: Uint8Array }>();

  encode(family: FamilyHeader, encoding: Encoding, bodyBytes: number): Uint8Array {
    const { name, help, type, unit } = family;
    const key = `${encodingKey(encoding)} ${name}`;
    const known = this.#known.get(key);
    const isSame =
      known !== undefined &&
      known.family.help === help &&
      known.family.type === type &&
      known.family.unit === unit &&
      (encoding.format !== 'protobuf' || known.bodyBytes === bodyBytes);
    if (isSame) return known.bytes;
    if (this.#known.size >= MAX_HEADERS) this.#known.clear();
    const bytes = encodeHeader(family, encoding, bodyBytes);
    this.#known.set(key, { family: { name, help, type, unit }, bodyBytes, bytes });
    return bytes;
  }
}

const MAX_HEADERS = 20_000;
const NO_END: readonly Uint8Array[] = [];
const OPENMETRICS_ENDING: readonly Uint8Array[] = [Buffer.from(OPENMETRICS_END)];

/** What stands at the end of an exposition. */
const endOf = ({ format }: Encoding): readonly Uint8Array[] =>
  format === 'openmetrics' || format === 'openmetrics-created' ? OPENMETRICS_ENDING : NO_END;

/** The order in which a format wants families: by the names that it shows. */
export function sortFamilies<F extends FamilyHeader>(families: readonly F[]): F[] {
  return [...families].sort((a, b) => compareText(a.name, b.name));
}

/** Encoders of families in the encodings that are asked for, kept from one exposition to the next. */
export class FamilyEncoders {
  readonly #byFamily = new WeakMap<ExposedFamily, Map<string, FamilyEncoder>>();
  readonly #used = new Set<FamilyEncoder>();

  /** The family's part of an exposition, without its header; to be read until `giveBack`. */
  encode(family: ExposedFamily, encoding: Encoding): readonly Uint8Array[] {
    family.catchUp();
    return this.#encoder(family, encoding).encode(family);
  }

  encodeInSlices(family: ExposedFamily, encoding: Encoding): Iterable<void> {
    family.catchUp();
    return this.#encoder(family, encoding).encodeInSlices(family);
  }

  lend(family: ExposedFamily, encoding: Encoding): readonly Uint8Array[] {
    return this.#encoder(family, encoding).lend();
  }

  /** Gives up what was kept for encodings that are not asked for any more. */
  keepOnly(families: Iterable<ExposedFamily>, encodings: readonly Encoding[]): void {
    for (const family of families) {
      const keys = new Set(encodings.map((encoding) => encodingKey(sharedEncoding(family, encoding))));
      const encoders = this.#byFamily.get(family);
      for (const key of encoders?.keys() ?? []) if (!keys.has(key)) encoders?.delete(key);
    }
  }

  /** Whoever had the bytes is done with all of them. */
  giveBack(): void {
    for (const encoder of this.#used) encoder.giveBack();
    this.#used.clear();
  }

  #encoder(family: ExposedFamily, encoding: Encoding): FamilyEncoder {
    let encoders = this.#byFamily.get(family);
    if (encoders === undefined) {
      encoders = new Map();
      this.#byFamily.set(family, encoders);
    }
    const key = encodingKey(sharedEncoding(family, encoding));
    let encoder = encoders.get(key);
    if (encoder === undefined) {
      encoder = makeEncoder(sharedEncoding(family, encoding));
      encoders.set(key, encoder);
    }
    this.#used.add(encoder);
    return encoder;
  }
}

/** A family's header and what was encoded of it, from one place or several. */
export type FamilyBody = readonly [header: FamilyHeader, body: readonly Uint8Array[]];

/** Puts encoded families together in the order given: a header before each, and what ends the exposition. */
export function assemble(families: Iterable<FamilyBody>, encoding: Encoding, headers: Headers): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (const [header, body] of families)
    parts.push(headers.encode(header, encoding, lengthOf(body)), ...body);
  return [...parts, ...endOf(encoding)];
}

/** How many bytes parts have together. */
export const lengthOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, part) => sum + part.byteLength, 0);

/** A whole exposition: families by name, each with its header. `encoders` may be new or kept. */
export function encodeExposition(
  families: readonly ExposedFamily[],
  encoding: Encoding,
  encoders = new FamilyEncoders(),
): Uint8Array[] {
  const bodies = families.map((family): FamilyBody => [family, encoders.encode(family, encoding)]);
  return assemble(bodies, encoding, new Headers());
}

/** A whole exposition in text format 0.0.4, as a string: for tests and small things. */
export const encodeText = (families: readonly ExposedFamily[]): string =>
  Buffer.concat(encodeExposition(families, TEXT_ENCODING)).toString('utf8');
