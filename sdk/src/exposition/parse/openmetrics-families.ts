import { type OpenFamily, openFamily, type ParsedType } from './family.ts';

/** What the names of a type's samples add to the family's. */
export const SUFFIXES: Readonly<Record<ParsedType, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  gaugehistogram: ['_bucket', '_gcount', '_gsum'],
  summary: ['', '_count', '_sum', '_created'],
  info: ['_info'],
  stateset: [''],
  untyped: [''],
};

/** The families of an OpenMetrics exposition, which stand one after the other, and the names that each takes. */
export class OpenMetricsFamilies {
  readonly all: OpenFamily[] = [];
  /** The family that is read. */
  current: OpenFamily | undefined;
  readonly #owners = new Map<string, OpenFamily>();

  begin(name: string, line: number): OpenFamily {
    const family = openFamily(name, line);
    this.all.push(family);
    this.current = family;
    return family;
  }

  /** Whose name this is. */
  ownerOf(name: string): OpenFamily | undefined {
    const { current } = this;
    return current && takes(current, name) ? current : this.#owners.get(name);
  }

  /**
   * Notes the names that the current family takes, once its metadata is read.
   * @returns the name that another family has already, and that family
   */
  claim(): [name: string, owner: OpenFamily] | undefined {
    const { current } = this;
    if (!current) return undefined;
    let clash: [string, OpenFamily] | undefined;
    for (const name of namesOf(current)) {
      const owner = this.#owners.get(name);
      if (!owner) this.#owners.set(name, current);
      else if (owner !== current) clash ??= [name, owner];
    }
    return clash;
  }
}

function namesOf({ name, type = 'untyped' }: OpenFamily): Set<string> {
  return new Set([name, ...SUFFIXES[type].map((suffix) => name + suffix)]);
}

function takes({ name, type = 'untyped' }: OpenFamily, sample: string): boolean {
  return SUFFIXES[type].some(
    (suffix) =>
      sample.length === name.length + suffix.length && sample.startsWith(name) && sample.endsWith(suffix),
  );
}
