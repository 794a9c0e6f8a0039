import { type ConfigProblem, parseDuration } from '@dynamic-informer/sdk';
import type { Config } from '../config.ts';
import type { Compilation } from '../patterns/compile.ts';
import type { LineCounter } from '../patterns/count.ts';
import { Engine } from './engine.ts';
import type { OffendersOptions } from './offenders.ts';

const LEAST_MS = 10;
/** All files wait for a pattern that takes so long, and so does a collect. */
const MOST_MS = 2000;

/** What is wrong with `pattern_timeout`. */
export function* limitProblems({ pattern_timeout: limit }: Config): Iterable<ConfigProblem> {
  const ms = parseDuration(limit);
  if (ms >= LEAST_MS && ms <= MOST_MS) return;
  const fact =
    ms < LEAST_MS
      ? 'too short to tell a pattern that never ends from a busy machine'
      : 'so long that all files would wait';
  yield {
    path: ['pattern_timeout'],
    message: `${limit} is ${fact}`,
    fix: `choose something from ${LEAST_MS}ms to ${MOST_MS / 1000}s`,
  };
}

/** The engine that runs a configuration's patterns, and lets the counter count. */
export function engineOf(
  config: Pick<Config, 'pattern_timeout'>,
  compilation: Compilation,
  counter: LineCounter,
  surroundings: Pick<OffendersOptions, 'clock' | 'logger' | 'fileOf'>,
): Engine {
  return new Engine({
    ...surroundings,
    format: compilation.extractor,
    patterns: counter.patterns,
    otherwise: counter.otherwise,
    limitMs: parseDuration(config.pattern_timeout),
    timeouts: (pattern) => counter.timeouts(pattern),
  });
}
