import {
  type Clock,
  type CollectContext,
  type InformerError,
  type Logger,
  type Sample,
  type State,
  targetError,
} from '@dynamic-informer/sdk';
import type { Engine } from '../matching/engine.ts';
import type { LineCounter } from '../patterns/count.ts';
import { CHECKPOINT_VERSION, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { readBuffer } from './file.ts';
import type { Follower } from './follower.ts';

/** How often the files are looked at when nobody asks: a file that came and went between two looks is missed. */
const LOOK_EVERY_MS = 250;
/** How soon a file that is being written is read again: what is truncated unread is lost. */
const READ_EVERY_MS = 25;
const CHECKPOINT_EVERY_MS = 1000;
/** The part of a collect's time that may go into catching up; the rest is for handing the values over. */
const CATCH_UP_SHARE = 0.8;
const MAX_CATCH_UP_MS = 60_000;

export interface TailOptions {
  readonly follower: Follower;
  readonly counter: LineCounter;
  readonly engine: Engine;
  readonly state: State;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One loop does everything that changes a counter or an offset: look, read, write a checkpoint. What is exposed is what the
 * last checkpoint holds, so that a crash never takes a value back that somebody has seen.
 */
export class Tail {
  readonly #options: TailOptions;
  readonly #buffer = readBuffer();
  #exposed: readonly Sample[] = [];
  #writtenVersion = -1;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #writeProblem: InformerError | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;
  #failure: { error: unknown } | undefined;
  /** Collects that the next look begins to answer. */
  #asking: (() => void)[] = [];
  #wake = new AbortController();

  constructor(options: TailOptions) {
    this.#options = options;
  }

  /** Takes over what the last checkpoint holds, and follows the files that there are. */
  async open(): Promise<void> {
    const { state, counter, follower, logger } = this.#options;
    const bytes = await state.read(CHECKPOINT_VERSION);
    try {
      if (bytes) {
        const checkpoint = decodeCheckpoint(bytes);
        counter.restore(checkpoint.counters);
        follower.restore(checkpoint);
      }
    } catch (error) {
      logger.warn(`The state can not be read: ${(error as Error).message}. Counters and offsets start anew.`);
    }
    this.#exposed = this.#samples();
    await follower.look(true);
    this.resume();
  }

  async collect({ signal, deadline, clock, error }: CollectContext): Promise<readonly Sample[]> {
    const budget = Math.min(MAX_CATCH_UP_MS, Math.max(0, (deadline - clock.now()) * CATCH_UP_SHARE));
    const steps = this.#options.follower.steps;
    const answered = await this.#caughtUp(signal, budget);
    if (this.#failure) throw this.#failure.error;
    if (!answered && this.#options.follower.steps === steps) {
      const { busyWith } = this.#options.follower;
      error(
        targetError(`${busyWith}: the file system has not answered for ${Math.round(budget)} ms.`, {
          fix: 'Look at the disk or the network mount that holds it.',
        }),
      );
    }
    for (const problem of this.#options.follower.problems) error(problem);
    for (const problem of this.#options.engine.problems) error(problem);
    if (this.#writeProblem) error(this.#writeProblem);
    return this.#exposed;
  }

  /** Stops reading; offsets and counters are in the state when it returns. */
  async pause(): Promise<void> {
    if (this.#running === undefined) return;
    this.#stopping = true;
    this.#wake.abort();
    await this.#running;
    this.#running = undefined;
    if (this.#writtenVersion !== this.#options.follower.version) await this.#checkpoint();
    if (this.#writeProblem) this.#options.logger.warn(this.#writeProblem.message);
  }

  resume(): void {
    if (this.#running !== undefined) return;
    this.#stopping = false;
    this.#running = this.#run().catch((error: unknown) => {
      this.#failure = { error };
      this.#answer(this.#asking.splice(0));
    });
  }

  async close(): Promise<void> {
    await this.pause();
    await this.#options.follower.close();
  }

  async #run(): Promise<void> {
    const { follower, clock } = this.#options;
    let answering: (() => void)[] = [];
    let lookedAt = Number.NEGATIVE_INFINITY;
    while (!this.#stopping) {
      const asked = this.#asking.length > 0;
      if (asked || clock.monotonic() - lookedAt >= LOOK_EVERY_MS) {
        answering.push(...this.#asking.splice(0));
        await follower.look(asked);
        lookedAt = clock.monotonic();
      }
      const more = await follower.readRound(this.#buffer);
      await this.#checkpointIfDue(!more && answering.length > 0);
      if (more) continue;
      this.#answer(answering);
      answering = [];
      await this.#rest();
    }
    this.#answer(answering);
  }

  async #checkpointIfDue(now: boolean): Promise<void> {
    const dirty = this.#writtenVersion !== this.#options.follower.version;
    const due = this.#options.clock.monotonic() - this.#writtenAt >= CHECKPOINT_EVERY_MS;
    if (dirty && (now || due)) await this.#checkpoint();
  }

  /** Writes offsets and counters of one moment, and exposes them when they are kept. */
  async #checkpoint(): Promise<void> {
    const { follower, counter, state, clock } = this.#options;
    const { version } = follower;
    const samples = this.#samples();
    const bytes = encodeCheckpoint({ ...follower.dump(), counters: counter.dump() });
    this.#writtenAt = clock.monotonic();
    try {
      await state.write(CHECKPOINT_VERSION, bytes);
      this.#exposed = samples;
      this.#writtenVersion = version;
      this.#writeProblem = undefined;
    } catch (error) {
      this.#writeProblem = targetError(
        `The state can not be written, so the values stay as they were last kept: ${(error as Error).message}`,
        { fix: 'Make room under state_dir and let the agent write there.', cause: error },
      );
    }
  }

  #samples(): Sample[] {
    const { follower, counter, engine } = this.#options;
    return [...follower.samples(), ...counter.collect(), ...engine.samples()];
  }

  /** Resolves when everything that was in the files at the call has been read; false if the signal or the budget came first. */
  async #caughtUp(signal: AbortSignal, budgetMs: number): Promise<boolean> {
    if (this.#running === undefined || this.#failure) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const answer = () => resolve(true);
    const giveUp = () => resolve(false);
    this.#asking.push(answer);
    this.#wake.abort();
    const timer = setTimeout(giveUp, budgetMs);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      this.#asking = this.#asking.filter((other) => other !== answer);
    }
  }

  #answer(asking: readonly (() => void)[]): void {
    for (const answer of asking) answer();
  }

  /** Waits until it is time to read again or somebody asks. */
  async #rest(): Promise<void> {
    if (this.#asking.length > 0 || this.#stopping) return;
    this.#wake = new AbortController();
    const pause = this.#options.follower.active ? READ_EVERY_MS : LOOK_EVERY_MS;
    await this.#options.clock.sleep(pause, this.#wake.signal).catch((error: unknown) => {
      if (!this.#wake.signal.aborted) throw error;
    });
  }
}
