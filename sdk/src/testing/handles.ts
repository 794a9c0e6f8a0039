import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { readdirSync, readlinkSync } from 'node:fs';

/** What a process holds: how many of each thing. */
export type Held = ReadonlyMap<string, number>;

/** How long nothing has to go away before what is left counts as left behind. */
const PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 20;
/** How long timeouts are waited for. */
const LONGEST_TIMEOUT_MS = 10_000;

const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));

/**
 * Looks at what keeps the process alive (sockets, timers, children), at its open files, and at the intervals that
 * were set within `within` and never cleared, those that keep nothing alive too.
 */
export class HandleWatch implements Disposable {
  readonly #scope = new AsyncLocalStorage<HandleWatch>();
  readonly #intervals = new Set<number>();
  readonly #timeouts = new Set<number>();
  readonly #hook;

  constructor() {
    this.#hook = createHook({
      init: (id, type, _trigger, resource) => {
        if (type !== 'Timeout' || this.#scope.getStore() !== this) return;
        // Node.js keeps in `_repeat` the milliseconds of an interval, and null for a timeout.
        const isInterval = typeof (resource as { _repeat?: unknown })._repeat === 'number';
        (isInterval ? this.#intervals : this.#timeouts).add(id);
      },
      destroy: (id) => {
        this.#intervals.delete(id);
        this.#timeouts.delete(id);
      },
      trackPromises: false,
    }).enable();
  }

  /** Runs what is watched. */
  within<T>(run: () => Promise<T>): Promise<T> {
    return this.#scope.run(this, run);
  }

  look(): Held {
    const held = new Map<string, number>();
    const count = (kind: string, number = 1) => held.set(kind, (held.get(kind) ?? 0) + number);
    for (const kind of process.getActiveResourcesInfo()) {
      if (kind !== 'CloseReq' && kind !== 'Immediate') count(kind);
    }
    for (const file of openFiles()) count(`open file ${file}`);
    if (this.#intervals.size > 0) count('interval', this.#intervals.size);
    return held;
  }

  /** Resolves when every timeout that was set within has passed, or has had long enough: some keep nothing alive. */
  async timeoutsPassed(): Promise<void> {
    const end = performance.now() + LONGEST_TIMEOUT_MS;
    while (this.#timeouts.size > 0 && performance.now() < end) await pause();
  }

  /** What is held beyond `before` when nothing goes away any more; sockets close a turn or two after they are told to. */
  async left(before: Held): Promise<string[]> {
    let fewest = Number.POSITIVE_INFINITY;
    let since = performance.now();
    for (;;) {
      const more = difference(before, this.look());
      if (more.size === 0) return [];
      const total = [...more.values()].reduce((sum, number) => sum + number, 0);
      if (total < fewest) {
        fewest = total;
        since = performance.now();
      }
      if (performance.now() - since > PATIENCE_MS) return [...more].map(([kind, n]) => `${n} × ${kind}`);
      await pause();
    }
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
  }
}

function difference(before: Held, now: Held): Map<string, number> {
  const more = new Map<string, number>();
  for (const [kind, number] of now) {
    const extra = number - (before.get(kind) ?? 0);
    if (extra > 0) more.set(kind, extra);
  }
  return more;
}

/** What each descriptor leads to, where the system tells; sockets and pipes without their number. */
function openFiles(): string[] {
  const folder = '/proc/self/fd';
  try {
    return readdirSync(folder).flatMap((fd) => {
      try {
        return readlinkSync(`${folder}/${fd}`).replace(/:\[\d+\]$/, '');
      } catch {
        // The one that read the folder is closed by now.
        return [];
      }
    });
  } catch {
    return [];
  }
}
