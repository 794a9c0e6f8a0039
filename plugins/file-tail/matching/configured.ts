import { type ConfigProblem, parseDuration } from '@dynamic-informer/sdk';
import type { Config } from '../config.ts';
import type { Compilation } from '../patterns/compile.ts';
import type { LineCounter } from '../patterns/count.ts';
import { Engine } from './engine.ts';
import { obstacleOf } from './linear.ts';
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

/** Patterns that only the watchdog ends, if they explode. */
export function* obstacleWarnings({ patterns }: Pick<Config, 'patterns'>): Iterable<ConfigProblem> {
  for (const [index, { match }] of patterns.entries()) {
    const obstacle = match === undefined || !isValid(match) ? undefined : obstacleOf(match);
    if (obstacle === undefined) continue;
    yield {
      severity: 'warning',
      path: ['patterns', index, 'match'],
      message: `can take very long on some lines, as V8's linear engine can't run it: it has ${obstacle.what}`,
      fix: `${obstacle.instead}; as it is, it is watched, and switched off if it takes longer than pattern_timeout again and again`,
    };
  }
}

function isValid(expression: string): boolean {
  try {
    new RegExp(expression);
    return true;
  } catch {
    return false;
  }
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
