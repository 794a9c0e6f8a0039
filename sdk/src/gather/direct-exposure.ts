import type { ExposedFamily, SeriesVisitor } from '../exposition/exposed.ts';
import { isLegacyLabelName, isLegacyMetricName } from '../exposition/names.ts';
import type { MetricType } from '../metric/descriptor.ts';
import type { SeriesExtras, SeriesSource } from '../registry/source.ts';
import type { Naming } from './naming.ts';

/** A family that is exposed as it is, with more labels: its series stay in the order in which their source walks them. */
export class DirectExposure implements ExposedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string | undefined;
  readonly hasLegacyNames: boolean;
  values = new Float64Array(0);
  layout = 0;
  hasTails = false;
  readonly #source: SeriesSource;
  readonly #naming: Naming;
  #slots = new Int32Array(0);
  #version = -1;
  #bound = -1;
  #leftOut: ReadonlySet<number> = new Set();

  constructor(source: SeriesSource, naming: Naming) {
    const { name, help, type, unit } = source.descriptor;
    this.name = name;
    this.help = help;
    this.type = type;
    this.unit = unit;
    this.#source = source;
    this.#naming = naming;
    this.hasLegacyNames = isLegacyMetricName(name) && naming.names.every(isLegacyLabelName);
  }

  get seriesCount(): number {
    return this.#slots.length;
  }
  get lineCount(): number {
    return this.#slots.length * this.#source.lines.length;
  }

  /** Takes the values as they are now. Series whose slot is not below `bound`, or among `leftOut`, are not exposed. */
  refresh(bound: number, leftOut = this.#leftOut): void {
    const source = this.#source;
    this.#leftOut = leftOut;
    if (source.version !== this.#version || bound !== this.#bound) {
      const slots: number[] = [];
      source.walk((_, slot) => {
        if (slot < bound && !leftOut.has(slot)) slots.push(slot);
      });
      this.#slots = Int32Array.from(slots);
      this.#version = source.version;
      this.#bound = bound;
      this.layout++;
      if (this.values.length < this.lineCount) this.values = new Float64Array(this.lineCount);
    }
    source.read(this.#slots, this.values);
    this.hasTails = source.hasTails;
  }

  catchUp(): void {
    if (this.#source.version !== this.#version) this.refresh(this.#bound);
  }

  details(): readonly SeriesExtras[] {
    return Array.from(this.#slots, (slot) => this.#source.extras(slot));
  }

  visit(visitor: SeriesVisitor): void {
    const { names, positions, constants } = this.#naming;
    const values = [...constants];
    this.#source.walk((own, slot) => {
      if (slot >= this.#bound || this.#leftOut.has(slot)) return;
      for (let i = 0; i < positions.length; i++) values[positions[i] as number] = own[i] as string;
      visitor(names, values, this.#source.lines);
    });
  }
}
