import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Descriptor } from './metric/descriptor.ts';
import type { Sample } from './metric/sample.ts';
import type { Registry } from './registry/registry.ts';
import type { ReplayHook } from './replay.ts';
import type { Static, TSchema } from './schema/schema.ts';

/** The version of what passes between a plugin and the host that runs it. */
export const CONTRACT_VERSION = 1;

/** Bytes that outlive the collector: a restart of the agent, a change of configuration or of code. */
export interface State {
  /** What was last written, or `undefined`; only what `version` wrote comes back. */
  read(version: number): Promise<Uint8Array | undefined>;
  /** Replaces what is kept, atomically and durably. `version` is the plugin's own, of its format. */
  write(version: number, bytes: Uint8Array): Promise<void>;
}

/** What the agent gives a plugin's `open`. */
export interface OpenContext {
  /** The resource's name, for messages. */
  readonly resource: string;
  /** Aborts when opening takes longer than `open_timeout`. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
  /** For instruments that the collector keeps; they are described and collected without further ado. */
  readonly registry: Registry;
  /** Reading this property makes the collector a stateful one: it is paused before a successor opens. */
  readonly state: State;
  /** The folder of the configuration file: relative paths in `config` start there. */
  readonly directory: string;
}

/** What the agent gives a plugin's `validate`. */
export interface ValidateContext {
  /** The folder of the configuration file: relative paths in `config` start there. */
  readonly directory: string;
}

/** What the agent gives a collector's `collect`, anew each time. */
export interface CollectContext {
  /** Aborts at the deadline; what is returned within 250 ms after that still counts. */
  readonly signal: AbortSignal;
  /** When `signal` aborts, in the clock's `now()` milliseconds. */
  readonly deadline: number;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Reports a part that failed; what is returned is kept and the outcome is `partial`. */
  error(error: unknown): void;
}

/** What may be given at once or later. */
type Awaitable<T> = T | Promise<T>;

/** An opened resource. */
export interface Collector {
  /** Every metric that a collect may return, beside the registry's; by default the plugin's `metrics`. */
  describe?(): Iterable<Descriptor>;
  /**
   * Samples of metrics that nobody described are taken too: for what learns names as it goes, a fan-in say.
   * Everything else is checked as ever.
   */
  readonly unchecked?: boolean;
  /** The current values. Called again only after the last call settled. */
  collect(context: CollectContext): Awaitable<Iterable<Sample> | undefined>;
  /** Stops changing what it counts and writes its state: a successor is about to read it. */
  pause?(): Awaitable<void>;
  /** Goes on after a pause, because the successor failed. */
  resume?(): Awaitable<void>;
  /** Gives everything back: sockets, timers, files. */
  close?(): Awaitable<void>;
}

/** What the schema can't say about a configuration. */
export interface ConfigProblem {
  /** Keys from `config` inwards. */
  path: readonly (string | number)[];
  message: string;
  fix?: string;
  /** With `error`, which is the default, the configuration is refused; with `warning` it is used, and the operator told. */
  severity?: 'error' | 'warning';
}

/** What a plugin's author writes. */
export interface PluginDefinition<S extends TSchema> {
  /** As configurations write it: lower case with dashes. */
  name: string;
  /** One sentence for `informer plugins`. */
  description?: string;
  config: S;
  /** Metrics that are known without a configuration; shown by `informer plugins show`. */
  metrics?: readonly Descriptor[];
  /**
   * Checks beyond the schema. It must not touch the world, files that belong to the configuration aside: `informer check`
   * calls it too.
   */
  validate?(config: Static<S>, context: ValidateContext): Awaitable<Iterable<ConfigProblem>>;
  /**
   * The same configuration for one target that a caller names, in place of those that it has; what this gives is
   * checked like any other. With it, resources that say `probe: true` answer at `/probe?resource=NAME&target=TARGET`.
   */
  probe?(config: Static<S>, target: string): Static<S>;
  /** Runs a configuration over a recorded input instead of the world, for `informer collect --replay FILE`. */
  replay?: ReplayHook<S>;
  open(config: Static<S>, context: OpenContext): Awaitable<Collector>;
}

/** What `definePlugin` gives, and the agent loads. */
export interface Plugin<S extends TSchema = TSchema> extends PluginDefinition<S> {
  readonly contract: number;
}

/** Declares a plugin; a module's default export. The type of `config` follows from its schema. */
export function definePlugin<S extends TSchema>(definition: PluginDefinition<S>): Plugin<S> {
  return { contract: CONTRACT_VERSION, ...definition };
}
