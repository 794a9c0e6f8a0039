import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import type { Sample } from '../metric/sample.ts';
import { Registry } from '../registry/registry.ts';

const BUCKETS = [0.0001, 0.001, 0.01, 0.1, 1, 2, 5];
const KIND = /^NODE_PERFORMANCE_GC_(?!FLAGS_)(.+)$/;

/** `minor`, `major`, … by V8's number, as this version of Node knows them. */
const KINDS: ReadonlyMap<unknown, string> = new Map(
  Object.entries(constants).flatMap(([name, number]): [number, string][] => {
    const kind = KIND.exec(name)?.[1];
    return kind === undefined ? [] : [[number, kind.toLowerCase()]];
  }),
);

type GcEntry = PerformanceEntry & { readonly detail?: { readonly kind?: number } };

/** How long garbage collections take; V8 tells of each. */
export class GcDurations {
  readonly #registry = new Registry();
  readonly #family = this.#registry.histogram(
    'nodejs_gc_duration_seconds',
    'How long garbage collections stopped or slowed the program, by kind: minor, major, incremental, weakcb.',
    ['kind'],
    { buckets: BUCKETS, unit: 'seconds' },
  );
  readonly #observer = new PerformanceObserver((list) => this.#count(list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  describe = () => this.#registry.describe();

  samples(): Iterable<Sample> {
    // Those that Node has, and would hand over in a later turn.
    this.#count(this.#observer.takeRecords());
    return this.#registry.collect();
  }

  close(): void {
    this.#count(this.#observer.takeRecords());
    this.#observer.disconnect();
  }

  #count(entries: readonly PerformanceEntry[]): void {
    for (const { duration, detail } of entries as GcEntry[]) {
      const kind = detail?.kind;
      this.#family.with({ kind: KINDS.get(kind) ?? 'other' }).observe(duration / 1000);
    }
  }
}
