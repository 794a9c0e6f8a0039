import {
  type ELDHistogram,
  type EventLoopUtilization,
  monitorEventLoopDelay,
  performance,
} from 'node:perf_hooks';
import { counter, gauge, histogram } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

const lag = histogram(
  'nodejs_eventloop_lag_seconds',
  'How much later than due the event loop ran a timer, sampled at a fixed interval.',
  [],
  { buckets: BUCKETS, unit: 'seconds' },
);
const time = counter(
  'nodejs_eventloop_time_seconds_total',
  'Time that the event loop was running code (active) or waiting for something to happen (idle).',
  ['state'],
  { unit: 'seconds' },
);
const utilization = gauge(
  'nodejs_eventloop_utilization_ratio',
  'Share of the time since the last collect in which the event loop was active.',
  [],
  { unit: 'ratio' },
);

export const lagMetrics = [lag];
export const utilizationMetrics = [time, utilization];

/**
 * Node's delay monitor as a histogram that only grows, so that any number of scrapers can read it. The monitor
 * is never reset: it would skip the next interval, which holds what the scrape itself costs. Its
 * mode `samplePerIteration`, which needs no timer, is of no use here: it takes what the loop does in callbacks of
 * sockets for idle time, as long as a later timer is due.
 */
export class EventLoopLag {
  readonly #monitor: ELDHistogram;
  readonly #intervalNs: number;
  /** Samples at or below each bound when it was last looked at. */
  readonly #upTo = new Array<number>(BUCKETS.length).fill(0);
  #count = 0;
  #sum = 0;

  /** @param seconds between two samples, rounded to milliseconds. Each is a wake-up of the process. */
  constructor(seconds: number) {
    const resolution = Math.max(1, Math.round(seconds * 1000));
    this.#intervalNs = resolution * 1e6;
    this.#monitor = monitorEventLoopDelay({ resolution });
    this.#monitor.enable();
  }

  sample(): Sample {
    const { count, mean } = this.#monitor;
    const fresh = count - this.#count;
    this.#count = count;
    if (fresh > 0) {
      for (const [i, bound] of BUCKETS.entries()) {
        const before = this.#upTo[i] ?? 0;
        // What is recorded is the whole interval; the lag is what goes beyond.
        this.#upTo[i] = this.#countUpTo(bound * 1e9 + this.#intervalNs, before, before + fresh);
      }
      // A timer can be a little early, and a sum must not fall.
      this.#sum = Math.max(this.#sum, ((mean - this.#intervalNs) * count) / 1e9);
    }
    const counts = [...this.#upTo, count].map((upTo, i) => upTo - (this.#upTo[i - 1] ?? 0));
    return lag.sample({ counts, sum: this.#sum });
  }

  close(): void {
    this.#monitor.disable();
  }

  /**
   * How many samples are at most `ns`, given that they are `low` to `high`. The k-th smallest of n is the percentile
   * 100 k/n, so that they can be searched.
   */
  #countUpTo(ns: number, low: number, high: number): number {
    const isAtMost = (k: number) => this.#monitor.percentile((100 * k) / this.#count) <= ns;
    if (isAtMost(high)) return high;
    let atMost = low;
    let beyond = high;
    while (beyond - atMost > 1) {
      const middle = Math.floor((atMost + beyond) / 2);
      if (isAtMost(middle)) atMost = middle;
      else beyond = middle;
    }
    return atMost;
  }
}

/** Where the event loop's time went, as Node counts it anyway. */
export class EventLoopTime {
  #last: EventLoopUtilization = performance.eventLoopUtilization();

  *samples(): Iterable<Sample> {
    const now = performance.eventLoopUtilization();
    yield time.sample(now.active / 1000, { state: 'active' });
    yield time.sample(now.idle / 1000, { state: 'idle' });
    yield utilization.sample(performance.eventLoopUtilization(now, this.#last).utilization);
    this.#last = now;
  }
}
