import { identityOf, type Proc } from './procfs.ts';

export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/** What a total needs to go on in another collector. */
export interface SavedTotal extends CpuTime {
  /** Seconds since 1970 of the last look. */
  readonly lookedAt: number;
  /** What each process of the group had used then. */
  readonly last: readonly (readonly [identity: string, time: CpuTime])[];
}

const isCpuTime = (value: unknown): value is CpuTime => {
  const { user, system } = (value ?? {}) as Partial<Record<keyof CpuTime, unknown>>;
  return [user, system].every((seconds) => typeof seconds === 'number' && seconds >= 0);
};

/** Whether a value that was read back is what `CpuTotal.save` gave. */
export function isSavedTotal(value: unknown): value is SavedTotal {
  const { lookedAt, last } = (value ?? {}) as Partial<Record<keyof SavedTotal, unknown>>;
  const isUse = (entry: unknown) =>
    Array.isArray(entry) && typeof entry[0] === 'string' && isCpuTime(entry[1]);
  return isCpuTime(value) && typeof lookedAt === 'number' && Array.isArray(last) && last.every(isUse);
}

/** Start times are derived from the boot time, which is in whole seconds. */
const START_TOLERANCE_SECONDS = 1;
const NOTHING: CpuTime = { user: 0, system: 0 };

/**
 * CPU time of a group that never falls: what an ended process used stays counted. What a process had used before it
 * was watched does not count, so that neither a restart of the agent nor an old process that comes to
 * the group looks like a burst.
 */
export class CpuTotal {
  #user = 0;
  #system = 0;
  #lookedAt: number | undefined;
  #last: ReadonlyMap<string, CpuTime> = new Map();

  /**
   * Adds what the group's processes used since the last look.
   * @param now seconds since 1970
   * @param startOf when a process started, in seconds since 1970
   */
  add(processes: readonly Proc[], now: number, startOf: (proc: Proc) => number): CpuTime {
    const watchedFrom = (this.#lookedAt ?? Number.POSITIVE_INFINITY) - START_TOLERANCE_SECONDS;
    const current = new Map<string, CpuTime>();
    for (const proc of processes) {
      const time = { user: proc.userSeconds, system: proc.systemSeconds };
      const unseen = startOf(proc) >= watchedFrom ? NOTHING : time;
      const before = this.#last.get(identityOf(proc)) ?? unseen;
      this.#user += Math.max(0, time.user - before.user);
      this.#system += Math.max(0, time.system - before.system);
      current.set(identityOf(proc), time);
    }
    this.#last = current;
    this.#lookedAt = now;
    return this.time;
  }

  get time(): CpuTime {
    return { user: rounded(this.#user), system: rounded(this.#system) };
  }

  save(): SavedTotal | undefined {
    if (this.#lookedAt === undefined) return undefined;
    return { user: this.#user, system: this.#system, lookedAt: this.#lookedAt, last: [...this.#last] };
  }

  restore({ user, system, lookedAt, last }: SavedTotal): void {
    this.#user = user;
    this.#system = system;
    this.#lookedAt = lookedAt;
    this.#last = new Map(last);
  }
}

/** Whole ticks were added, so the noise of adding floats is beyond the second decimal. */
const rounded = (seconds: number) => Math.round(seconds * 100) / 100;
