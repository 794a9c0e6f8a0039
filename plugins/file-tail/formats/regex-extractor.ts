import type { Captures, Extractor } from '../patterns/extractor.ts';

/** A field that is read from what a group captured. */
export interface Derived {
  /** The group; undefined for the whole line. */
  readonly from: string | undefined;
  read(text: string): string | undefined;
}

interface Derivation {
  /** Where the value goes. */
  readonly at: number;
  /** The index of the capture that it is read from; 0 is the line. */
  readonly capture: number;
  read(text: string): string | undefined;
}

/** Reads fields with a regular expression of which only those groups capture that are asked for. */
export class RegexExtractor implements Extractor {
  readonly regex: RegExp;
  readonly #values: (string | undefined)[];
  /** Pairs of an index in the values and one in the match. */
  readonly #copies: readonly (readonly [number, number])[];
  readonly #derivations: readonly Derivation[];

  /**
   * @param expression each group in it has a name or is `(?:…)`, and no name is there twice
   * @param fields names of groups or of `derived`; one that is neither has no value
   */
  constructor(
    expression: string,
    fields: readonly string[],
    derived: Readonly<Record<string, Derived>> = {},
  ) {
    const derivedFields = fields.map((field) => (Object.hasOwn(derived, field) ? derived[field] : undefined));
    const wanted = new Set<string | undefined>(fields);
    for (const field of derivedFields) wanted.add(field?.from);
    const groups: string[] = ['the whole match'];
    const source = expression.replace(/\(\?<(\w+)>/g, (_, name: string) => {
      if (!wanted.has(name)) return '(?:';
      groups.push(name);
      return '(';
    });
    this.regex = new RegExp(source, 's');
    this.#values = fields.map(() => undefined);
    this.#copies = fields.flatMap((field, at) => {
      const index = groups.indexOf(field);
      return derivedFields[at] === undefined && index > 0 ? [[at, index] as const] : [];
    });
    this.#derivations = derivedFields.flatMap((field, at) => {
      if (field === undefined) return [];
      return [{ at, capture: field.from === undefined ? 0 : groups.indexOf(field.from), read: field.read }];
    });
  }

  exec(line: string): Captures | null {
    const match = this.regex.exec(line);
    if (match === null) return null;
    const values = this.#values;
    for (const [at, index] of this.#copies) values[at] = match[index];
    for (const { at, capture, read } of this.#derivations) {
      const text = capture === 0 ? line : match[capture];
      values[at] = text === undefined ? undefined : read(text);
    }
    return values;
  }
}
