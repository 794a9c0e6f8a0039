import { type ErrorInfo, pluginError, toErrorInfo } from '../errors.ts';
import { formatValue } from '../exposition/number.ts';
import { labelBlock } from '../exposition/text.ts';
import type { Descriptor, HistogramValue, MetricType, Sample } from '../metric/descriptor.ts';
import type { GatheredFamily, GatheredHistogram, GatheredSeries, LabelPair } from './family.ts';
import {
  type DropReason,
  guardDescriptor,
  guardLabels,
  guardValue,
  isLabelName,
  isMetricName,
  type Problem,
} from './guard.ts';
import type { Relabel } from './relabel.ts';

export interface GatherResult {
  families: GatheredFamily[];
  /** How many series the families hold; a histogram's lines count one each. */
  series: number;
  dropped: Partial<Record<DropReason, number>>;
  /** The first problem of each kind and metric: one line each is enough to mend them all. */
  problems: Problem[];
}

export interface GatherOptions {
  /** Becomes the label `resource`; an existing one is renamed `exported_resource`. */
  resource?: string | undefined;
  /** The resource's static labels; a sample's own label of that name becomes `exported_…`. */
  labels?: Readonly<Record<string, string>> | undefined;
  relabel?: Relabel | undefined;
  maxSeries?: number | undefined;
}

/**
 * Turns what a collect returned into families that can be encoded: static labels, relabel, the label
 * `resource`, then the guard. One bad sample costs that sample. Nothing here trusts what it reads.
 */
export class Gatherer {
  readonly #described = new Map<string, Descriptor>();
  readonly #options: GatherOptions;
  /** What is wrong with the descriptors themselves; their samples are dropped at every collect. */
  readonly problems: Problem[] = [];

  constructor(descriptors: Iterable<Descriptor>, options: GatherOptions = {}) {
    this.#options = options;
    for (const given of descriptors) this.#describe(given);
  }

  get descriptors(): Descriptor[] {
    return [...this.#described.values()];
  }

  #describe(given: Descriptor): void {
    try {
      const descriptor = guardDescriptor(given);
      const known = this.#described.get(descriptor.name);
      if (known && JSON.stringify(known) !== JSON.stringify(descriptor)) {
        throw pluginError(`Metric "${descriptor.name}" is described twice, and differently.`, {
          code: 'PLUGIN_DUPLICATE_METRIC',
          fix: 'Describe each metric once.',
        });
      }
      this.#described.set(descriptor.name, descriptor);
    } catch (error) {
      this.problems.push({ reason: 'invalid', error: toErrorInfo(error) });
    }
  }

  gather(samples: Iterable<Sample>): GatherResult {
    const pass = new Pass(this.#described, this.#options);
    for (const sample of samples) pass.add(sample);
    return pass.finish();
  }
}

/** One call of `gather`. */
class Pass {
  readonly #described: ReadonlyMap<string, Descriptor>;
  readonly #options: GatherOptions;
  readonly #families = new Map<string, GatheredFamily & { seen: Map<string, MutableSeries> }>();
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  readonly #problems = new Map<string, Problem>();
  #series = 0;

  constructor(described: ReadonlyMap<string, Descriptor>, options: GatherOptions) {
    this.#described = described;
    this.#options = options;
  }

  add(sample: Sample): void {
    let name = '';
    try {
      const { descriptor: given, labels, value } = sample;
      name = String(given.name).slice(0, 200);
      const descriptor = this.#described.get(name);
      if (!descriptor) this.#refuseUndescribed(given);
      const pairs = guardLabels(descriptor, labels);
      this.#place(descriptor, pairs, guardValue(descriptor, value));
    } catch (error) {
      this.#drop('invalid', name, toErrorInfo(error));
    }
  }

  finish(): GatherResult {
    const families: GatheredFamily[] = [];
    for (const { name, help, type, series } of this.#families.values()) {
      if (series.length === 0) continue;
      series.sort(byLabelValues);
      families.push({ name, help, type, series });
    }
    families.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { families, series: this.#series, dropped: this.#dropped, problems: [...this.#problems.values()] };
  }

  #refuseUndescribed(given: Descriptor): never {
    guardDescriptor(given);
    throw pluginError(`Metric "${given.name}" was collected but is not described.`, {
      code: 'PLUGIN_UNDESCRIBED_METRIC',
      fix: "Return its descriptor from describe(), or list it in the plugin's metrics.",
    });
  }

  #place(descriptor: Descriptor, pairs: LabelPair[], value: number | HistogramValue): void {
    const labels = this.#withStaticLabels(pairs);
    const exposed = typeof value === 'number' ? value : cumulate(descriptor.buckets ?? [], value);
    if (this.#options.relabel) this.#relabelled(this.#options.relabel, descriptor, labels, exposed);
    else this.#store(descriptor.name, descriptor, labels, exposed);
  }

  #withStaticLabels(pairs: LabelPair[]): LabelPair[] {
    const { labels } = this.#options;
    if (labels === undefined) return pairs;
    const own = pairs.map(
      ([name, value]): LabelPair => [Object.hasOwn(labels, name) ? `exported_${name}` : name, value],
    );
    return [...Object.entries(labels), ...own];
  }

  /** Rules see the lines that would be exposed, as Prometheus' would: `_bucket` with its `le`, `_sum`, `_count`. */
  #relabelled(
    relabel: Relabel,
    descriptor: Descriptor,
    labels: LabelPair[],
    value: number | GatheredHistogram,
  ): void {
    const { name } = descriptor;
    const run = (line: string, number: number, le?: number) => {
      const map = new Map([
        ['__name__', line],
        ...labels,
        ...(le === undefined ? [] : [['le', formatValue(le)] as const]),
      ]);
      if (!relabel(map)) this.#count('relabel');
      else this.#storeLine(descriptor, line, map, number, le);
    };
    if (typeof value === 'number') {
      run(name, value);
      return;
    }
    for (const [bound, count] of value.buckets) run(`${name}_bucket`, count, bound);
    run(`${name}_sum`, value.sum ?? 0);
    run(`${name}_count`, value.count ?? 0);
  }

  #storeLine(
    descriptor: Descriptor,
    line: string,
    map: Map<string, string>,
    number: number,
    le?: number,
  ): void {
    const name = map.get('__name__') ?? '';
    map.delete('__name__');
    const suffix = line.slice(descriptor.name.length);
    const kept = le === undefined || map.get('le') === formatValue(le);
    if (!name.endsWith(suffix) || !kept) {
      this.#store(name, { ...descriptor, type: 'untyped' }, [...map], number);
      return;
    }
    map.delete(le === undefined ? '' : 'le');
    const family = name.slice(0, name.length - suffix.length);
    if (suffix === '') this.#store(family, descriptor, [...map], number);
    else if (suffix === '_sum') this.#store(family, descriptor, [...map], { buckets: [], sum: number });
    else if (suffix === '_count') this.#store(family, descriptor, [...map], { buckets: [], count: number });
    else this.#store(family, descriptor, [...map], { buckets: [[le ?? 0, number]] });
  }

  #store(name: string, descriptor: Descriptor, labels: LabelPair[], value: number | GatheredHistogram): void {
    const { resource, maxSeries = Number.POSITIVE_INFINITY } = this.#options;
    let pairs = labels;
    if (resource !== undefined) {
      pairs = labels.map(([label, text]) =>
        label === 'resource' ? ['exported_resource', text] : [label, text],
      );
      pairs.push(['resource', resource]);
    }
    pairs.sort(byName);
    const bad = isMetricName(name)
      ? pairs.find(([label], i) => !isLabelName(label) || label === pairs[i - 1]?.[0])
      : [name];
    if (bad) {
      this.#dropRelabelled(descriptor.name, bad[0]);
      return;
    }

    let family = this.#families.get(name);
    if (!family) {
      family = { name, help: descriptor.help, type: descriptor.type, series: [], seen: new Map() };
      this.#families.set(name, family);
    }
    if (family.type !== descriptor.type) {
      this.#dropConflict(name, family.type, descriptor);
      return;
    }

    const block = labelBlock(pairs);
    const present = family.seen.get(block);
    if (present) {
      if (!mergeLines(present, value)) this.#dropDuplicate(name, block);
      else this.#series++;
      return;
    }
    const lines = typeof value === 'number' ? 1 : linesOf(value);
    if (this.#series + lines > maxSeries) {
      this.#dropOverLimit(name, lines, maxSeries);
      return;
    }
    this.#series += lines;
    const series = { block, labels: pairs, value };
    family.seen.set(block, series);
    family.series.push(series);
  }

  #dropRelabelled(metric: string, bad: string): void {
    const message = `Metric "${metric}": after relabelling, ${JSON.stringify(bad)} is not a usable name, or stands twice.`;
    const fix = 'Change the relabel rules or the static labels.';
    this.#drop('invalid', metric, { code: 'CONFIG_BAD_RELABEL', class: 'config', message, fix });
  }

  #dropConflict(name: string, type: MetricType, { name: from, type: other }: Descriptor): void {
    const message = `Metric "${from}" is exposed as "${name}" and is a ${other}, but "${name}" is a ${type} already.`;
    const fix = 'Rename one of them.';
    this.#drop('conflict', name, { code: 'PLUGIN_TYPE_CONFLICT', class: 'plugin', message, fix });
  }

  #dropDuplicate(name: string, block: string): void {
    const message = `The series ${name}{${block.slice(0, 200)}} was returned twice; the first one is kept.`;
    const fix = 'Return each set of labels once, or add the label that tells them apart.';
    this.#drop('duplicate', name, { code: 'PLUGIN_DUPLICATE_SERIES', class: 'plugin', message, fix });
  }

  #dropOverLimit(name: string, lines: number, limit: number): void {
    const message = `More than ${limit} series; the first ones are kept.`;
    const fix = 'Raise max_series, or drop what is not needed with relabel.';
    this.#drop('limit', name, { code: 'LIMIT_SERIES', class: 'config', message, fix }, lines);
  }

  #drop(reason: DropReason, metric: string, error: ErrorInfo, count = 1): void {
    this.#count(reason, count);
    const key = `${reason} ${error.code} ${reason === 'limit' ? '' : metric}`;
    if (this.#problems.size < 20 && !this.#problems.has(key)) this.#problems.set(key, { reason, error });
  }

  #count(reason: DropReason, count = 1): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count;
  }
}

type MutableSeries = { -readonly [K in keyof GatheredSeries]: GatheredSeries[K] };

const byName = (a: LabelPair, b: LabelPair): number => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);

/** client_golang's order: by the values of the labels, which are sorted by name. */
function byLabelValues({ labels: a }: GatheredSeries, { labels: b }: GatheredSeries): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const left = (a[i] as LabelPair)[1];
    const right = (b[i] as LabelPair)[1];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

const linesOf = ({ buckets, sum, count }: GatheredHistogram): number =>
  buckets.length + (sum === undefined ? 0 : 1) + (count === undefined ? 0 : 1);

function cumulate(bounds: readonly number[], { counts, sum }: HistogramValue): GatheredHistogram {
  let count = 0;
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, index): [number, number] => {
    count += counts[index] ?? 0;
    return [bound, count];
  });
  return { buckets, sum, count };
}

/** Puts a histogram's single relabelled line to those that are there; false if it is there already. */
function mergeLines(present: MutableSeries, value: number | GatheredHistogram): boolean {
  const old = present.value;
  if (typeof value === 'number' || typeof old === 'number' || linesOf(value) !== 1) return false;
  const bound = value.buckets[0]?.[0];
  const doubled =
    (value.sum !== undefined && old.sum !== undefined) ||
    (value.count !== undefined && old.count !== undefined) ||
    (bound !== undefined && old.buckets.some(([other]) => other === bound));
  if (doubled) return false;
  present.value = {
    ...old,
    ...value,
    buckets: [...old.buckets, ...value.buckets].sort((a, b) => a[0] - b[0]),
  };
  return true;
}
