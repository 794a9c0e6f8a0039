import type { ExposedFamily, SeriesVisitor } from '../exposition/exposed.ts';
import { isLegacyLabelName, isLegacyMetricName } from '../exposition/names.ts';
import type { Descriptor, MetricType } from '../metric/descriptor.ts';
import type { LineShape } from '../metric/lines.ts';
import type { Exemplar } from '../metric/sample.ts';
import { compareText } from '../metric/text-order.ts';
import type { SeriesExtras } from '../registry/source.ts';

/** A series as it is exposed: some or all lines of a source's series, under labels that may be others. */
export interface MappedSeries {
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly lines: LineShape[];
  /** Where the value of each line stands among all values of all sources. */
  readonly cells: number[];
  /** Which of its source's lines each line is. */
  readonly origins: number[];
  readonly extras: () => SeriesExtras;
}

/** A family whose series are exposed under other names or labels than they were collected with. */
export class MappedFamily implements ExposedFamily {
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
