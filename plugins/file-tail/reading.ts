import { type Clock, configError, type Descriptor, type Logger } from '@dynamic-informer/sdk';
import type { Config, PatternConfig } from './config.ts';
import type { FileCounts } from './file-counts.ts';
import { lineOptions } from './lines/options.ts';
import { type LineSink, LineSplitter } from './lines/splitter.ts';
import { engineOf } from './matching/configured.ts';
import type { Engine } from './matching/engine.ts';
import { OWN_METRICS } from './metrics.ts';
import { compileConfig } from './patterns/configured.ts';
import { LineCounter } from './patterns/count.ts';

/** What a configuration makes of bytes: lines, matches, counts. */
export interface Reading {
  readonly counter: LineCounter;
  readonly engine: Engine;
  readonly descriptors: readonly Descriptor[];
  /** The patterns that the engine runs, in their order, as they were written. */
  readonly patterns: readonly PatternConfig[];
  /** Makes what cuts one file into lines, for the engine or for what stands before it. */
  splitter(sink?: LineSink): LineSplitter;
}

export interface ReadingOptions {
  /** Where relative paths of files of patterns start. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What to call the file of some counts in messages. */
  readonly fileOf: (counts: FileCounts) => string;
}

/** @throws a config error if files of patterns have changed since they were validated, and are wrong now */
export async function readingOf(
  config: Config,
  { directory, ...surroundings }: ReadingOptions,
): Promise<Reading> {
  const { compilation, problems } = await compileConfig(config, directory, () => surroundings.clock.now());
  const problem = problems.find(({ severity }) => severity !== 'warning');
  if (problem) throw configError(problem.message, problem);
  const counter = new LineCounter(compilation, config.max_label_values, surroundings.logger);
  const engine = engineOf(config, compilation, counter, surroundings);
  const options = lineOptions(config);
  return {
    counter,
    engine,
    patterns: compilation.patterns.map((pattern) => pattern.config),
    descriptors: [...OWN_METRICS, ...[...compilation.metrics.values()].map(({ descriptor }) => descriptor)],
    splitter: (sink = engine) => new LineSplitter(options, sink),
  };
}
