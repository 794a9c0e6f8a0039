import { type ErrorInfo, pluginError, toErrorInfo } from '../errors.ts';
import { labelBlock, seriesName } from '../exposition/escape.ts';
import type { ExposedFamily } from '../exposition/exposed.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import { identityOf } from '../metric/identity.ts';
import type { Sample } from '../metric/sample.ts';
import { compareText } from '../metric/text-order.ts';
import { countLines, type SeriesSource } from '../registry/source.ts';
import { ConstFamily } from './const-family.ts';
import { DescribedMetrics } from './described.ts';
import { DirectExposure } from './direct-exposure.ts';
import { type DropReason, guardDescriptor, type Problem } from './guard.ts';
import { overLimit } from './limit.ts';
import { MappedExposures } from './mapped-exposure.ts';
import { nameLabels, type StaticLabels } from './naming.ts';
import { Problems } from './problems.ts';
import type { Relabel } from './relabel.ts';

/** What a gather came to. */
export interface GatherResult {
  /** In the order of their names. They and their values are used again at the next gather. */
  families: readonly ExposedFamily[];
  /** How many series the families hold; a histogram's lines count one each. */
  series: number;
  dropped: Partial<Record<DropReason, number>>;
  /** The first problem of each kind and metric: one line each is enough to mend them all. */
  problems: Problem[];
}

/**
 * What becomes of a resource's samples on their way out: its labels, its relabel rules, and how many series
 * there may be.
 */
export interface GatherOptions extends StaticLabels {
  relabel?: Relabel | undefined;
  maxSeries?: number | undefined;
  /** Samples of metrics that nobody described are taken too. */
  unchecked?: boolean | undefined;
}

/** Where instruments are kept. */
export interface InstrumentSource {
  families(): Iterable<SeriesSource & { expire(): void }>;
}

const NO_INSTRUMENTS: InstrumentSource = { families: () => [] };

/**
 * Turns what a collect returned, and the instruments beside it, into families that can be encoded: static
 * labels, relabel, the label `resource`, then the guard. One bad sample costs that sample. Nothing here
 * trusts what it reads.
 */
export class Gatherer {
  readonly #options: GatherOptions;
  readonly #instruments: InstrumentSource;
  readonly #described = new DescribedMetrics();
  /** Instruments whose descriptor was checked, and what it came to. */
  readonly #checked = new Map<SeriesSource, Descriptor | undefined>();
  /** By identity. */
  readonly #const = new Map<string, ConstFamily>();
  /** Identities of what nobody described: they are forgotten when they stay away. */
  readonly #learned = new Set<string>();
  /** A descriptor is most often the same object each time, which is found faster than its name. */
  #byDescriptor = new WeakMap<object, ConstFamily>();
  readonly #direct = new Map<SeriesSource, DirectExposure | null>();
  #mapped: MappedExposures | undefined;
  /** Series of a source at or above this slot were refused at the last gather. */
  readonly #bounds = new Map<SeriesSource, number>();
  #pass = 0;
  /** What is wrong with the descriptors themselves; their samples are dropped at every collect. */
  readonly problems: Problem[] = [];

  constructor(
    descriptors: Iterable<Descriptor>,
    options: GatherOptions = {},
    instruments: InstrumentSource = NO_INSTRUMENTS,
  ) {
    this.#options = options;
    this.#instruments = instruments;
    for (const given of descriptors) this.#describe(given);
  }

  get descriptors(): Descriptor[] {
    return this.#described.all;
  }

  gather(...batches: readonly Iterable<Sample>[]): GatherResult {
    const problems = new Problems();
    const pass = ++this.#pass;
    const instruments = [...this.#instruments.families()];
    this.#forgetAllBut(new Set(instruments));
    for (const family of instruments) family.expire();
    for (const family of this.#const.values()) family.begin(pass);
    let lines = countLines([...instruments, ...this.#const.values()]);
    const limit = this.#options.relabel
      ? Number.POSITIVE_INFINITY
      : (this.#options.maxSeries ?? Number.POSITIVE_INFINITY);
    const late: Sample[] = [];
    for (const samples of batches) {
      for (const sample of samples) {
        // At most as many wait as could find room.
        lines += this.#take(sample, limit - lines, problems, late.length < limit ? late : undefined);
      }
    }
    for (const family of this.#const.values()) lines -= family.finish() * family.lines.length;
    for (const sample of late) lines += this.#take(sample, limit - lines, problems);
    this.#forgetLearned();

    const sources = this.#admissible([...instruments, ...this.#const.values()], problems);
    return this.#expose(sources, problems);
  }

  #forgetLearned(): void {
    for (const identity of this.#learned) {
      const family = this.#const.get(identity);
      if (family?.size !== 0) continue;
      this.#learned.delete(identity);
      this.#const.delete(identity);
      this.#described.forget(family.descriptor);
      this.#byDescriptor = new WeakMap();
    }
  }

  #describe(given: Descriptor): Descriptor | undefined {
    try {
      return this.#described.add(given);
    } catch (error) {
      this.problems.push({ reason: 'invalid', error: toErrorInfo(error) });
      return undefined;
    }
  }

  /**
   * Gives the number of lines that the sample added to those of the last gather. One for which there is no room
   * goes to `late`: series of the last gather may turn out to be gone.
   */
  #take(sample: Sample, room: number, problems: Problems, late?: Sample[]): number {
    let name = '';
    try {
      const given = sample.descriptor;
      const family = this.#byDescriptor.get(given) ?? this.#constFamily(given);
      name = family.descriptor.name;
      const { size } = family;
      const lines = family.lines.length;
      switch (family.add(sample, lines <= room)) {
        case 'duplicate':
          problems.add('duplicate', name, duplicate(name, sample));
          return 0;
        case 'refused':
          if (late !== undefined) late.push(sample);
          else problems.add('limit', '', overLimit(this.#options.maxSeries), lines);
          return 0;
        default:
          return family.size > size ? lines : 0;
      }
    } catch (error) {
      problems.add('invalid', name || nameOf(sample), toErrorInfo(error));
      return 0;
    }
  }

  #constFamily(given: Descriptor): ConstFamily {
    let descriptor = this.#described.find(given);
    if (descriptor === undefined) {
      // It is bad before it is unknown.
      const { name } = guardDescriptor(given);
      if (this.#options.unchecked !== true) {
        throw pluginError(`Metric "${name}" was collected but is not described.`, {
          code: 'PLUGIN_UNDESCRIBED_METRIC',
          fix: "Return its descriptor from describe(), or list it in the plugin's metrics.",
        });
      }
      descriptor = this.#described.add(given);
      this.#learned.add(identityOf(descriptor));
    }
    const identity = identityOf(descriptor);
    let family = this.#const.get(identity);
    if (family === undefined) {
      family = new ConstFamily(descriptor);
      family.begin(this.#pass);
      this.#const.set(identity, family);
    }
    this.#byDescriptor.set(given, family);
    return family;
  }

  /** Instruments whose descriptor was refused are not exposed; what they counted is lost to nobody but the exposition. */
  #admissible(sources: readonly SeriesSource[], problems: Problems): SeriesSource[] {
    return sources.filter((source) => {
      if (source.size === 0) return false;
      if (source instanceof ConstFamily || this.#isChecked(source)) return true;
      problems.count('invalid', source.size);
      return false;
    });
  }

  #isChecked(source: SeriesSource): boolean {
    if (!this.#checked.has(source)) this.#checked.set(source, this.#describe(source.descriptor));
    return this.#checked.get(source) !== undefined;
  }

  /** What is known of instruments that were unregistered: another may take their name, and be of another kind. */
  #forgetAllBut(instruments: ReadonlySet<SeriesSource>): void {
    for (const [source, descriptor] of this.#checked) {
      if (instruments.has(source)) continue;
      this.#checked.delete(source);
      this.#direct.delete(source);
      this.#bounds.delete(source);
      const isReturned = descriptor === undefined || this.#const.has(identityOf(descriptor));
      if (!isReturned) this.#described.forget(descriptor);
    }
  }

  #expose(sources: readonly SeriesSource[], problems: Problems): GatherResult {
    const { relabel, maxSeries = Number.POSITIVE_INFINITY } = this.#options;
    const names = new Set(sources.map(({ descriptor }) => descriptor.name));
    const direct = new Map<SeriesSource, DirectExposure>();
    let mustMap = relabel !== undefined || names.size < sources.length;
    for (const source of mustMap ? [] : sources) {
      const exposure = this.#directExposure(source);
      if (exposure) direct.set(source, exposure);
      else mustMap = true;
    }
    if (mustMap) {
      this.#mapped ??= new MappedExposures(this.#options);
      const families = this.#mapped.refresh(sources, problems);
      return finished(families, problems);
    }
    this.#mapped = undefined;
    const bounds = this.#boundsWithin(maxSeries, sources, problems);
    for (const [source, exposure] of direct) exposure.refresh(bounds.get(source) ?? source.slotBound);
    for (const known of this.#direct.keys()) if (known.size === 0) this.#direct.delete(known);
    return finished([...direct.values()], problems);
  }

  /** `null` for a family whose labels clash with those of its resource, or get another order by them. */
  #directExposure(source: SeriesSource): DirectExposure | null {
    let exposure = this.#direct.get(source);
    if (exposure === undefined) {
      exposure = makeDirect(source, this.#options);
      this.#direct.set(source, exposure);
    }
    return exposure;
  }

  /**
   * How far each source's series are exposed when not all of them may be: those that were exposed before keep
   * their place, and of the newcomers the oldest come first.
   */
  #boundsWithin(
    limit: number,
    sources: readonly SeriesSource[],
    problems: Problems,
  ): ReadonlyMap<SeriesSource, number> {
    const all = countLines(sources);
    if (all <= limit) {
      for (const source of sources) this.#bounds.set(source, source.slotBound);
      return this.#bounds;
    }
    let room = limit;
    const slotsOf = new Map(sources.map((source) => [source, liveSlots(source)]));
    const kept = new Map<SeriesSource, number>();
    for (const source of sources) {
      const before = this.#bounds.get(source) ?? 0;
      const old = (slotsOf.get(source) ?? []).filter((slot) => slot < before).length;
      kept.set(source, old);
      room -= old * source.lines.length;
    }
    for (const source of sources) {
      const slots = slotsOf.get(source) ?? [];
      const lines = source.lines.length;
      const old = kept.get(source) ?? 0;
      const more = Math.min(slots.length - old, Math.floor(Math.max(0, room) / lines));
      room -= more * lines;
      const refused = slots.length - old - more;
      this.#bounds.set(source, refused === 0 ? source.slotBound : (slots[old + more] ?? source.slotBound));
      if (refused > 0) problems.add('limit', '', overLimit(limit), refused * lines);
    }
    return this.#bounds;
  }
}

function makeDirect(source: SeriesSource, options: GatherOptions): DirectExposure | null {
  try {
    const naming = nameLabels(source.descriptor, options);
    return naming.keepsOrder ? new DirectExposure(source, naming) : null;
  } catch {
    // The mapping says what is wrong with it.
    return null;
  }
}

function liveSlots(source: SeriesSource): number[] {
  const slots: number[] = [];
  source.walk((_, slot) => slots.push(slot));
  return slots.sort((a, b) => a - b);
}

function finished(families: readonly ExposedFamily[], problems: Problems): GatherResult {
  const shown = families.filter(({ lineCount }) => lineCount > 0);
  return {
    families: shown.sort((a, b) => compareText(a.name, b.name)),
    series: shown.reduce((sum, { lineCount }) => sum + lineCount, 0),
    dropped: problems.counts,
    problems: problems.list,
  };
}

function nameOf(sample: Sample): string {
  try {
    return String(sample.descriptor.name).slice(0, 200);
  } catch {
    return '';
  }
}

function duplicate(name: string, { labels }: Sample): ErrorInfo {
  const shown = seriesName(name, labelBlock(Object.keys(labels ?? {}), Object.values(labels ?? {})));
  return {
    code: 'PLUGIN_DUPLICATE_SERIES',
    class: 'plugin',
    message: `The series ${shown.slice(0, 300)} was returned twice; the first one is kept.`,
    fix: 'Return each set of labels once, or add the label that tells them apart.',
  };
}
