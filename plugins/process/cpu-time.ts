import { identityOf, type Proc } from './procfs.ts';

export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/**
 * CPU time of a group that never falls: what an ended process used stays counted. What processes had used
 * before the first collect does not count, so that a restart of the agent does not look like a burst.
 */
export class CpuTotal {
  #user = 0;
  #system = 0;
  #last: Map<string, Proc> | undefined;

  /** Adds what the group's processes used since the last call. */
  add(processes: readonly Proc[]): CpuTime {
    const current = new Map(processes.map((proc) => [identityOf(proc), proc]));
    for (const [identity, proc] of current) {
      // One that appears later has used everything since.
      const before = this.#last ? (this.#last.get(identity) ?? NOTHING) : proc;
      this.#user += Math.max(0, proc.userSeconds - before.userSeconds);
      this.#system += Math.max(0, proc.systemSeconds - before.systemSeconds);
    }
    this.#last = current;
    return { user: rounded(this.#user), system: rounded(this.#system) };
  }
}

const NOTHING = { userSeconds: 0, systemSeconds: 0 };

/** Whole ticks were added, so the noise of adding floats is beyond the second decimal. */
const rounded = (seconds: number) => Math.round(seconds * 100) / 100;
