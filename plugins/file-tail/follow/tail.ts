import { setImmediate } from 'node:timers/promises';
import {
  type Clock,
  type CollectContext,
  type InformerError,
  type Logger,
  type Sample,
  type State,
  systemClock,
  targetError,
} from '@dynamic-informer/sdk';
import type { Engine } from '../matching/engine.ts';
import * as own from '../metrics.ts';
import type { LineCounter } from '../patterns/count.ts';
import { CHECKPOINT_VERSION, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import type { Lanes } from './lanes.ts';

/** How often it is looked what there is to do when nobody asks. */
const TURN_EVERY_MS = 250;
/** How soon a file that is being written is read again: what is truncated unread is lost. */
const READ_EVERY_MS = 25;
const CHECKPOINT_EVERY_MS = 1000;
/** Checkpoints take no more than this part of the time, unless a collect asks. */
const CHECKPOINT_SHARE = 0.05;
/** One collect names no more problems than this; the metrics count them all. */
const MAX_PROBLEMS = 20;
/** How long opening waits for file systems that are slow; their files are followed as soon as they answer. */
const MAX_OPENING_MS = 3000;
/** The part of a collect's time that may go into catching up; the rest is for handing the values over. */
const CATCH_UP_SHARE = 0.8;
const MAX_CATCH_UP_MS = 60_000;

export interface TailOptions {
  readonly lanes: Lanes;
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
  #exposed: readonly Sample[] = [];
  #writtenVersion = -1;
  #writtenAt = Number.NEGATIVE_INFINITY;
  /** Since when there is something that is not kept. */
  #unkeptSince: number | undefined;
  #writeTook = 0;
  #writing = false;
  #writeProblem: InformerError | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;
  #failure: { error: unknown } | undefined;
  /** Collects that the next turn begins to answer. */
  #asking: (() => void)[] = [];
  #wake = new AbortController();

  constructor(options: TailOptions) {
    this.#options = options;
  }

  /** Takes over what the last checkpoint holds, and follows the files that there are. */
  async open(): Promise<void> {
    const { state, counter, lanes, logger } = this.#options;
    const bytes = await state.read(CHECKPOINT_VERSION);
    try {
      if (bytes) {
        const checkpoint = decodeCheckpoint(bytes);
        counter.restore(checkpoint.counters);
        lanes.restore(checkpoint);
      }
    } catch (error) {
      logger.warn(`The state can not be read: ${(error as Error).message}. Counters and offsets start anew.`);
    }
    this.#exposed = this.#samples();
    const start = systemClock.monotonic();
    const pass = await lanes.turn(true);
    while (!lanes.isOpened(pass) && systemClock.monotonic() - start < MAX_OPENING_MS) {
      await systemClock.sleep(1);
      await lanes.turn(false);
    }
    this.resume();
  }

  async collect({ signal, deadline, clock, error }: CollectContext): Promise<readonly Sample[]> {
    const { lanes } = this.#options;
    const budget = Math.min(MAX_CATCH_UP_MS, Math.max(0, (deadline - clock.now()) * CATCH_UP_SHARE));
    const answered = await this.#caughtUp(signal, budget);
    if (this.#failure) throw this.#failure.error;
    const { problems } = lanes;
    for (const problem of problems.slice(0, MAX_PROBLEMS)) error(problem);
    if (problems.length > MAX_PROBLEMS) {
      error(targetError(`${problems.length - MAX_PROBLEMS} more files or folders can not be read.`));
    }
    if (!answered && problems.length === 0) {
      const late = this.#writing ? 'The state' : lanes.late(budget);
      if (late) error(notAnswering(late, budget));
    }
    for (const problem of this.#options.engine.problems) error(problem);
    if (this.#writeProblem) error(this.#writeProblem);
    return [...this.#exposed, own.checkpointAge.sample(this.#age())];
  }

  /** Stops reading; offsets and counters are in the state when it returns. */
  async pause(): Promise<void> {
    if (this.#running === undefined) return;
    this.#stopping = true;
    this.#wake.abort();
    await this.#running;
    this.#running = undefined;
    await this.#options.lanes.rest();
    if (this.#isDirty) await this.#checkpoint();
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
    await this.#options.lanes.close();
  }

  async #run(): Promise<void> {
    const { lanes } = this.#options;
    const answering: (() => void)[] = [];
    let askedFor = 0;
    while (!this.#stopping) {
      const asked = this.#asking.splice(0);
      answering.push(...asked);
      const pass = await lanes.turn(asked.length > 0);
      if (asked.length > 0) askedFor = pass;
      const isThrough = answering.length > 0 && lanes.isThrough(askedFor);
      await this.#checkpointIfDue(isThrough);
      if (lanes.more) continue;
      if (isThrough) this.#answer(answering.splice(0));
      await this.#rest(answering.length > 0 || lanes.active ? READ_EVERY_MS : TURN_EVERY_MS);
    }
    this.#answer(answering);
  }

  get #isDirty(): boolean {
    return this.#writtenVersion !== this.#options.lanes.version;
  }

  /** Seconds for which something has not been kept. */
  #age(): number {
    if (this.#unkeptSince === undefined) return 0;
    return (this.#options.clock.monotonic() - this.#unkeptSince) / 1000;
  }

  async #checkpointIfDue(now: boolean): Promise<void> {
    if (!this.#isDirty) return;
    this.#unkeptSince ??= this.#options.clock.monotonic();
    const pause = Math.max(CHECKPOINT_EVERY_MS, this.#writeTook / CHECKPOINT_SHARE);
    const due = this.#options.clock.monotonic() - this.#writtenAt >= pause;
    if (now || due) await this.#checkpoint();
  }

  /** Writes offsets and counters of one moment, and exposes them when they are kept. */
  async #checkpoint(): Promise<void> {
    const { lanes, counter, state, clock } = this.#options;
    // What does not wait for a file system comes to its end first: no step is half done in what is written.
    await setImmediate();
    const { version } = lanes;
    const samples = this.#samples();
    const start = clock.monotonic();
    const bytes = encodeCheckpoint({ ...lanes.dump(), counters: counter.dump() });
    this.#writtenAt = start;
    this.#writing = true;
    try {
      await state.write(CHECKPOINT_VERSION, bytes);
      this.#exposed = samples;
      this.#writtenVersion = version;
      this.#unkeptSince = this.#isDirty ? start : undefined;
      this.#writeProblem = undefined;
    } catch (error) {
      this.#writeProblem = targetError(
        `The state can not be written, so the values stay as they were last kept: ${(error as Error).message}`,
        { fix: 'Make room under state_dir and let the agent write there.', cause: error },
      );
    } finally {
      this.#writing = false;
      this.#writeTook = clock.monotonic() - start;
    }
  }

  #samples(): Sample[] {
    const { lanes, counter, engine } = this.#options;
    return [...lanes.samples(), ...counter.collect(), ...engine.samples()];
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

  /** Waits for so long, or until somebody asks. */
  async #rest(ms: number): Promise<void> {
    if (this.#asking.length > 0 || this.#stopping) return;
    this.#wake = new AbortController();
    await this.#options.clock.sleep(ms, this.#wake.signal).catch((error: unknown) => {
      if (!this.#wake.signal.aborted) throw error;
    });
  }
}

function notAnswering(what: string, ms: number): InformerError {
  return targetError(`${what}: the file system has not answered for ${Math.round(ms)} ms.`, {
    fix: 'Look at the disk or the network mount that holds it.',
  });
}
