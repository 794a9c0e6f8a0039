import type { FileCounts } from '../file-counts.ts';
import type { LineSink } from '../lines/splitter.ts';
import type { CompiledPattern, Count } from '../patterns/compile.ts';
import { type Captures, type Extractor, NO_CAPTURES } from '../patterns/extractor.ts';

export interface EngineOptions {
  /** Reads the fields of the log format, if there is one. */
  readonly format?: Extractor | undefined;
  /** Tried on every line in this order. */
  readonly patterns: readonly CompiledPattern[];
  /** Called for lines that no pattern matched. */
  readonly otherwise?: readonly Count[];
}

/** What is known of one pattern since somebody observes. */
export interface PatternStatistics {
  readonly name: string;
  /** Lines that it matched. */
  matched: number;
  /** What it took to try it on all lines, and to count those that it matched. */
  nanoseconds: number;
}

/** Is told of lines as they are counted. */
export interface Observer {
  /** No pattern matched this line. */
  unmatched?(line: string): void;
}

/** Runs patterns over lines: each pattern on every line. */
export class Engine implements LineSink {
  readonly #format: Extractor | undefined;
  readonly #patterns: readonly CompiledPattern[];
  readonly #otherwise: readonly Count[];
  #observed: { readonly observer: Observer; readonly statistics: readonly PatternStatistics[] } | undefined;

  constructor({ format, patterns, otherwise = [] }: EngineOptions) {
    this.#format = format;
    this.#patterns = patterns;
    this.#otherwise = otherwise;
  }

  /**
   * Keeps statistics of the patterns from now on, in their order; what is returned is kept up to date. Every line takes
   * several times as long then, and nothing longer as long as nobody calls this.
   */
  observe(observer: Observer): readonly PatternStatistics[] {
    const statistics = this.#patterns.map(({ name }) => ({ name, matched: 0, nanoseconds: 0 }));
    this.#observed = { observer, statistics };
    return statistics;
  }

  lines(batch: readonly string[], counts: FileCounts): void {
    if (this.#observed) this.#runObserved(batch, counts, this.#observed.observer, this.#observed.statistics);
    else this.#run(batch, counts);
  }

  #run(batch: readonly string[], counts: FileCounts): void {
    for (const line of batch) {
      const fields = this.#format?.exec(line);
      let matched = false;
      for (const pattern of this.#patterns) if (isMatched(line, fields, pattern)) matched = true;
      if (!matched) this.#countUnmatched(fields, counts);
    }
  }

  #runObserved(
    batch: readonly string[],
    counts: FileCounts,
    observer: Observer,
    statistics: readonly PatternStatistics[],
  ): void {
    for (const line of batch) {
      const fields = this.#format?.exec(line);
      let matched = false;
      for (const [index, pattern] of this.#patterns.entries()) {
        const known = statistics[index] as PatternStatistics;
        const began = performance.now();
        if (isMatched(line, fields, pattern)) {
          known.matched++;
          matched = true;
        }
        known.nanoseconds += (performance.now() - began) * 1e6;
      }
      if (matched) continue;
      this.#countUnmatched(fields, counts);
      observer.unmatched?.(line);
    }
  }

  #countUnmatched(fields: Captures | null | undefined, counts: FileCounts): void {
    counts.unmatched++;
    for (const count of this.#otherwise) count(NO_CAPTURES, fields ?? NO_CAPTURES);
  }
}

/** Runs a pattern over a line, of which these are the format's fields if it has the format; says whether it matched. */
function isMatched(
  line: string,
  fields: Captures | null | undefined,
  { regex, field, when, counts }: CompiledPattern,
): boolean {
  const text = field === undefined ? line : fields?.[field];
  const captures = regex === undefined ? fields : text === undefined ? null : regex.exec(text);
  if (!captures || (when !== undefined && !when(captures, fields ?? NO_CAPTURES))) return false;
  for (const count of counts) count(captures, fields ?? NO_CAPTURES);
  return true;
}
