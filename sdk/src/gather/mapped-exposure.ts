import type { ErrorInfo } from '../errors.ts';
import { labelBlock, seriesName } from '../exposition/escape.ts';
import type { ExposedFamily } from '../exposition/exposed.ts';
import { ambiguousLabel } from '../exposition/names.ts';
import { formatValue } from '../exposition/number.ts';
import type { Descriptor, MetricType } from '../metric/descriptor.ts';
import type { LineShape } from '../metric/lines.ts';
import { compareText } from '../metric/text-order.ts';
import { countLines, type SeriesExtras, type SeriesSource } from '../registry/source.ts';
import { isLabelName, isMetricName, longLabels } from './guard.ts';
import { type Limit, type Limits, Room } from './limits.ts';
import { MappedFamily, type MappedSeries } from './mapped-family.ts';
import type { StaticLabels } from './naming.ts';
import { Problems } from './problems.ts';
import { type Examples, Refusals } from './refusals.ts';
import type { Relabel } from './relabel.ts';
import { isTooLong, lineBytes, namesBytes, valuesBytes } from './text-size.ts';

type LabelPair = readonly [name: string, value: string];

export interface MappingOptions extends StaticLabels, Limits {
  readonly relabel?: Relabel | undefined;
}

/** What one of a source's series becomes: most often one series, after relabelling its lines one by one perhaps. */
interface Placement {
  readonly name: string;
  readonly descriptor: Descriptor;
  readonly labels: readonly LabelPair[];
  readonly shapes: readonly LineShape[];
  /** Which of the source's lines is the first of these. */
  readonly origin: number;
}

const NO_EXTRAS: SeriesExtras = {};
const COLLATED: readonly LineShape[] = [{ suffix: '' }];

/** A source's series on their way into the exposition, the oldest first. */
interface Staged {
  readonly source: SeriesSource;
  readonly version: number;
  readonly slots: Int32Array;
  /** Of each series, in the order of `slots`. */
  readonly pairs: readonly LabelPair[][];
  /** Where its values begin among all. */
  readonly first: number;
  readonly values: Float64Array;
  /** How many of its series have been placed, or left out for good. */
  next: number;
  /** The slot of the first one for which there was no room; those behind it find none either. */
  fence: number | undefined;
  refusedFor: Limit | undefined;
}

/**
 * Families whose series are exposed under other names or labels than they were collected with, or come from
 * two places. Which line goes where is worked out when series come or go; between that only values move.
 */
export class MappedExposures {
  readonly #options: MappingOptions;
  readonly #examples: Examples = new Map();
  #staged: Staged[] = [];
  #all = new Float64Array(0);
  #families = new Map<string, MappedFamily>();
  #room = new Room({});
  #refusals = new Refusals();
  /** What the last mapping left out; it is left out each time until the next. */
  #problems = new Problems();

  constructor(options: MappingOptions) {
    this.#options = options;
  }

  refresh(sources: readonly SeriesSource[], problems: Problems): readonly ExposedFamily[] {
    if (this.#isStale(sources)) this.#map(sources);
    problems.addAll(this.#problems);
    for (const { source, slots, values } of this.#staged) source.read(slots, values);
    const hasTails = sources.some((source) => source.hasTails);
    const families = [...this.#families.values()];
    for (const family of families) family.refresh(this.#all, hasTails);
    return families;
  }

  #isStale(sources: readonly SeriesSource[]): boolean {
    return (
      sources.length !== this.#staged.length ||
      sources.some(
        (source, i) => source !== this.#staged[i]?.source || source.version !== this.#staged[i]?.version,
      )
    );
  }

  #map(sources: readonly SeriesSource[]): void {
    this.#all = new Float64Array(countLines(sources));
    this.#problems = new Problems();
    this.#room = new Room(this.#options);
    this.#refusals = new Refusals();
    this.#families = new Map();
    let first = 0;
    this.#staged = sources.map((source) => {
      const staged = stage(source, this.#all, first);
      first += staged.values.length;
      return staged;
    });
    // What was exposed before keeps its place, whichever source it is of.
    for (const staged of this.#staged) this.#placeBelow(staged.source.fence, staged);
    // A metric that explodes leaves the others a place: it comes last.
    const bySize = this.#staged.toSorted((a, b) => linesLeft(a) - linesLeft(b));
    for (const staged of bySize) this.#placeBelow(Number.POSITIVE_INFINITY, staged);
    for (const { source, fence } of this.#staged) source.fence = fence ?? source.slotBound;
    for (const family of this.#families.values()) family.seal();
    this.#refusals.report(this.#problems, this.#options, sources, this.#examples);
    // Only numbers are needed from here on.
    this.#staged = this.#staged.map((staged) => ({ ...staged, pairs: [] }));
  }

  #placeBelow(fence: number, staged: Staged): void {
    const { source, slots, pairs, first } = staged;
    for (; staged.next < slots.length; staged.next++) {
      const slot = slots[staged.next] as number;
      if (slot >= fence) return;
      this.#place(staged, slot, pairs[staged.next] as LabelPair[], first + staged.next * source.lines.length);
    }
  }

  #place(staged: Staged, slot: number, pairs: LabelPair[], first: number): void {
    const { source, version } = staged;
    const { descriptor, lines: shapes } = source;
    if (isTooLong(pairs.map(([, value]) => value))) {
      this.#problems.add('invalid', descriptor.name, () => longLabels(descriptor.name), shapes.length);
      return;
    }
    const labels = this.#withStaticLabels([...pairs, ...Object.entries(descriptor.constLabels ?? {})]);
    const { relabel } = this.#options;
    const placements: readonly Placement[] = (
      relabel
        ? this.#relabelled(descriptor, labels, shapes, relabel)
        : [{ name: descriptor.name, descriptor, labels, shapes, origin: 0 }]
    ).map((placement) => this.#withResource(placement));
    const lines = placements.reduce((sum, placement) => sum + placement.shapes.length, 0);
    if (lines === 0) return;
    const bytes = placements.reduce((sum, placement) => sum + bytesOf(placement), 0);
    // Some lines of a histogram without the others would be another histogram.
    const limit = staged.refusedFor ?? this.#room.take(lines, bytes);
    if (limit !== undefined) {
      staged.refusedFor = limit;
      staged.fence ??= slot;
      this.#refusals.note(limit, lines);
      return;
    }
    const extras = () => (source.version === version ? source.extras(slot) : NO_EXTRAS);
    for (const placement of placements) this.#store(placement, first, extras);
  }

  /** Rules see the lines that would be exposed, as Prometheus' would: `_bucket` with its `le`, `_sum`, `_count`. */
  #relabelled(
    descriptor: Descriptor,
    labels: readonly LabelPair[],
    shapes: readonly LineShape[],
    relabel: Relabel,
  ): Placement[] {
    const placements: Placement[] = [];
    shapes.forEach((shape, origin) => {
      const line = descriptor.name + shape.suffix;
      const own: LabelPair[] = shape.label ? [[shape.label[0], boundText(shape.label[1])]] : [];
      const map = new Map<string, string>([['__name__', line], ...labels, ...own]);
      if (!relabel(map)) {
        this.#problems.count('relabel');
        return;
      }
      const name = map.get('__name__') ?? '';
      map.delete('__name__');
      const isKept = name.endsWith(shape.suffix) && own.every(([label, value]) => map.get(label) === value);
      if (!isKept) {
        // A line that lost what made it part of its family is a series of its own.
        const collated: Descriptor = { ...descriptor, type: 'untyped' };
        placements.push({ name, descriptor: collated, labels: [...map], shapes: COLLATED, origin });
        return;
      }
      for (const [label] of own) map.delete(label);
      const family = name.slice(0, name.length - shape.suffix.length);
      placements.push({ name: family, descriptor, labels: [...map], shapes: [shape], origin });
    });
    return placements;
  }

  #withStaticLabels(pairs: LabelPair[]): LabelPair[] {
    const { labels } = this.#options;
    if (labels === undefined) return pairs;
    const own = pairs.map(
      ([name, value]): LabelPair => [Object.hasOwn(labels, name) ? `exported_${name}` : name, value],
    );
    return [...Object.entries(labels), ...own];
  }

  #withResource(placement: Placement): Placement {
    const { resource } = this.#options;
    const labels = placement.labels.map(
      ([label, text]): LabelPair =>
        resource !== undefined && label === 'resource' ? ['exported_resource', text] : [label, text],
    );
    if (resource !== undefined) labels.push(['resource', resource]);
    labels.sort((a, b) => compareText(a[0], b[0]));
    return { ...placement, labels };
  }

  #store(placement: Placement, first: number, extras: () => SeriesExtras): void {
    const { name, descriptor, labels: pairs, shapes, origin } = placement;
    const families = this.#families;
    const bad = isMetricName(name, descriptor.utf8Names) ? badLabel(descriptor, pairs, shapes) : name;
    if (bad !== undefined) {
      this.#problems.add('invalid', descriptor.name, relabelledAway(descriptor.name, bad), shapes.length);
      this.#room.release(shapes.length, bytesOf(placement));
      return;
    }
    let family = families.get(name);
    if (family === undefined) {
      family = new MappedFamily(name, descriptor);
      families.set(name, family);
    }
    if (family.type !== descriptor.type) {
      this.#problems.add('conflict', name, typeConflict(name, family.type, descriptor), shapes.length);
      this.#room.release(shapes.length, bytesOf(placement));
      return;
    }
    const key = JSON.stringify(pairs);
    let series = family.series.get(key);
    if (series === undefined) {
      const names = pairs.map(([label]) => label);
      series = { names, values: pairs.map(([, text]) => text), lines: [], cells: [], origins: [], extras };
      family.series.set(key, series);
    }
    shapes.forEach((shape, i) => {
      if (series.lines.some((present) => isSameLine(present, shape))) {
        this.#problems.add('duplicate', name, () => becameOne(name, series));
        this.#room.release(1, bytesOf({ ...placement, shapes: [shape] }));
        return;
      }
      series.lines.push(shape);
      series.cells.push(first + origin + i);
      series.origins.push(origin + i);
    });
  }
}

const linesLeft = ({ slots, next, source }: Staged): number => (slots.length - next) * source.lines.length;

function stage(source: SeriesSource, all: Float64Array, first: number): Staged {
  const series: { slot: number; pairs: LabelPair[] }[] = [];
  source.walk((values, slot) => {
    series.push({ slot, pairs: source.labelNames.map((name, i) => [name, values[i] as string]) });
  });
  // The oldest first: of two series that become one, and at the limit, it is the one that stays.
  series.sort((a, b) => a.slot - b.slot);
  return {
    source,
    version: source.version,
    slots: Int32Array.from(series, ({ slot }) => slot),
    pairs: series.map(({ pairs }) => pairs),
    first,
    values: all.subarray(first, first + series.length * source.lines.length),
    next: 0,
    fence: undefined,
    refusedFor: undefined,
  };
}

/** At most as many bytes as its lines have in the text format. */
function bytesOf({ name, labels, shapes }: Placement): number {
  const shared = namesBytes(labels.map(([label]) => label)) + valuesBytes(labels.map(([, text]) => text));
  return shapes.reduce((sum, shape) => sum + lineBytes(name, shape) + shared, 0);
}

function badLabel(
  { utf8Names = false }: Descriptor,
  pairs: readonly LabelPair[],
  shapes: readonly LineShape[],
): string | undefined {
  const bad = pairs.find(([label], i) => !isLabelName(label, utf8Names) || label === pairs[i - 1]?.[0])?.[0];
  if (bad !== undefined || !utf8Names) return bad;
  const own = new Set(shapes.flatMap(({ label }) => (label === undefined ? [] : [label[0]])));
  return ambiguousLabel([...pairs.map(([label]) => label), ...own]);
}

const boundText = (value: number | string): string =>
  typeof value === 'number' ? formatValue(value) : value;

const isSameLine = (a: LineShape, b: LineShape): boolean =>
  a.suffix === b.suffix && a.label?.[1] === b.label?.[1];

const relabelledAway = (metric: string, bad: string): ErrorInfo => ({
  code: 'CONFIG_BAD_RELABEL',
  class: 'config',
  message: `Metric "${metric}": after relabelling, ${JSON.stringify(bad)} is not a usable name, or stands twice.`,
  fix: 'Change the relabel rules or the static labels.',
});

const typeConflict = (
  name: string,
  type: MetricType,
  { name: from, type: other }: Descriptor,
): ErrorInfo => ({
  code: 'PLUGIN_TYPE_CONFLICT',
  class: 'plugin',
  message: `Metric "${from}" is exposed as "${name}" and is a ${other}, but "${name}" is a ${type} already.`,
  fix: 'Rename one of them.',
});

const becameOne = (name: string, { names, values }: MappedSeries): ErrorInfo => ({
  code: 'PLUGIN_DUPLICATE_SERIES',
  class: 'plugin',
  message: `Two series become ${seriesName(name, labelBlock(names, values)).slice(0, 300)}; the first one is kept.`,
  fix: 'Keep the label that tells them apart.',
});
