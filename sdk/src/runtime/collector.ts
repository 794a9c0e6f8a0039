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
}

/** How many errors of one collect are handed on. */
const MAX_ERRORS = 20;

/**
 * An opened resource as whoever runs it sees it: what the plugin gave, behind checks. The same code runs
 * in a host process, in the agent for its self-metrics, and in tests.
 */
export class OpenedCollector {
  readonly #collector: Collector;
  readonly #registry: Registry;
  readonly #described: Descriptor[];
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #unchecked: boolean;
  #gatherer: Gatherer;
  /** The collector used its context's state, so that two must not run at one time. */
  readonly stateful: boolean;

  private constructor(
    collector: Collector,
    registry: Registry,
    described: Descriptor[],
    stateful: boolean,
    { logger, clock, gather }: OpenOptions,
  ) {
    this.#collector = collector;
    this.#registry = registry;
    this.#described = described;
    this.#logger = logger;
    this.#clock = clock;
    this.#unchecked = collector.unchecked === true;
    this.#gatherer = this.#makeGatherer(gather);
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
      return new OpenedCollector(collector, registry, [...own, ...registry.describe()], stateful, options);
    } catch (error) {
      // What it has opened would stay open, once more with every retry. Why it is refused matters more than how it closes.
      await (async () => collector.close?.())().catch(() => undefined);
      throw error;
    }
  }

  get descriptors(): readonly Descriptor[] {
    return this.#gatherer.descriptors;
  }

  /** Changes labels, relabel rules and limits without touching the collector. */
  adjust(gather: GatherOptions): void {
    this.#gatherer = this.#makeGatherer(gather);
  }

  #makeGatherer(gather: GatherOptions): Gatherer {
    return new Gatherer(this.#described, { ...gather, unchecked: this.#unchecked }, this.#registry);
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
      return this.#resultOf([samples ?? [], ...this.#registry.collected(errors)], signal, errors);
    } catch (error) {
      return failed(error, signal, errors);
    }
  }

  #resultOf(samples: readonly Iterable<Sample>[], signal: AbortSignal, errors: ErrorInfo[]): CollectResult {
    const result = this.#gatherer.gather(...samples);
    const problems = [...this.#gatherer.problems, ...result.problems];
    const all = [...errors, ...problems.map(({ error }) => error)].slice(0, MAX_ERRORS);
    if (signal.aborted) return { ...result, problems, outcome: 'timeout', errors: [timeoutError(), ...all] };
    if (result.dropped.limit) return { ...result, problems, outcome: 'limit', errors: all };
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
