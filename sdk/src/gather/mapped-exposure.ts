import type { ErrorInfo } from '../errors.ts';
import { labelBlock, seriesName } from '../exposition/escape.ts';
import type { ExposedFamily, SeriesVisitor } from '../exposition/exposed.ts';
import { ambiguousLabel, isLegacyLabelName, isLegacyMetricName } from '../exposition/names.ts';
import { formatValue } from '../exposition/number.ts';
import type { Descriptor, MetricType } from '../metric/descriptor.ts';
import type { LineShape } from '../metric/lines.ts';
import type { Exemplar } from '../metric/sample.ts';
import { compareText } from '../metric/text-order.ts';
import { countLines, type SeriesExtras, type SeriesSource } from '../registry/source.ts';
import { isLabelName, isMetricName } from './guard.ts';
import { overLimit } from './limit.ts';
import type { StaticLabels } from './naming.ts';
import type { Problems } from './problems.ts';
import type { Relabel } from './relabel.ts';

type LabelPair = readonly [name: string, value: string];

export interface MappingOptions extends StaticLabels {
  readonly relabel?: Relabel | undefined;
  readonly maxSeries?: number | undefined;
}

/** A series as it is exposed: some or all lines of a source's series, under labels that may be others. */
interface MappedSeries {
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly lines: LineShape[];
  /** Where the value of each line stands among all values of all sources. */
  readonly cells: number[];
  /** Which of its source's lines each line is. */
  readonly origins: number[];
  readonly extras: () => SeriesExtras;
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

class MappedFamily implements ExposedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string | undefined;
  hasLegacyNames = true;
  values = new Float64Array(0);
  readonly layout = 1;
  hasTails = false;
  readonly series = new Map<string, MappedSeries>();
  #sorted: MappedSeries[] = [];
  #cells = new Uint32Array(0);

  constructor(name: string, { help, type, unit }: Pick<Descriptor, 'help' | 'type' | 'unit'>) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.unit = unit;
  }

  get seriesCount(): number {
    return this.#sorted.length;
  }
  get lineCount(): number {
    return this.#cells.length;
  }

  seal(): void {
    this.#sorted = [...this.series.values()].sort(byLabelValues);
    this.hasLegacyNames =
      isLegacyMetricName(this.name) && this.#sorted.every(({ names }) => names.every(isLegacyLabelName));
    this.#cells = Uint32Array.from(this.#sorted.flatMap(({ cells }) => cells));
    this.values = new Float64Array(this.#cells.length);
  }

  refresh(all: Float64Array, hasTails: boolean): void {
    const cells = this.#cells;
    for (let line = 0; line < cells.length; line++) this.values[line] = all[cells[line] as number] as number;
    this.hasTails = hasTails;
  }

  /** Lines and values are its own, and what else series have is left out once they may be others. */
  catchUp(): void {}

  details(): readonly SeriesExtras[] {
    return this.#sorted.map(({ extras, origins }) => withExemplarsAt(origins, extras()));
  }

  visit(visitor: SeriesVisitor): void {
    for (const { names, values, lines } of this.#sorted) visitor(names, values, lines);
  }
}

/** A line that is left out moves those behind it, and an exemplar belongs to its line. */
function withExemplarsAt(origins: readonly number[], extras: SeriesExtras): SeriesExtras {
  const { exemplars } = extras;
  if (exemplars === undefined || origins.every((origin, line) => origin === line)) return extras;
  const moved = new Map<number, Exemplar>();
  origins.forEach((origin, line) => {
    const exemplar = exemplars.get(origin);
    if (exemplar !== undefined) moved.set(line, exemplar);
  });
  return { ...extras, exemplars: moved };
}

/** client_golang's order: by the values of the labels, which are sorted by name. */
function byLabelValues({ values: a }: MappedSeries, { values: b }: MappedSeries): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const order = compareText(a[i] as string, b[i] as string);
    if (order !== 0) return order;
  }
  return 0;
}

interface Staged {
  readonly source: SeriesSource;
  readonly version: number;
  readonly slots: Int32Array;
  /** Where its values begin among all. */
  readonly first: number;
  readonly values: Float64Array;
}

/**
 * Families whose series are exposed under other names or labels than they were collected with, or come from
 * two places. Which line goes where is worked out when series come or go; between that only values move.
 */
export class MappedExposures {
  readonly #options: MappingOptions;
  #staged: Staged[] = [];
  #all = new Float64Array(0);
  #families: MappedFamily[] = [];
  #lines = 0;
  /** What the last mapping left out; it is left out each time until the next. */
  #report: ((problems: Problems) => void)[] = [];

  constructor(options: MappingOptions) {
    this.#options = options;
  }

  refresh(sources: readonly SeriesSource[], problems: Problems): readonly ExposedFamily[] {
    if (this.#isStale(sources)) this.#map(sources);
    for (const report of this.#report) report(problems);
    for (const { source, slots, values } of this.#staged) source.read(slots, values);
    const hasTails = sources.some((source) => source.hasTails);
    for (const family of this.#families) family.refresh(this.#all, hasTails);
    return this.#families;
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
    const total = countLines(sources);
    this.#all = new Float64Array(total);
    this.#report = [];
    this.#lines = 0;
    const families = new Map<string, MappedFamily>();
    let first = 0;
    this.#staged = sources.map((source) => {
      const { lines } = source;
      const bySlot: { slot: number; pairs: LabelPair[] }[] = [];
      source.walk((values, slot) => {
        bySlot.push({ slot, pairs: source.labelNames.map((name, i) => [name, values[i] as string]) });
      });
      // The oldest first: of two series that become one, and at the limit, it is the one that stays.
      bySlot.sort((a, b) => a.slot - b.slot);
      const begin = first;
      for (const { slot, pairs } of bySlot) {
        this.#place(families, source, slot, pairs, lines, first);
        first += lines.length;
      }
      const values = this.#all.subarray(begin, first);
      const slots = Int32Array.from(bySlot, ({ slot }) => slot);
      return { source, version: source.version, slots, first: begin, values };
    });
    this.#families = [...families.values()];
    for (const family of this.#families) family.seal();
  }

  #place(
    families: Map<string, MappedFamily>,
    source: SeriesSource,
    slot: number,
    pairs: LabelPair[],
    shapes: readonly LineShape[],
    first: number,
  ): void {
    const { descriptor } = source;
    const labels = this.#withStaticLabels([...pairs, ...Object.entries(descriptor.constLabels ?? {})]);
    const { relabel, maxSeries = Number.POSITIVE_INFINITY } = this.#options;
    const placements: readonly Placement[] = relabel
      ? this.#relabelled(descriptor, labels, shapes, relabel)
      : [{ name: descriptor.name, descriptor, labels, shapes, origin: 0 }];
    const lines = placements.reduce((sum, placement) => sum + placement.shapes.length, 0);
    // Some lines of a histogram without the others would be another histogram.
    if (this.#lines + lines > maxSeries) {
      this.#drop('limit', '', overLimit(maxSeries), lines);
      return;
    }
    const { version } = source;
    const extras = () => (source.version === version ? source.extras(slot) : NO_EXTRAS);
    for (const placement of placements) this.#store(families, placement, first, extras);
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
        this.#report.push((problems) => problems.count('relabel'));
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

  #store(
    families: Map<string, MappedFamily>,
    { name, descriptor, labels, shapes, origin }: Placement,
    first: number,
    extras: () => SeriesExtras,
  ): void {
    const { resource } = this.#options;
    const pairs = labels.map(
      ([label, text]): LabelPair =>
        resource !== undefined && label === 'resource' ? ['exported_resource', text] : [label, text],
    );
    if (resource !== undefined) pairs.push(['resource', resource]);
    pairs.sort((a, b) => compareText(a[0], b[0]));
    const bad = isMetricName(name, descriptor.utf8Names) ? badLabel(descriptor, pairs, shapes) : name;
    if (bad !== undefined) {
      this.#drop('invalid', descriptor.name, relabelledAway(descriptor.name, bad), shapes.length);
      return;
    }
    let family = families.get(name);
    if (family === undefined) {
      family = new MappedFamily(name, descriptor);
      families.set(name, family);
    }
    if (family.type !== descriptor.type) {
      this.#drop('conflict', name, typeConflict(name, family.type, descriptor), shapes.length);
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
        this.#drop('duplicate', name, becameOne(name, series));
        return;
      }
      series.lines.push(shape);
      series.cells.push(first + origin + i);
      series.origins.push(origin + i);
      this.#lines++;
    });
  }

  #drop(
    reason: 'invalid' | 'conflict' | 'limit' | 'duplicate',
    metric: string,
    error: ErrorInfo,
    count = 1,
  ): void {
    this.#report.push((problems) => problems.add(reason, metric, error, count));
  }
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
