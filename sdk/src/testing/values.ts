import { pluginError } from '../errors.ts';
import type { ExposedFamily } from '../exposition/exposed.ts';
import { encodeText } from '../exposition/formats.ts';
import { Gatherer } from '../gather/gather.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import { countOf, labelText } from './series.ts';

/** What gives samples: what a collect returned, a registry, a family of a registry, a collector of one's own. */
export type Source = Iterable<Sample> | Collects | HasSamples;

/** A registry, or a collector of one's own. */
interface Collects {
  collect(): Iterable<Sample>;
  describe?(): Iterable<Descriptor>;
}
/** A family of a registry. */
interface HasSamples {
  samples(): Iterable<Sample>;
}
/** One series of a registry: a counter, a gauge, a histogram. */
interface Series {
  read(): unknown;
}

/** The samples of a source, as they are. */
export function samplesOf(source: Source): Sample[] {
  if ('samples' in source) return [...source.samples()];
  return [...('collect' in source ? source.collect() : source)];
}

/**
 * The value of the one series of a source. A histogram's and a summary's is how many observations it has.
 * @throws when there are none or several, with what there is, or when the value is not a number
 */
export function toNumber(source: Source | Series): number {
  if (isSeries(source)) return numberOf(source.read(), 'The series');
  const samples = samplesOf(source);
  const [sample] = samples;
  if (sample === undefined || samples.length > 1) {
    const found = samples.map(({ descriptor, labels }) => descriptor.name + labelText(labels));
    throw pluginError(
      `There ${samples.length === 0 ? 'is no series' : `are ${samples.length} series`} and not one: ${found.slice(0, 5).join(', ') || 'nothing'}.`,
      { fix: 'Take the series with its labels: family.with({…}).' },
    );
  }
  return numberOf(sample.value, sample.descriptor.name);
}

const isSeries = (source: Source | Series): source is Series => 'read' in source && !('samples' in source);

function numberOf(value: unknown, what: string): number {
  const number = typeof value === 'number' ? value : countOf(value);
  if (number !== undefined) return number;
  throw pluginError(`${what} has a value that is not one number: ${JSON.stringify(value)}.`, {
    fix: 'Compare its exposition instead: compareExposition(…).',
  });
}

/** How many series a source gives, of these metrics if any are named. A histogram counts one. */
export function collectAndCount(source: Source, ...names: readonly string[]): number {
  const wanted = (sample: Sample) => names.length === 0 || names.includes(sample.descriptor.name);
  return samplesOf(source).filter(wanted).length;
}

/**
 * How many series of a source an exposition would hold, after all checks, of these metrics if any are named. A histogram
 * counts one.
 * @throws the first thing that is wrong: a series twice, a value that is no number, a metric that is not described
 */
export function gatherAndCount(source: Source, ...names: readonly string[]): number {
  const wanted = ({ name }: ExposedFamily) => names.length === 0 || names.includes(name);
  return gather(source)
    .filter(wanted)
    .reduce((total, { seriesCount }) => total + seriesCount, 0);
}

/** A source in the text format 0.0.4. @throws as `gatherAndCount` does */
export function textOf(source: Source): string {
  return encodeText(gather(source));
}

function gather(source: Source): readonly ExposedFamily[] {
  const described = 'describe' in source ? [...(source.describe?.() ?? [])] : [];
  const gatherer = new Gatherer(described, { unchecked: described.length === 0 });
  const { families, problems } = gatherer.gather(samplesOf(source));
  const [problem] = [...gatherer.problems, ...problems];
  if (problem) throw pluginError(problem.error.message, problem.error);
  return families;
}
