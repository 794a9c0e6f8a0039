import { configError, type ErrorInfo, pluginError, toErrorInfo } from '../errors.ts';
import { labelBlock, seriesName } from '../exposition/escape.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import { identityOf } from '../metric/identity.ts';
import type { Sample } from '../metric/sample.ts';
import { ConstFamily } from './const-family.ts';
import type { DescribedMetrics } from './described.ts';
import { fixedBytes } from './footprint.ts';
import { guardDescriptor } from './guard.ts';
import type { Limits, Room } from './limits.ts';
import type { StaticLabels } from './naming.ts';
import type { Problems } from './problems.ts';
import type { Refusals } from './refusals.ts';

/** What one gather takes samples with. */
export interface Intake {
  readonly room: Room;
  /** Of each metric alone. */
  readonly limits: Limits;
  readonly problems: Problems;
  readonly refusals: Refusals;
  /** How many samples are looked at, and how many may wait for room. */
  readonly maxSamples: number;
  readonly maxWaiting: number;
  /** How many metrics that nobody described are taken. */
  readonly maxFamilies: number;
  /** Whether there is no time left; asked every now and then. */
  isOver(): boolean;
}

/** A batch that ended before its end. */
export interface Broken {
  /** Which one it was. */
  readonly batch: number;
  /** How many samples came before. */
  readonly samples: number;
  readonly thrown: unknown;
}

/** How many samples are taken between two looks at the clock. */
const STRIDE = 1024;

/**
 * The series of the samples that collects return, kept from one to the next. Nothing here trusts what it reads:
 * one bad sample costs that sample.
 */
export class CollectedSamples {
  readonly #described: DescribedMetrics;
  readonly #unchecked: boolean;
  #labels: StaticLabels;
  /** By identity. */
  readonly #families = new Map<string, ConstFamily>();
  /** Identities of what nobody described: they are forgotten when they stay away. */
  readonly #learned = new Set<string>();
  /** A descriptor is most often the same object each time, which is found faster than its name. */
  #byDescriptor = new WeakMap<object, ConstFamily>();
  #pass = 0;

  constructor(described: DescribedMetrics, unchecked: boolean, labels: StaticLabels) {
    this.#described = described;
    this.#unchecked = unchecked;
    this.#labels = labels;
  }

  get families(): ConstFamily[] {
    return [...this.#families.values()];
  }

  has(identity: string): boolean {
    return this.#families.has(identity);
  }

  /** Other labels of the resource, and with them other sizes of its series. */
  adjust(labels: StaticLabels): void {
    this.#labels = labels;
    for (const family of this.#families.values()) family.fixedBytes = fixedBytes(family, labels);
  }

  /** Takes the samples of one collect. A batch that throws keeps what came before. */
  take(batches: readonly Iterable<Sample>[], intake: Intake): { broken: Broken[]; isCut: boolean } {
    this.#pass++;
    const { room, maxSamples, maxWaiting } = intake;
    for (const family of this.#families.values()) {
      family.begin(this.#pass, intake.limits);
      room.occupy(family.size * family.lines.length, family.textBytes);
    }
    const broken: Broken[] = [];
    const waiting: Sample[] = [];
    let all = 0;
    let isCut = false;
    let pause = Math.min(STRIDE, maxSamples);
    for (const [batch, given] of batches.entries()) {
      const before = all;
      try {
        for (const sample of given) {
          if (all === pause) {
            isCut = all >= maxSamples || intake.isOver();
            if (isCut) break;
            pause = Math.min(pause + STRIDE, maxSamples);
          }
          all++;
          this.#takeOne(sample, intake, waiting.length < maxWaiting ? waiting : undefined);
        }
      } catch (thrown) {
        broken.push({ batch, samples: all - before, thrown });
      }
      if (isCut) break;
    }
    for (const family of this.#families.values()) family.finish(room);
    // Series of the last collect that are gone have made room.
    for (const sample of waiting) this.#takeOne(sample, intake);
    this.#forgetLearned();
    if (isCut && all >= maxSamples) intake.problems.add('limit', 'samples', tooManySamples(maxSamples));
    return { broken, isCut };
  }

  /** One for which there is no room goes to `waiting`: series of the last collect may turn out to be gone. */
  #takeOne(sample: Sample, intake: Intake, waiting?: Sample[]): void {
    const { room, problems, refusals } = intake;
    let name = '';
    try {
      const given = sample.descriptor;
      const family = this.#byDescriptor.get(given) ?? this.#familyOf(given, intake);
      name = family.descriptor.name;
      switch (family.add(sample, room, refusals, waiting !== undefined)) {
        case 'duplicate':
          addDuplicate(problems, name, sample);
          return;
        case 'waits':
          waiting?.push(sample);
          return;
        default:
          return;
      }
    } catch (thrown) {
      const error = unreadable(thrown, name);
      if (error.code.startsWith('LIMIT_')) problems.add('limit', '', error);
      else problems.add('invalid', name || nameOf(sample), error);
    }
  }

  #familyOf(given: Descriptor, { maxFamilies, limits }: Intake): ConstFamily {
    let descriptor = this.#described.find(given);
    if (descriptor === undefined) {
      // It is bad before it is unknown.
      const { name } = guardDescriptor(given);
      if (!this.#unchecked) {
        throw pluginError(`Metric "${name}" was collected but is not described.`, {
          code: 'PLUGIN_UNDESCRIBED_METRIC',
          fix: "Return its descriptor from describe(), or list it in the plugin's metrics.",
        });
      }
      if (this.#learned.size >= maxFamilies) throw tooManyMetrics(maxFamilies);
      descriptor = this.#described.add(given);
      this.#learned.add(identityOf(descriptor));
    }
    const identity = identityOf(descriptor);
    let family = this.#families.get(identity);
    if (family === undefined) {
      family = new ConstFamily(descriptor);
      family.fixedBytes = fixedBytes(family, this.#labels);
      family.begin(this.#pass, limits);
      this.#families.set(identity, family);
    }
    this.#byDescriptor.set(given, family);
    return family;
  }

  #forgetLearned(): void {
    for (const identity of this.#learned) {
      const family = this.#families.get(identity);
      if (family?.size !== 0) continue;
      this.#learned.delete(identity);
      this.#families.delete(identity);
      this.#described.forget(family.descriptor);
      this.#byDescriptor = new WeakMap();
    }
  }
}

const tooManySamples = (most: number): ErrorInfo => ({
  code: 'LIMIT_SERIES',
  class: 'config',
  message: `The collect returned more than ${most} samples; what came behind them was not looked at.`,
  fix: 'Return fewer: many of one series, or series that are dropped anyway, cost as much as others.',
});

const tooManyMetrics = (most: number): Error =>
  configError(`More than ${most} metrics; what was there first is kept.`, {
    code: 'LIMIT_SERIES',
    fix: 'Drop what is not needed with relabel, or raise max_series.',
  });

/** An error of ours says which metric it is about; what a getter or a trap throws does not. */
function unreadable(thrown: unknown, name: string): ErrorInfo {
  const error = toErrorInfo(thrown);
  if (error.code !== 'PLUGIN_FAILED') return error;
  const what = name === '' ? 'A sample' : `A sample of metric "${name}"`;
  return {
    code: 'PLUGIN_BAD_SAMPLE',
    class: 'plugin',
    message: `${what} can not be read: ${error.message}`,
    fix: 'Return plain objects, as the functions of descriptors make them.',
  };
}

function nameOf(sample: Sample): string {
  try {
    const { name } = sample.descriptor;
    return typeof name === 'string' ? name.slice(0, 200) : '';
  } catch {
    return '';
  }
}

/** Apart from what is called for each sample: a function that makes closures costs more at each call. */
function addDuplicate(problems: Problems, name: string, sample: Sample): void {
  problems.add('duplicate', name, () => duplicate(name, sample));
}

function duplicate(name: string, sample: Sample): ErrorInfo {
  return {
    code: 'PLUGIN_DUPLICATE_SERIES',
    class: 'plugin',
    message: `The series ${shownSeries(name, sample)} was returned twice; the first one is kept.`,
    fix: 'Return each set of labels once, or add the label that tells them apart.',
  };
}

/** Labels may answer otherwise now than when they were taken. */
function shownSeries(name: string, sample: Sample): string {
  try {
    const labels = Object.entries(sample.labels ?? {});
    const values = labels.map(([, value]) => String(value).slice(0, 300));
    const block = labelBlock(
      labels.map(([label]) => label),
      values,
    );
    return seriesName(name, block).slice(0, 300);
  } catch {
    return name;
  }
}
