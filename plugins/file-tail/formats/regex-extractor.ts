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
  /** For each value the index of its capture; 0 if it is derived from one, or there is none. */
  readonly #captures: readonly number[];
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
    this.#captures = fields.map((field, at) =>
      derivedFields[at] === undefined ? Math.max(0, groups.indexOf(field)) : 0,
    );
    this.#derivations = derivedFields.flatMap((field, at) => {
      if (field === undefined) return [];
      return [{ at, capture: field.from === undefined ? 0 : groups.indexOf(field.from), read: field.read }];
    });
  }

  exec(line: string): Captures | null {
    const match = this.regex.exec(line);
    if (match === null) return null;
    const values = this.#values;
    const captures = this.#captures;
    for (let at = 0; at < captures.length; at++) {
      const index = captures[at] as number;
      if (index > 0) values[at] = match[index];
    }
    const derivations = this.#derivations;
    for (let i = 0; i < derivations.length; i++) {
      const { at, capture, read } = derivations[i] as Derivation;
      const text = capture === 0 ? line : match[capture];
      values[at] = text === undefined ? undefined : read(text);
    }
    return values;
  }
}
