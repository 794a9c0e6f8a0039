import type { InformerError, Sample } from '@dynamic-informer/sdk';
import type { FileCounts } from '../file-counts.ts';
import type { LineSink } from '../lines/splitter.ts';
import type { CompiledPattern, Count } from '../patterns/compile.ts';
import { type Captures, type Extractor, NO_CAPTURES } from '../patterns/extractor.ts';
import { obstacleOf } from './linear.ts';
import { Offenders, type OffendersOptions } from './offenders.ts';
import { matchWithin, type Task, type TooLong } from './watchdog.ts';

export interface EngineOptions extends OffendersOptions {
  /** Finds the fields of the log format, if there is one. */
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

/** On lines as long as this, linear time can be long too. */
const LONG_LINE = 16_384;

interface Entry {
  readonly pattern: CompiledPattern;
  /** Its expression can take exponential time. */
  readonly isRisky: boolean;
  readonly statistics: PatternStatistics;
}

/** What patterns have found in a batch already: for each line, captures or null. */
type Found = ReadonlyMap<Entry, readonly (Captures | null)[]>;
type Fields = Captures | null | undefined;

/**
 * Runs patterns over lines: each pattern on every line, in their order. Expressions that V8's linear engine can't take over
 * are run under a watchdog: over a whole batch before anything is counted, as what is interrupted must not be half a
 * line's counters. So are all on long lines.
 */
export class Engine implements LineSink {
  readonly #limitMs: number;
  readonly #format: Extractor | undefined;
  readonly #otherwise: readonly Count[];
  readonly #offenders: Offenders;
  /** What is not switched off: all, their patterns, and those that are run under the watchdog. */
  #entries: readonly Entry[];
  #patterns: readonly CompiledPattern[] = [];
  #risky: readonly Entry[] = [];
  #observer: Observer | undefined;

  constructor(options: EngineOptions) {
    const { limitMs, format, patterns, otherwise = [] } = options;
    this.#limitMs = limitMs;
    this.#format = format;
    this.#otherwise = otherwise;
    this.#offenders = new Offenders(options);
    this.#entries = patterns.map((pattern) => ({
      pattern,
      isRisky: pattern.regex !== undefined && obstacleOf(pattern.regex.source) !== undefined,
      statistics: { name: pattern.name, matched: 0, nanoseconds: 0 },
    }));
    this.#arrange();
    for (const { pattern } of this.#risky) this.#offenders.expect(pattern.name);
  }

  /** Patterns that are switched off. */
  get problems(): readonly InformerError[] {
    return this.#offenders.problems;
  }

  samples(): Sample[] {
    return this.#offenders.samples();
  }

  /**
   * Keeps statistics of the patterns from now on, in their order; what is returned is kept up to date. Every line takes
   * several times as long then, and nothing longer as long as nobody calls this.
   */
  observe(observer: Observer): readonly PatternStatistics[] {
    this.#observer = observer;
    return this.#entries.map(({ statistics }) => statistics);
  }

  lines(batch: readonly string[], counts: FileCounts): void {
    if (this.#observer === undefined && this.#risky.length === 0) this.#run(batch, counts);
    else this.#runWatched(batch, counts);
  }

  /** Written out, for it is run for every line: the usual pattern, an expression for the whole line, takes no further call. */
  #run(batch: readonly string[], counts: FileCounts): void {
    const format = this.#format;
    for (const line of batch) {
      if (line.length >= LONG_LINE) {
        this.#runWatched([line], counts);
        continue;
      }
      const fields = format === undefined ? undefined : format.exec(line);
      // A long line before may have switched some off.
      const patterns = this.#patterns;
      let matched = false;
      for (let i = 0; i < patterns.length; i++) {
        const pattern = patterns[i] as CompiledPattern;
        const { regex, field } = pattern;
        const isUsual = regex !== undefined && field === undefined;
        const captures = isUsual ? regex.exec(line) : capturesOf(pattern, line, fields);
        if (captures && isCounted(pattern, captures, fields ?? NO_CAPTURES)) matched = true;
      }
      if (!matched) this.#countUnmatched(fields, counts);
    }
  }

  /** The same, with what may take long or is asked for by an observer. */
  #runWatched(batch: readonly string[], counts: FileCounts): void {
    const entries = this.#entries;
    const observer = this.#observer;
    const fieldsOf = batch.map((line) => this.#fieldsToKeep(line));
    const watched = batch.some((line) => line.length >= LONG_LINE) ? entries : this.#risky;
    const found = this.#search(watched, batch, fieldsOf, counts);
    for (const [at, line] of batch.entries()) {
      const fields = fieldsOf[at];
      let matched = false;
      for (const entry of entries) {
        const began = observer ? performance.now() : 0;
        const known = found.get(entry);
        const captures = known ? known[at] : capturesOf(entry.pattern, line, fields);
        if (captures && isCounted(entry.pattern, captures, fields ?? NO_CAPTURES)) {
          entry.statistics.matched++;
          matched = true;
        }
        if (observer) entry.statistics.nanoseconds += (performance.now() - began) * 1e6;
      }
      if (matched) continue;
      this.#countUnmatched(fields, counts);
      observer?.unmatched?.(line);
    }
  }

  /** Runs expressions over a batch, which may take them too long; changes no counters but those of timeouts. */
  #search(
    entries: readonly Entry[],
    batch: readonly string[],
    fieldsOf: readonly Fields[],
    counts: FileCounts,
  ): Found {
    const tasks: Task<Entry>[] = [];
    for (const entry of entries) {
      const { regex, field } = entry.pattern;
      if (regex === undefined) continue;
      const texts = field === undefined ? batch : fieldsOf.map((fields) => fields?.[field]);
      tasks.push({ pattern: entry, regex, texts, found: texts.map(() => null) });
    }
    if (tasks.length === 0) return new Map();
    this.#offenders.begin();
    const tooLong: TooLong<Entry> = ({ pattern }, at, certain) =>
      this.#offenders.note(pattern.name, batch[at] as string, counts, certain) ? 'leave out' : 'go on';
    if (this.#observer) {
      for (const task of tasks) {
        const began = performance.now();
        matchWithin(this.#limitMs, [task], tooLong);
        task.pattern.statistics.nanoseconds += (performance.now() - began) * 1e6;
      }
    } else matchWithin(this.#limitMs, tasks, tooLong);
    this.#arrange();
    return new Map(tasks.map(({ pattern, found }) => [pattern, found]));
  }

  /** Sorts the patterns anew, as one may have been switched off. */
  #arrange(): void {
    this.#entries = this.#entries.filter(({ pattern }) => !this.#offenders.isOff(pattern.name));
    this.#patterns = this.#entries.map(({ pattern }) => pattern);
    this.#risky = this.#entries.filter(({ isRisky }) => isRisky);
  }

  #fieldsToKeep(line: string): Fields {
    const fields = this.#format?.exec(line);
    return fields && Array.from(fields);
  }

  #countUnmatched(fields: Fields, counts: FileCounts): void {
    counts.unmatched++;
    for (const count of this.#otherwise) count(NO_CAPTURES, fields ?? NO_CAPTURES);
  }
}

function capturesOf({ regex, field }: CompiledPattern, line: string, fields: Fields): Fields {
  if (regex === undefined) return fields;
  if (field === undefined) return regex.exec(line);
  const text = fields?.[field];
  return text === undefined ? null : regex.exec(text);
}

/** Counts a line that a pattern's expression matched, if its conditions hold; says whether they do. */
function isCounted({ when, counts }: CompiledPattern, captures: Captures, fields: Captures): boolean {
  if (when !== undefined && !when(captures, fields)) return false;
  for (const count of counts) count(captures, fields);
  return true;
}
