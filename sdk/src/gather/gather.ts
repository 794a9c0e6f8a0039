import { toErrorInfo } from '../errors.ts';
import type { ExposedFamily } from '../exposition/exposed.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import { identityOf } from '../metric/identity.ts';
import type { Sample } from '../metric/sample.ts';
import { compareText } from '../metric/text-order.ts';
import type { SeriesSource } from '../registry/source.ts';
import { Admission } from './admission.ts';
import { type Broken, CollectedSamples } from './collected-samples.ts';
import { ConstFamily } from './const-family.ts';
import { DescribedMetrics } from './described.ts';
import { DirectExposure } from './direct-exposure.ts';
import { Footprint } from './footprint.ts';
import { type DropReason, longLabels, type Problem } from './guard.ts';
import { type Limits, limitsOfKept, maxKeptSeries, maxSamples, Room } from './limits.ts';
import { MappedExposures } from './mapped-exposure.ts';
import { nameLabels, type StaticLabels } from './naming.ts';
import { MAX_PROBLEMS, Problems } from './problems.ts';
import { type Examples, Refusals } from './refusals.ts';
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
 * and bytes there may be.
 */
export interface GatherOptions extends StaticLabels, Limits {
  relabel?: Relabel | undefined;
  /** Samples of metrics that nobody described are taken too. */
  unchecked?: boolean | undefined;
}

/** Where instruments are kept. */
export interface InstrumentSource {
  families(): Iterable<Instruments>;
}

type Instruments = SeriesSource & { maxSeries: number; expire(): void };

const NO_INSTRUMENTS: InstrumentSource = { families: () => [] };
/** How many samples wait for room that others may leave, where no limit says. */
const MAX_WAITING = 100_000;

/**
 * Turns what a collect returned, and the instruments beside it, into families that can be encoded: static
 * labels, relabel, the label `resource`, then the guard. One bad sample costs that sample. Nothing here
 * trusts what it reads.
 */
export class Gatherer {
  #options: GatherOptions;
  readonly #instruments: InstrumentSource;
  readonly #described: DescribedMetrics;
  /** Instruments whose descriptor was checked, and what it came to. */
  readonly #checked = new Map<SeriesSource, Descriptor | undefined>();
  readonly #samples: CollectedSamples;
  readonly #direct = new Map<SeriesSource, DirectExposure | null>();
  #mapped: MappedExposures | undefined;
  readonly #footprints = new Map<SeriesSource, Footprint>();
  #admission = new Admission();
  readonly #examples: Examples = new Map();
  /** What is wrong with the descriptors themselves; their samples are dropped at every collect. */
  readonly problems: Problem[] = [];

  constructor(
    descriptors: Iterable<Descriptor>,
    options: GatherOptions = {},
    instruments: InstrumentSource = NO_INSTRUMENTS,
  ) {
    this.#options = options;
    this.#instruments = instruments;
    this.#described = new DescribedMetrics(
      options.maxBytes === undefined ? Number.POSITIVE_INFINITY : undefined,
    );
    this.#samples = new CollectedSamples(this.#described, options.unchecked === true, options);
    for (const given of descriptors) this.#describe(given);
  }

  get descriptors(): Descriptor[] {
    return this.#described.all;
  }

  /** How many series of samples are kept for the next gather. */
  get remembered(): number {
    return this.#samples.families.reduce((sum, { size }) => sum + size, 0);
  }

  /** Other labels, rules and limits from the next gather on. What is exposed keeps its place. */
  adjust(options: GatherOptions): void {
    this.#options = options;
    this.#samples.adjust(options);
    this.#direct.clear();
    this.#footprints.clear();
    this.#mapped = undefined;
    this.#admission = new Admission();
  }

  /** @throws what a batch throws */
  gather(...batches: readonly Iterable<Sample>[]): GatherResult {
    const { broken, ...result } = this.gatherAll(batches);
    if (broken[0] !== undefined) throw broken[0].thrown;
    return result;
  }

  /**
   * Never throws: a batch that does ends there, and is among the `broken`. `isOver` is asked every now and then
   * whether there is time for more; `isCut` says that there was none.
   */
  gatherAll(
    batches: readonly Iterable<Sample>[],
    isOver: () => boolean = () => false,
  ): GatherResult & { broken: readonly Broken[]; isCut: boolean } {
    const { relabel, ...limits } = this.#options;
    const problems = new Problems();
    const refusals = new Refusals();
    const instruments = [...this.#instruments.families()];
    this.#forgetAllBut(new Set(instruments));
    const kept = limitsOfKept(limits, relabel !== undefined);
    for (const family of instruments) {
      family.maxSeries = maxKeptSeries(limits);
      family.expire();
    }
    const { broken, isCut } = this.#samples.take(batches, {
      room: new Room(kept.all),
      limits: kept.metric,
      problems,
      refusals,
      maxSamples: maxSamples(limits),
      maxFamilies: limits.maxSeries ?? Number.POSITIVE_INFINITY,
      maxWaiting: Math.min(kept.metric.maxSeries ?? MAX_WAITING, MAX_WAITING),
      isOver,
    });
    const sources = this.#admissible([...instruments, ...this.#samples.families], problems);
    const families = this.#expose(sources, problems, refusals);
    refusals.report(problems, relabel === undefined ? limits : kept.all, sources, this.#examples);
    return { ...finished(families, problems), broken, isCut };
  }

  #describe(given: Descriptor): Descriptor | undefined {
    try {
      return this.#described.add(given);
    } catch (error) {
      if (this.problems.length < MAX_PROBLEMS)
        this.problems.push({ reason: 'invalid', error: toErrorInfo(error) });
      return undefined;
    }
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
      this.#footprints.delete(source);
      const isReturned = descriptor === undefined || this.#samples.has(identityOf(descriptor));
      if (!isReturned) this.#described.forget(descriptor);
    }
  }

  #expose(
    sources: readonly SeriesSource[],
    problems: Problems,
    refusals: Refusals,
  ): readonly ExposedFamily[] {
    const { relabel, ...limits } = this.#options;
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
      return this.#mapped.refresh(sources, problems);
    }
    this.#mapped = undefined;
    const footprints = sources.map((source) => this.#footprint(source));
    this.#admission.admit(footprints, limits, refusals);
    for (const { source, tooLong } of footprints) {
      if (tooLong.size > 0) {
        const { name } = source.descriptor;
        problems.add('invalid', name, () => longLabels(name), tooLong.size * source.lines.length);
      }
      direct.get(source)?.refresh(source.fence, tooLong);
    }
    for (const known of this.#direct.keys()) {
      if (known.size > 0) continue;
      this.#direct.delete(known);
      this.#footprints.delete(known);
    }
    return [...direct.values()];
  }

  #footprint(source: SeriesSource): Footprint {
    let footprint = this.#footprints.get(source);
    if (footprint === undefined) {
      footprint = new Footprint(source, this.#options);
      this.#footprints.set(source, footprint);
    }
    return footprint;
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

function finished(families: readonly ExposedFamily[], problems: Problems): GatherResult {
  const shown = families.filter(({ lineCount }) => lineCount > 0);
  return {
    families: shown.sort((a, b) => compareText(a.name, b.name)),
    series: shown.reduce((sum, { lineCount }) => sum + lineCount, 0),
    dropped: problems.counts,
    problems: problems.list,
  };
}
