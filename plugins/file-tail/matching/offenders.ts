import { type Clock, configError, type InformerError, type Logger, type Sample } from '@dynamic-informer/sdk';
import type { FileCounts } from '../file-counts.ts';
import * as own from '../metrics.ts';

/** So many lines within so long, and a pattern is switched off. */
const STRIKES = 3;
const STRIKES_WITHIN_MS = 5 * 60_000;
/** Nothing else happens in this process while patterns are given up on: after that long one line is enough. */
const MOST_AT_A_TIME_MS = 1000;
const EXCERPT = 100;

export interface OffendersOptions {
  readonly limitMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Counts lines that the pattern of that name took too long on. */
  readonly timeouts: (pattern: string) => { inc(): void };
  /** The file whose lines these counts are of, for messages. */
  readonly fileOf: (counts: FileCounts) => string;
}

/** Patterns that took too long on lines; those that do so repeatedly are switched off until the resource is opened anew. */
export class Offenders {
  readonly #options: OffendersOptions;
  /** By the name of a pattern, when it took too long, on the monotonic clock. */
  readonly #strikes = new Map<string, number[]>();
  readonly #off = new Map<string, InformerError>();
  #lostMs = 0;

  constructor(options: OffendersOptions) {
    this.#options = options;
  }

  /** What was lost is counted for each batch of lines by itself. */
  begin(): void {
    this.#lostMs = 0;
  }

  /** A pattern is likely to take too long some time: that it has not done so yet is worth a zero. */
  expect(pattern: string): void {
    this.#strikes.set(pattern, []);
    this.#options.timeouts(pattern);
  }

  isOff(pattern: string): boolean {
    return this.#off.has(pattern);
  }

  /** A line took a pattern too long, or for certain so; true if that switches it off. */
  note(pattern: string, line: string, counts: FileCounts, certain: boolean): boolean {
    const { limitMs, clock, logger, timeouts, fileOf } = this.#options;
    timeouts(pattern).inc();
    this.#lostMs += limitMs;
    const now = clock.monotonic();
    const strikes = (this.#strikes.get(pattern) ?? []).filter((at) => now - at < STRIKES_WITHIN_MS);
    if (certain) strikes.push(now);
    this.#strikes.set(pattern, strikes);
    const excerpt = line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line;
    logger.warn(
      `${fileOf(counts)}: ${pattern} did not end within ${limitMs} ms on a line of ${line.length} characters, which counts as ` +
        `not matched by it: ${JSON.stringify(excerpt)}`,
      { pattern },
    );
    const isOff = strikes.length >= STRIKES || (certain && this.#lostMs >= MOST_AT_A_TIME_MS);
    if (isOff) this.#switchOff(pattern);
    return isOff;
  }

  #switchOff(pattern: string): void {
    const { limitMs, logger } = this.#options;
    const fact = `${pattern} is switched off, as it took longer than ${limitMs} ms on several lines; the others go on.`;
    const fix =
      'Write it so that a text matches in one way only ("informer check" says what keeps it from running in linear time), ' +
      'or raise pattern_timeout; a restart of the resource switches it on again.';
    this.#off.set(pattern, configError(fact, { fix }));
    logger.error(`${fact} ${fix}`, { pattern });
  }

  get problems(): readonly InformerError[] {
    return [...this.#off.values()];
  }

  samples(): Sample[] {
    return Array.from(this.#strikes.keys(), (pattern) =>
      own.patternsOff.sample(this.isOff(pattern) ? 1 : 0, { pattern }),
    );
  }
}
