import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Descriptor } from './metric/descriptor.ts';
import type { Sample } from './metric/sample.ts';
import type { Static, TSchema } from './schema/schema.ts';

/** A recorded input: a file, or what comes in on stdin. */
export interface ReplayInput {
  /** As the user has written it, or `stdin`. */
  readonly name: string;
  /**
   * Its bytes, gzip undone, in chunks of any size; to be read once. They end early when the user wants no more: what
   * there is by then is the result.
   */
  chunks(): AsyncIterable<Buffer>;
}

/** What the agent gives a plugin's `replay`. */
export interface ReplayContext {
  /** The resource's name, for messages. */
  readonly resource: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The folder of the configuration file: relative paths in `config` start there. */
  readonly directory: string;
}

/** What came of a replay. */
export interface Replayed {
  /** Every metric that `samples` may be of; by default the plugin's `metrics`. */
  describe?(): Iterable<Descriptor>;
  /** What a collect would bring after all of the input. */
  readonly samples: Iterable<Sample>;
  /** What whoever wrote the configuration wants to know, as lines for a terminal of 100 columns. */
  readonly text: readonly string[];
  /** The same for programs: plain data, at most some hundred KiB as JSON. */
  readonly report: unknown;
}

/** How a plugin runs a configuration over a recorded input: `informer collect --plugin NAME --replay FILE`. */
export interface ReplayHook<S extends TSchema> {
  /**
   * The key of `config`, a list of strings, that says what is read otherwise. It need not be given: `run` finds the
   * input's name there.
   */
  readonly inputKey: string;
  /** Reads all of the input, in bounded memory; there is no timeout. It touches no state. */
  run(config: Static<S>, input: ReplayInput, context: ReplayContext): Replayed | Promise<Replayed>;
}
