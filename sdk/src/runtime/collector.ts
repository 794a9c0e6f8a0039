import type { Clock } from '../clock.ts';
import { type ErrorInfo, pluginError, toErrorInfo } from '../errors.ts';
import { Gatherer, type GatherOptions, type GatherResult } from '../gather/gather.ts';
import type { Logger } from '../logger.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import { CONTRACT_VERSION, type Collector, type OpenContext, type Plugin, type State } from '../plugin.ts';
import { Registry } from '../registry/registry.ts';

/** How a collect ended. `crash` and `limit` of a whole host are the agent's to say. */
export type Outcome = 'ok' | 'partial' | 'target' | 'timeout' | 'plugin' | 'limit';

/** What a collect came to. */
export interface CollectResult extends GatherResult {
  readonly outcome: Outcome;
  /** What failed, the most important first; empty when the outcome is `ok`. */
  readonly errors: ErrorInfo[];
}

/** What a collector is opened with. */
export interface OpenOptions {
  readonly resource: string;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly state: State;
  readonly gather: GatherOptions;
  /** Runs what reads a collect's samples, in which code of the plugin's may run: iterators, getters. */
  readonly reading?: <T>(read: () => T) => T;
}

/** How many errors of one collect are handed on. */
const MAX_ERRORS = 20;
/** More than any plugin has, and few enough to be had of a generator without end. */
const MAX_DESCRIPTORS = 10_000;

/**
 * An opened resource as whoever runs it sees it: what the plugin gave, behind checks. The same code runs
 * in a host process, in the agent for its self-metrics, and in tests.
 */
export class OpenedCollector {
  readonly #collector: Collector;
  readonly #registry: Registry;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #reading: NonNullable<OpenOptions['reading']>;
  readonly #unchecked: boolean;
  readonly #gatherer: Gatherer;
  /** The collector used its context's state, so that two must not run at one time. */
  readonly stateful: boolean;

  private constructor(
    collector: Collector,
    registry: Registry,
    described: Descriptor[],
    stateful: boolean,
    { logger, clock, gather, reading = (read) => read() }: OpenOptions,
  ) {
    this.#collector = collector;
    this.#registry = registry;
    this.#logger = logger;
    this.#clock = clock;
    this.#reading = reading;
    this.#unchecked = collector.unchecked === true;
    this.#gatherer = new Gatherer(described, { ...gather, unchecked: this.#unchecked }, registry);
    this.stateful = stateful;
  }

  /** Opens a resource with a configuration that has been validated. Rejects with what the plugin threw. */
  static async open(plugin: Plugin, config: unknown, options: OpenOptions): Promise<OpenedCollector> {
    const registry = new Registry();
    let stateful = false;
    const { resource, signal, logger, clock, directory, state } = options;
    const context: OpenContext = {
      resource,
      signal,
      logger,
      clock,
      directory,
      registry,
      get state() {
        stateful = true;
        return state;
      },
    };
    const collector: unknown = await plugin.open(config as never, context);
    if (!isCollector(collector)) {
      throw pluginError(`The plugin "${plugin.name}" opened something without a collect function.`, {
        code: 'PLUGIN_BAD_COLLECTOR',
        fix: 'Return {collect} from open().',
      });
    }
    try {
      const own = collector.describe ? collector.describe() : (plugin.metrics ?? []);
      const described = [...firstOf(own, MAX_DESCRIPTORS), ...registry.describe()];
      return new OpenedCollector(collector, registry, described, stateful, options);
    } catch (error) {
      // What it has opened would stay open, once more with every retry. Why it is refused matters more than how it closes.
      await (async () => collector.close?.())().catch(() => undefined);
      throw error;
    }
  }

  get descriptors(): readonly Descriptor[] {
    return this.#gatherer.descriptors;
  }

  /** Changes labels, relabel rules and limits without touching the collector; what is exposed keeps its place. */
  adjust(gather: GatherOptions): void {
    this.#gatherer.adjust({ ...gather, unchecked: this.#unchecked });
  }

  /** Never rejects: whatever the plugin does becomes an outcome. */
  async collect(signal: AbortSignal, deadline: number): Promise<CollectResult> {
    const errors: ErrorInfo[] = [];
    try {
      const samples = await this.#collector.collect({
        signal,
        deadline,
        logger: this.#logger,
        clock: this.#clock,
        error: (error) => {
          if (errors.length < MAX_ERRORS) errors.push(toErrorInfo(error));
        },
      });
      return this.#reading(() => this.#resultOf(samples ?? [], { signal, deadline, errors }));
    } catch (error) {
      return failed(error, signal, errors);
    }
  }

  #resultOf(
    samples: unknown,
    { signal, deadline, errors }: { signal: AbortSignal; deadline: number; errors: ErrorInfo[] },
  ): CollectResult {
    if (!isIterable(samples)) throw noSamples(samples);
    const registered = this.#registry.collectors().map(
      (collector): Iterable<Sample> => ({
        [Symbol.iterator]: () => collector.collect()[Symbol.iterator](),
      }),
    );
    const { broken, isCut, ...result } = this.#gatherer.gatherAll(
      [samples as Iterable<Sample>, ...registered],
      () => this.#clock.now() >= deadline,
    );
    for (const { batch, samples: count, thrown } of broken) {
      // What throws before it has returned anything has failed as one that throws at once.
      if (batch === 0 && count === 0) throw thrown;
      if (errors.length < MAX_ERRORS) errors.push(toErrorInfo(thrown));
    }
    const problems = [...this.#gatherer.problems, ...result.problems];
    const all = [...errors, ...problems.map(({ error }) => error)].slice(0, MAX_ERRORS);
    const isLate = signal.aborted || (isCut && this.#clock.now() >= deadline);
    if (isLate) return { ...result, problems, outcome: 'timeout', errors: [timeoutError(), ...all] };
    if (result.dropped.limit) {
      const limits = all.filter(({ code }) => code.startsWith('LIMIT_'));
      const others = all.filter(({ code }) => !code.startsWith('LIMIT_'));
      return { ...result, problems, outcome: 'limit', errors: [...limits, ...others] };
    }
    return { ...result, problems, outcome: all.length > 0 ? 'partial' : 'ok', errors: all };
  }

  async pause(): Promise<void> {
    await this.#collector.pause?.();
  }

  async resume(): Promise<void> {
    await this.#collector.resume?.();
  }

  async close(): Promise<void> {
    await this.#collector.close?.();
  }
}

function isCollector(value: unknown): value is Collector {
  return typeof value === 'object' && value !== null && typeof (value as Collector).collect === 'function';
}

const isIterable = (value: unknown): boolean =>
  typeof (value as { [Symbol.iterator]?: unknown } | null)?.[Symbol.iterator] === 'function';

function noSamples(given: unknown): Error {
  const isAsync = typeof (given as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === 'function';
  const what = isAsync ? 'an asynchronous iterator' : `a ${typeof given}`;
  return pluginError(`collect() returned ${what}, which is no list of samples.`, {
    code: 'PLUGIN_BAD_SAMPLE',
    fix: 'Return an array of samples, or a promise of one.',
  });
}

function firstOf<T>(given: Iterable<T>, most: number): T[] {
  const list: T[] = [];
  for (const each of given) {
    if (list.length === most) {
      throw pluginError(`describe() returned more than ${most} metrics.`, {
        code: 'PLUGIN_BAD_DESCRIPTOR',
        fix: 'Describe a metric once, and tell its series apart by labels.',
      });
    }
    list.push(each);
  }
  return list;
}

function timeoutError(): ErrorInfo {
  return {
    code: 'TARGET_TIMEOUT',
    class: 'target',
    message: 'The collect took longer than its timeout.',
    fix: 'Look at what the resource reads, or raise its timeout.',
  };
}

function failed(thrown: unknown, signal: AbortSignal, errors: ErrorInfo[]): CollectResult {
  const nothing = { families: [], series: 0, dropped: {}, problems: [] };
  if (signal.aborted) {
    // What was thrown may say more than that time was up: which server did not answer, say.
    const said = thrown === signal.reason ? [] : [toErrorInfo(thrown)];
    return { ...nothing, outcome: 'timeout', errors: [timeoutError(), ...said, ...errors] };
  }
  const error = toErrorInfo(thrown);
  const isPlugin = error.class === 'plugin' || error.class === 'internal';
  return { ...nothing, outcome: isPlugin ? 'plugin' : 'target', errors: [error, ...errors] };
}

/**
 * A plugin's module, checked by structure: it may bring another version of the SDK.
 * @throws a plugin error that says what is missing
 */
export function pluginOf(module: unknown): Plugin {
  const plugin = (module as { default?: unknown }).default as Partial<Plugin> | undefined;
  const complete =
    typeof plugin === 'object' &&
    plugin !== null &&
    typeof plugin.name === 'string' &&
    typeof plugin.config === 'object' &&
    typeof plugin.open === 'function';
  if (!complete) {
    throw pluginError('The module has no plugin as its default export.', {
      code: 'PLUGIN_BAD_MODULE',
      fix: 'Write "export default definePlugin({name, config, open})".',
    });
  }
  if (plugin.contract !== CONTRACT_VERSION) {
    throw pluginError(
      `The plugin "${plugin.name}" speaks version ${plugin.contract} of the contract, this agent version ${CONTRACT_VERSION}.`,
      { code: 'PLUGIN_BAD_CONTRACT', fix: 'Install versions of agent and SDK that belong together.' },
    );
  }
  return plugin as Plugin;
}
