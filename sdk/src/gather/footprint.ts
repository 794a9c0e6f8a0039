import type { SeriesSource } from '../registry/source.ts';
import { ConstFamily } from './const-family.ts';
import type { StaticLabels } from './naming.ts';
import { isTooLong, lineBytes, namesBytes, valuesBytes } from './text-size.ts';

/**
 * At most as many bytes as a series of a source has in the text format beside the values of its own labels, with
 * the labels that its resource adds.
 */
export function fixedBytes(source: SeriesSource, { labels = {}, resource }: StaticLabels): number {
  const { descriptor, lines } = source;
  const constant = { ...descriptor.constLabels };
  const own = [...descriptor.labels, ...Object.keys(constant)].map((name) =>
    Object.hasOwn(labels, name) || name === 'resource' ? `exported_${name}` : name,
  );
  const added = { ...labels, ...(resource !== undefined && { resource }), exported_resource: '' };
  const shared =
    namesBytes([...own, ...Object.keys(added)]) +
    valuesBytes([...Object.values(constant), ...Object.values(added)]);
  return lines.reduce((sum, shape) => sum + lineBytes(descriptor.name, shape) + shared, 0);
}

/** A series and its bytes in the text format. */
export interface SizedSeries {
  readonly slot: number;
  readonly bytes: number;
}

/** How much of an exposition a source is: worked out anew only when its series come or go. */
export class Footprint {
  readonly source: SeriesSource;
  readonly #fixed: number;
  #version = -1;
  #bytes = 0;
  #tooLong: ReadonlySet<number> = NOTHING;

  constructor(source: SeriesSource, labels: StaticLabels) {
    this.source = source;
    this.#fixed = fixedBytes(source, labels);
  }

  get lines(): number {
    return (this.source.size - this.tooLong.size) * this.source.lines.length;
  }

  /** At most as many bytes as its lines have in the text format. */
  get bytes(): number {
    const { source } = this;
    if (source instanceof ConstFamily) return source.textBytes;
    this.#measure();
    return this.#bytes;
  }

  /** Slots of series whose labels are longer than may be; a sample with such labels was refused already. */
  get tooLong(): ReadonlySet<number> {
    if (this.source instanceof ConstFamily) return NOTHING;
    this.#measure();
    return this.#tooLong;
  }

  /** The series whose labels are not too long, the oldest first. */
  bySlot(): SizedSeries[] {
    const { source } = this;
    const series: SizedSeries[] = [];
    source.walk((values, slot) => {
      if (!isTooLong(values)) series.push({ slot, bytes: this.#bytesOf(values) });
    });
    return series.sort((a, b) => a.slot - b.slot);
  }

  #bytesOf(values: readonly string[]): number {
    return this.#fixed + this.source.lines.length * valuesBytes(values);
  }

  #measure(): void {
    const { source } = this;
    if (source.version === this.#version) return;
    this.#version = source.version;
    this.#bytes = 0;
    const tooLong = new Set<number>();
    source.walk((values, slot) => {
      if (isTooLong(values)) tooLong.add(slot);
      else this.#bytes += this.#bytesOf(values);
    });
    this.#tooLong = tooLong.size === 0 ? NOTHING : tooLong;
  }
}

const NOTHING: ReadonlySet<number> = new Set();
