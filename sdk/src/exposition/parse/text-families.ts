import { type OpenFamily, openFamily } from './family.ts';

const SUMMARY_PARTS = ['_count', '_sum'];
const HISTOGRAM_PARTS = ['_count', '_sum', '_bucket'];

/** Which family a name of the text format belongs to: its own, or the histogram or summary that it is a part of. */
export class TextFamilies {
  readonly all: OpenFamily[] = [];
  readonly #owners = new Map<string, OpenFamily>();

  /** The family of a name, begun at a line if there is none yet. */
  of(name: string, line: number): OpenFamily {
    const known = this.#owners.get(name);
    if (known) return known;
    const family = this.#partOf(name) ?? this.#begin(name, line);
    this.#owners.set(name, family);
    return family;
  }

  #begin(name: string, line: number): OpenFamily {
    const family = openFamily(name, line);
    this.all.push(family);
    return family;
  }

  #partOf(name: string): OpenFamily | undefined {
    const suffix = HISTOGRAM_PARTS.find((part) => name.length > part.length && name.endsWith(part));
    if (suffix === undefined) return undefined;
    const whole = this.#owners.get(name.slice(0, -suffix.length));
    const parts = whole?.type === 'summary' ? SUMMARY_PARTS : HISTOGRAM_PARTS;
    const hasParts =
      whole?.type === 'summary' || whole?.type === 'histogram' || whole?.type === 'gaugehistogram';
    return hasParts && parts.includes(suffix) ? whole : undefined;
  }
}
