import pLimit from 'p-limit';

/** What the scheduler knows of a resource. */
export interface Collectable {
  readonly name: string;
  /** Settles when there is something to collect from, or nothing to wait for. No slot is taken before. */
  settled(): Promise<void>;
  collect(): Promise<void>;
}

interface Entry {
  readonly target: Collectable;
  every: 'scrape' | number;
  timer: NodeJS.Timeout | undefined;
  /** The collect that runs now; whoever asks meanwhile shares it. */
  running: Promise<void> | undefined;
  /** The last collect took all of its timeout, or nearly. */
  slow: boolean;
}

export interface SchedulerOptions {
  readonly concurrency: number;
  /** Called with the seconds that a collect waited for its slot. */
  waited(seconds: number): void;
}

/**
 * Decides when collects run and how many at one time. A slot is taken until the work is over or dead, and
 * resources whose last collect took their timeout share a quarter of the slots, so that they can't starve the rest.
 */
export class Scheduler {
  readonly #entries = new Map<string, Entry>();
  readonly #limit;
  readonly #slowLimit;
  readonly #waited: (seconds: number) => void;

  constructor({ concurrency, waited }: SchedulerOptions) {
    this.#limit = pLimit(concurrency);
    this.#slowLimit = pLimit(Math.max(1, Math.floor(concurrency / 4)));
    this.#waited = waited;
  }

  get running(): number {
    return this.#limit.activeCount;
  }
  get waiting(): number {
    return this.#limit.pendingCount + this.#slowLimit.pendingCount;
  }

  setConcurrency(concurrency: number): void {
    this.#limit.concurrency = concurrency;
    this.#slowLimit.concurrency = Math.max(1, Math.floor(concurrency / 4));
  }

  /** Adds a resource, or changes when it is collected. One with an interval is collected at once, when it is new. */
  add(target: Collectable, every: 'scrape' | number): void {
    const present = this.#entries.get(target.name);
    if (present?.target === target) {
      if (present.every === every) return;
      present.every = every;
      this.#arm(present);
      return;
    }
    this.remove(target.name);
    const entry: Entry = { target, every, timer: undefined, running: undefined, slow: false };
    this.#entries.set(target.name, entry);
    if (every === 'scrape') return;
    void this.#collect(entry);
    this.#arm(entry);
  }

  remove(name: string): void {
    clearTimeout(this.#entries.get(name)?.timer);
    this.#entries.delete(name);
  }

  /** Whether the last collect of the resource took all of its timeout, or nearly. */
  markSlow(name: string, slow: boolean): void {
    const entry = this.#entries.get(name);
    if (entry) entry.slow = slow;
  }

  isRunning(name: string): boolean {
    return this.#entries.get(name)?.running !== undefined;
  }

  /** Collects a resource now, or joins the collect that is under way. */
  async collect(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry) await this.#collect(entry);
  }

  stop(): void {
    for (const name of [...this.#entries.keys()]) this.remove(name);
  }

  #collect(entry: Entry): Promise<void> {
    if (entry.running) return entry.running;
    entry.running = this.#collectInSlot(entry).finally(() => {
      entry.running = undefined;
    });
    return entry.running;
  }

  async #collectInSlot(entry: Entry): Promise<void> {
    await entry.target.settled();
    const asked = performance.now();
    const work = async () => {
      this.#waited((performance.now() - asked) / 1000);
      await entry.target.collect();
    };
    await (entry.slow ? this.#slowLimit(() => this.#limit(work)) : this.#limit(work));
  }

  /** The next turn lies on the resource's own offset, so that many resources spread over the interval. */
  #arm(entry: Entry): void {
    clearTimeout(entry.timer);
    const { every, target } = entry;
    if (every === 'scrape') return;
    const now = Date.now();
    const offset = offsetOf(target.name, every);
    const next = (Math.floor((now - offset) / every) + 1) * every + offset;
    entry.timer = setTimeout(() => {
      this.#arm(entry);
      void this.#collect(entry);
    }, next - now);
  }
}

/** A number from 0 to `every` that stays the same for a name: FNV-1a, 32 bits. */
export function offsetOf(name: string, every: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % every;
}
