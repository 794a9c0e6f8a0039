import type { MetricCollector } from '../registry/registry.ts';

/** What `registry.register` takes, and what observes until it is closed. */
export interface InstrumentCollector extends MetricCollector {
  /** Gives back observers and timers; `collect` goes on with what needs neither. Twice is no error. */
  close(): void;
}
