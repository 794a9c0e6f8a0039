import { fixForUnknown } from '@dynamic-informer/sdk';
import type { Extractor } from './extractor.ts';
import type { Groups } from './groups.ts';
import type { Reference } from './reference.ts';
import type { Report } from './report.ts';

/** What a log format finds in its lines. */
export interface FieldSource {
  readonly name: string;
  /** Undefined where a line may have fields of any name; one that ends in `.*` stands for all that begin so. */
  readonly fields: readonly { readonly name: string }[] | undefined;
  /** The captures are the values of `fields`, by index; null for a line that is not of the format. */
  extractor(fields: readonly string[]): Extractor;
}

/** The fields of a format that patterns use, and where their values will be. */
export class UsedFields {
  readonly format: FieldSource | undefined;
  readonly names: string[] = [];

  constructor(format: FieldSource | undefined) {
    this.format = format;
  }

  has(name: string): boolean {
    if (this.format === undefined) return false;
    const isMeant = (field: string) =>
      field.endsWith('.*') ? name.startsWith(field.slice(0, -1)) : field === name;
    return this.format.fields?.some((field) => isMeant(field.name)) ?? true;
  }

  /** Where the values of a field are; from now on it is used. */
  indexOf(name: string): number {
    const known = this.names.indexOf(name);
    return known < 0 ? this.names.push(name) - 1 : known;
  }

  known(): string[] {
    return this.format?.fields?.map(({ name }) => name) ?? [];
  }
}

/** The names that a pattern's metrics may use: the groups of its expression first, then the format's fields. */
export class Names {
  readonly #groups: Groups | undefined;
  readonly #fields: UsedFields;

  constructor(groups: Groups | undefined, fields: UsedFields) {
    this.#groups = groups;
    this.#fields = fields;
  }

  /** Where the text of a name is found; reports a name that there is not. */
  find(name: string, report: Report): Reference | undefined {
    const indices = this.#groups?.indices.get(name);
    if (indices) return { origin: 'captures', indices };
    if (this.#fields.has(name)) return { origin: 'fields', indices: [this.#fields.indexOf(name)] };
    const groups = [...(this.#groups?.indices.keys() ?? [])];
    const known = [...groups, ...this.#fields.known()];
    report(
      [],
      this.#problem(name),
      known.length > 0 ? fixForUnknown(name, known, 'it has') : this.#remedy(name),
    );
    return undefined;
  }

  #problem(name: string): string {
    const { format } = this.#fields;
    const group = this.#groups && `the pattern has no group named "${name}"`;
    if (format === undefined) return group ?? `there is no group named "${name}" here`;
    const field = `the format "${format.name}" has no field "${name}"`;
    return group ? `${group}, and ${field}` : field;
  }

  #remedy(name: string): string {
    if (this.#groups === undefined)
      return 'lines that no pattern matched have none; write {value: TEXT} for a constant';
    return `name one in "match", such as (?<${/^[A-Za-z_]\w*$/.test(name) ? name : 'name'}>…)`;
  }
}
