import type { Logger, State } from '@dynamic-informer/sdk';
import type { Watched } from './config.ts';
import { type CpuTime, CpuTotal, isSavedTotal, type SavedTotal } from './cpu-time.ts';

/** The version of what is written. */
const VERSION = 1;

/**
 * The totals of all groups, which go on in the next collector. What is written is used once: after a crash
 * the totals begin at zero, which Prometheus takes for the reset that it is, and not at an older value, which it
 * would take for a burst.
 */
export class KeptTotals {
  readonly #state: State;
  readonly #totals: ReadonlyMap<string, CpuTotal>;
  #handedOver = false;

  private constructor(state: State, totals: ReadonlyMap<string, CpuTotal>) {
    this.#state = state;
    this.#totals = totals;
  }

  /** A group that finds other processes than before begins anew, as does one whose total can't be read. */
  static async open(state: State, groups: readonly Watched[], logger: Logger): Promise<KeptTotals> {
    const saved = parse(await state.read(VERSION), logger);
    const totals = new Map<string, CpuTotal>();
    for (const group of groups) {
      const total = new CpuTotal();
      const before = saved.get(keyOf(group));
      if (before) total.restore(before);
      totals.set(keyOf(group), total);
    }
    const kept = new KeptTotals(state, totals);
    await kept.#forget();
    return kept;
  }

  /** Adds what the group's processes used, unless the next collector counts that already; see `CpuTotal.add`. */
  add(group: Watched, ...look: Parameters<CpuTotal['add']>): CpuTime {
    const total = this.#totals.get(keyOf(group));
    if (!total) throw new RangeError(`The group "${group.name}" was not among those that were opened.`);
    return this.#handedOver ? total.time : total.add(...look);
  }

  /** Writes the totals for the next collector; after that they stay as they are. */
  async handOver(): Promise<void> {
    if (this.#handedOver) return;
    this.#handedOver = true;
    const saved = [...this.#totals].map(([key, total]) => [key, total.save()]);
    await this.#state.write(VERSION, Buffer.from(JSON.stringify(saved)));
  }

  /** Goes on itself, for there was no next one. */
  async takeBack(): Promise<void> {
    this.#handedOver = false;
    await this.#forget();
  }

  async #forget(): Promise<void> {
    await this.#state.write(VERSION, Buffer.from('[]'));
  }
}

const keyOf = ({ name, match, pid_file, scope }: Watched) => JSON.stringify([name, match, pid_file, scope]);

function parse(bytes: Uint8Array | undefined, logger: Logger): Map<string, SavedTotal> {
  const saved = new Map<string, SavedTotal>();
  if (!bytes) return saved;
  try {
    for (const [key, total] of JSON.parse(Buffer.from(bytes).toString()) as Iterable<[unknown, unknown]>) {
      // A group that was never looked at has nothing to go on from.
      if (total === null) continue;
      if (typeof key !== 'string' || !isSavedTotal(total)) throw new TypeError('it has another form');
      saved.set(key, total);
    }
  } catch (error) {
    logger.warn(`The state can not be read: ${(error as Error).message}. What follows in it starts anew.`);
  }
  return saved;
}
