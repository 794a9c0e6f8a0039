import type { FileCounts } from '../file-counts.ts';
import type { LineSink } from '../lines/splitter.ts';
import type { Engine, PatternStatistics } from '../matching/engine.ts';
import { Kinds } from './kinds.ts';

/**
 * Hands records (lines, unless several are joined) on to an engine, and gathers what kinds of them no pattern
 * matched.
 */
export class ObservedLines implements LineSink {
  readonly statistics: readonly PatternStatistics[];
  readonly unmatched = new Kinds();
  readonly #engine: Engine;
  #batch: readonly string[] = [];
  /** How many of the batch are known to come before the next unmatched one. */
  #passed = 0;
  #before = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.statistics = engine.observe({ unmatched: (line) => this.#unmatched(line) });
  }

  /** How many there were. */
  get records(): number {
    return this.#before;
  }

  lines(batch: readonly string[], counts: FileCounts): void {
    this.#batch = batch;
    this.#passed = 0;
    this.#engine.lines(batch, counts);
    this.#before += batch.length;
  }

  /** Of two lines that are alike, both are unmatched: the first one from here on is the one that is meant. */
  #unmatched(line: string): void {
    this.#passed = this.#batch.indexOf(line, this.#passed) + 1;
    this.unmatched.add(line, this.#before + this.#passed);
  }
}
