import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@dynamic-informer/sdk';
import { type Override, readOverrides, writeOverrides } from './override-file.ts';

export interface OverridesPorts {
  readonly log: Logger;
  /** Its time is up: the configuration's wish counts again. */
  expired(resource: string, override: Override): void;
}

/** It looks at the clock at least this often while something can expire: clocks are set, and machines sleep. */
const LOOK_MS = 60_000;

/** What people have switched at run time, kept in the state folder so that it outlives the agent. */
export class Overrides {
  readonly #ports: OverridesPorts;
  #all = new Map<string, Override>();
  #file: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #unsaved: string | undefined;

  constructor(ports: OverridesPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Why what counts now would be forgotten at a restart; `undefined` if it is on disk. */
  get unsaved(): string | undefined {
    return this.#unsaved;
  }

  of(resource: string): Override | undefined {
    return this.#all.get(resource);
  }

  /** Takes up what an earlier agent has left in the folder; when the folder changes later, all moves along. */
  async use(folder: string): Promise<void> {
    const file = join(folder, 'overrides.json');
    const before = this.#file;
    if (file === before) return;
    this.#file = file;
    if (before !== undefined) {
      if (this.#all.size > 0 && (await this.#save()))
        await rm(before, { force: true }).catch(() => undefined);
      return;
    }
    const { overrides, problem } = await readOverrides(file);
    if (problem) {
      const { message, fix } = problem;
      this.#ports.log.error('state not usable', { code: 'CONFIG_STATE_DAMAGED', error: message, fix });
    }
    this.#all = new Map(overrides);
    await this.#expire();
  }

  /** From now on it counts; resolves when it is on disk, or `unsaved` says why it is not. */
  async set(resource: string, override: Override): Promise<void> {
    this.#all.set(resource, override);
    this.#arm();
    await this.#save();
  }

  /** The configuration's wish counts again. */
  async clear(resource: string): Promise<void> {
    if (!this.#all.delete(resource)) return;
    this.#arm();
    await this.#save();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
  }

  async #expire(): Promise<void> {
    const now = Date.now();
    const over = [...this.#all].filter(([, { until }]) => until !== undefined && until <= now);
    for (const [resource] of over) this.#all.delete(resource);
    this.#arm();
    for (const [resource, override] of over) this.#ports.expired(resource, override);
    if (over.length > 0) await this.#save();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const ends = [...this.#all.values()].flatMap(({ until }) => (until === undefined ? [] : [until]));
    if (ends.length === 0) return;
    const wait = Math.min(LOOK_MS, Math.max(0, Math.min(...ends) - Date.now()));
    this.#timer = setTimeout(() => void this.#expire(), wait);
    this.#timer.unref();
  }

  /** One write after the other, each of what counts when its turn has come. */
  #save(): Promise<boolean> {
    const saved = this.#writing.then(async () => {
      if (this.#file === undefined) return false;
      try {
        await writeOverrides(this.#file, this.#all);
        this.#unsaved = undefined;
        return true;
      } catch (error) {
        const { message } = error as Error;
        if (this.#unsaved === undefined) {
          const fix = 'make room or let the agent write there; until then it is forgotten at a restart';
          this.#ports.log.error('what was switched is not kept', {
            code: 'CONFIG_STATE_UNSAVED',
            error: message,
            fix,
          });
        }
        this.#unsaved = message;
        return false;
      }
    });
    this.#writing = saved;
    return saved;
  }
}
