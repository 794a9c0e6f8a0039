import { type ErrorInfo, pluginError, toErrorInfo } from '../errors.ts';
import type { NegotiateOptions } from '../exposition/negotiate.ts';
import {
  type Counter,
  counter,
  type Descriptor,
  type Gauge,
  gauge,
  type Histogram,
  type HistogramOptions,
  histogram,
  type Info,
  info,
  type StateSet,
  type Summary,
  type SummaryOptions,
  stateset,
  summary,
  type Untyped,
  untyped,
  type ValueOptions,
} from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import { CounterFamily } from './counter.ts';
import { Exposer, type Exposition } from './expose.ts';
import type { Child, Family, FamilyOptions } from './family.ts';
import { GaugeFamily, InfoFamily, StateSetFamily } from './gauge.ts';
import { HistogramFamily } from './histogram.ts';
import { dumpFamily, type RegistryState, restoreFamilies } from './state.ts';
import { SummaryFamily, type WindowOptions } from './summary.ts';
import { type Wrapping, wrapDescriptor, wrappedSamples } from './wrap.ts';

/** What can be registered beside instruments: it says what it may return, and returns it. A registry is one itself. */
export interface MetricCollector {
  /** None at all makes it an unchecked one: it may return anything, as a fan-in does that learns names as it goes. */
  describe(): Iterable<Descriptor>;
  collect(): Iterable<Sample>;
}

/** A family of whatever type. */
type AnyFamily = Family<string, Child>;
/** The options of a descriptor and those of an instrument. */
type Options<O> = O & FamilyOptions;

/**
 * Holds instruments that keep their values between collects, and collectors that are asked for theirs.
 * The host makes one for each resource, so that two resources of a plugin share nothing; an application
 * makes its own.
 */
export class Registry implements MetricCollector {
  readonly #families = new Map<string, AnyFamily>();
  readonly #collectors: MetricCollector[] = [];
  readonly #parts: Registry[] = [];
  readonly #wrapping: Wrapping;
  #exposer: Exposer | undefined;

  constructor(wrapping: Wrapping = {}) {
    this.#wrapping = wrapping;
  }

  /** A family of counters: from a descriptor, or from the name, help and labels of a new one. */
  counter<const L extends string = never>(descriptor: Counter<L>, options?: FamilyOptions): CounterFamily<L>;
  counter<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    options?: Options<ValueOptions>,
  ): CounterFamily<L>;
  counter<const L extends string = never>(
    first: Counter<L> | string,
    second: string | FamilyOptions = '',
    labels: readonly L[] = [],
    options: Options<ValueOptions> = {},
  ): CounterFamily<L> {
    const [descriptor, about] = given(first, second, options, (name, help) =>
      counter(name, help, labels, options),
    );
    return this.#add(new CounterFamily(this.#wrap(descriptor), about));
  }

  gauge<const L extends string = never>(descriptor: Gauge<L>, options?: FamilyOptions): GaugeFamily<L>;
  gauge<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    options?: Options<ValueOptions>,
  ): GaugeFamily<L>;
  gauge<const L extends string = never>(
    first: Gauge<L> | string,
    second: string | FamilyOptions = '',
    labels: readonly L[] = [],
    options: Options<ValueOptions> = {},
  ): GaugeFamily<L> {
    const [descriptor, about] = given(first, second, options, (name, help) =>
      gauge(name, help, labels, options),
    );
    return this.#add(new GaugeFamily(this.#wrap(descriptor), about));
  }

  /** A family like gauges, whose type nobody knows. */
  untyped<const L extends string = never>(descriptor: Untyped<L>, options?: FamilyOptions): GaugeFamily<L>;
  untyped<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    options?: Options<ValueOptions>,
  ): GaugeFamily<L>;
  untyped<const L extends string = never>(
    first: Untyped<L> | string,
    second: string | FamilyOptions = '',
    labels: readonly L[] = [],
    options: Options<ValueOptions> = {},
  ): GaugeFamily<L> {
    const [descriptor, about] = given(first, second, options, (name, help) =>
      untyped(name, help, labels, options),
    );
    return this.#add(new GaugeFamily(this.#wrap(descriptor), about));
  }

  histogram<const L extends string = never>(
    descriptor: Histogram<L>,
    options?: FamilyOptions,
  ): HistogramFamily<L>;
  histogram<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    options?: Options<HistogramOptions>,
  ): HistogramFamily<L>;
  histogram<const L extends string = never>(
    first: Histogram<L> | string,
    second: string | FamilyOptions = '',
    labels: readonly L[] = [],
    options: Options<HistogramOptions> = {},
  ): HistogramFamily<L> {
    const [descriptor, about] = given(first, second, options, (name, help) =>
      histogram(name, help, labels, options),
    );
    return this.#add(new HistogramFamily(this.#wrap(descriptor), about));
  }

  /** Quantiles over a sliding window. What is to be added up over several instances needs a histogram. */
  summary<const L extends string = never>(
    descriptor: Summary<L>,
    options?: Options<WindowOptions>,
  ): SummaryFamily<L>;
  summary<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    options?: Options<SummaryOptions & WindowOptions>,
  ): SummaryFamily<L>;
  summary<const L extends string = never>(
    first: Summary<L> | string,
    second: string | Options<WindowOptions> = '',
    labels: readonly L[] = [],
    { maxAgeSeconds, ageBuckets, expireSeconds, ...options }: Options<SummaryOptions & WindowOptions> = {},
  ): SummaryFamily<L> {
    const window = {
      ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
      ...(ageBuckets !== undefined && { ageBuckets }),
      ...(expireSeconds !== undefined && { expireSeconds }),
    };
    const [descriptor, about] = given(first, second, window, (name, help) =>
      summary(name, help, labels, options),
    );
    return this.#add(new SummaryFamily(this.#wrap(descriptor), about));
  }

  /** Facts as labels: `registry.info(…).with({version: '1.2'})` exposes them with the value 1. */
  info<const L extends string = never>(descriptor: Info<L>, options?: FamilyOptions): InfoFamily<L>;
  info<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    options?: FamilyOptions,
  ): InfoFamily<L>;
  info<const L extends string = never>(
    first: Info<L> | string,
    second: string | FamilyOptions = '',
    labels: readonly L[] = [],
    options: FamilyOptions = {},
  ): InfoFamily<L> {
    const [descriptor, about] = given(first, second, options, (name, help) => info(name, help, labels));
    return this.#add(new InfoFamily(this.#wrap(descriptor), about));
  }

  /** Which of a few states things are in. */
  stateset<const L extends string = never>(
    descriptor: StateSet<L>,
    options?: FamilyOptions,
  ): StateSetFamily<L>;
  stateset<const L extends string = never>(
    name: string,
    help: string,
    states: readonly string[],
    labels?: readonly L[],
    options?: FamilyOptions,
  ): StateSetFamily<L>;
  stateset<const L extends string = never>(
    first: StateSet<L> | string,
    second: string | FamilyOptions = '',
    states: readonly string[] = [],
    labels: readonly L[] = [],
    options: FamilyOptions = {},
  ): StateSetFamily<L> {
    const [descriptor, about] = given(first, second, options, (name, help) =>
      stateset(name, help, states, labels),
    );
    return this.#add(new StateSetFamily(this.#wrap(descriptor), about));
  }

  /** A counter whose value is asked for at each collect: one that something else keeps already. */
  counterFunction(name: string, help: string, read: () => number, options?: ValueOptions): void {
    const descriptor = counter(name, help, [], options);
    this.register({ describe: () => [descriptor], collect: () => [descriptor.sample(read())] });
  }

  /** A gauge whose value is asked for at each collect. */
  gaugeFunction(name: string, help: string, read: () => number, options?: ValueOptions): void {
    const descriptor = gauge(name, help, [], options);
    this.register({ describe: () => [descriptor], collect: () => [descriptor.sample(read())] });
  }

  /** Adds a collector, or another registry with all that it holds and will hold. */
  register(collector: MetricCollector): void {
    const { prefix = '', labels = {} } = this.#wrapping;
    const isWrapped = prefix !== '' || Object.keys(labels).length > 0;
    // What a registry holds is named already; under other names it is asked like any collector.
    if (collector instanceof Registry && !isWrapped) this.#parts.push(collector);
    else this.#collectors.push(collector);
  }

  /** Takes a family, collector or registry out again; false if it is not there. */
  unregister(what: MetricCollector | { readonly descriptor: Descriptor }): boolean {
    if ('descriptor' in what) {
      const { name } = what.descriptor;
      return this.#families.get(name) === (what as unknown) && this.#families.delete(name);
    }
    for (const list of [this.#parts as MetricCollector[], this.#collectors]) {
      const index = list.indexOf(what);
      if (index < 0) continue;
      list.splice(index, 1);
      return true;
    }
    return false;
  }

  /**
   * A registry whose metrics are this one's too, with a prefix before their names or labels beside
   * their own: a library gets one and need not know what it is called here.
   */
  wrap({ prefix = '', labels = {} }: Wrapping): Registry {
    const { prefix: outerPrefix = '', labels: outerLabels = {} } = this.#wrapping;
    const part = new Registry({ prefix: outerPrefix + prefix, labels: { ...labels, ...outerLabels } });
    this.#parts.push(part);
    return part;
  }

  describe(): Descriptor[] {
    return [
      ...[...this.#families.values()].map((family) => family.descriptor),
      ...this.#collectors.flatMap((collector) =>
        [...collector.describe()].map((descriptor) => this.#wrap(descriptor)),
      ),
      ...this.#parts.flatMap((part) => part.describe()),
    ];
  }

  collect(): Sample[] {
    const samples: Sample[] = [];
    // Not `push(...all)`: a family can have more series than a call can have arguments.
    for (const source of [
      ...this.families().map((family) => family.samples()),
      ...this.collectors().map((collector) => collector.collect()),
    ]) {
      for (const sample of source) samples.push(sample);
    }
    return samples;
  }

  /** The instruments, those of the registries in it included. @internal */
  families(): AnyFamily[] {
    return [...this.#families.values(), ...this.#parts.flatMap((part) => part.families())];
  }

  /** What each collector returns; one that fails costs its own samples, and its error is added. @internal */
  collected(errors: ErrorInfo[]): Sample[][] {
    return this.collectors().map((collector) => {
      try {
        return [...collector.collect()];
      } catch (error) {
        errors.push(toErrorInfo(error));
        return [];
      }
    });
  }

  /** What is asked for its samples, as it is seen from outside. @internal */
  collectors(): MetricCollector[] {
    const own = this.#collectors.map((collector) => wrappedSamples(collector, this.#wrapping));
    return [...own, ...this.#parts.flatMap((part) => part.collectors())];
  }

  /**
   * The answer to a scrape, in the format that its `Accept` header asks for; text 0.0.4 without one.
   * What can't be exposed is left out and named in `errors`.
   */
  expose(accept?: string, options?: NegotiateOptions): Exposition {
    this.#exposer ??= new Exposer(this);
    return this.#exposer.expose(accept, options);
  }

  /** The same in slices of about a millisecond: for a process that answers others meanwhile. */
  exposeInSlices(accept?: string, options?: NegotiateOptions): Promise<Exposition> {
    this.#exposer ??= new Exposer(this);
    return this.#exposer.exposeInSlices(accept, options);
  }

  /** Every series' value, for a collector that keeps its counters in its state. */
  dump(): RegistryState {
    return { families: this.families().map(dumpFamily) };
  }

  /**
   * Puts back what `dump` gave, into families that were created since. A series is left out if its
   * family is gone, has another type, other labels or other buckets: its values would mean something else.
   */
  restore(state: RegistryState): void {
    restoreFamilies(this.families(), state);
  }

  #wrap<D extends Descriptor>(descriptor: D): D {
    return wrapDescriptor(descriptor, this.#wrapping);
  }

  #add<F extends { readonly descriptor: Descriptor }>(family: F): F {
    const { name, labels, type } = family.descriptor;
    if (this.#families.has(name)) {
      throw pluginError(`The registry already has a metric named "${name}".`, {
        code: 'PLUGIN_DUPLICATE_METRIC',
        fix: 'Create each metric once and keep it.',
      });
    }
    this.#families.set(name, family as unknown as AnyFamily);
    // Nothing has been counted yet, which is a fact: its first increase can be seen as one.
    if (labels.length === 0 && COUNTING.has(type)) (family as unknown as AnyFamily).with({});
    return family;
  }
}

/** Types whose only series, without labels, is there from the beginning. A gauge that nobody set has no value. */
const COUNTING: ReadonlySet<string> = new Set(['counter', 'histogram', 'summary']);

/** The descriptor and the family's options, whichever way they were given. */
function given<D extends Descriptor, O extends object>(
  first: D | string,
  second: string | O,
  options: O,
  make: (name: string, help: string) => D,
): [D, O | Record<never, never>] {
  if (typeof first === 'string') return [make(first, String(second)), options];
  return [first, typeof second === 'string' ? {} : second];
}
