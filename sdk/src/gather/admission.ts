import type { SeriesSource } from '../registry/source.ts';
import type { Footprint } from './footprint.ts';
import { type Limit, type Limits, Room } from './limits.ts';
import type { Refusals } from './refusals.ts';

/** Decides which series may be exposed where not all of them may. */
export class Admission {
  /** What the last decision was about; it stands until something comes or goes. */
  #sources: readonly SeriesSource[] = [];
  #versions: readonly number[] = [];
  #refused: readonly { readonly limit: Limit; readonly lines: number }[] = [];

  /**
   * Moves each source's fence to where its series end that may be exposed: all of them, if that is within the
   * limits. Else what was exposed before keeps its place, whichever source it is of. Newcomers come after that,
   * those of the source that has the fewest first, and of each source the oldest first.
   */
  admit(footprints: readonly Footprint[], limits: Limits, refusals: Refusals): void {
    const whole = new Room(limits);
    for (const { lines, bytes } of footprints) whole.occupy(lines, bytes);
    if (!whole.isOver) {
      for (const { source } of footprints) source.fence = source.slotBound;
      this.#sources = [];
      return;
    }
    if (this.#isStale(footprints)) this.#decide(footprints, limits);
    for (const { limit, lines } of this.#refused) refusals.note(limit, lines);
  }

  #isStale(footprints: readonly Footprint[]): boolean {
    return (
      footprints.length !== this.#sources.length ||
      footprints.some(({ source }, i) => source !== this.#sources[i] || source.version !== this.#versions[i])
    );
  }

  #decide(footprints: readonly Footprint[], limits: Limits): void {
    const room = new Room(limits);
    const queues = footprints.map((footprint) => new Queue(footprint));
    for (const queue of queues) queue.admit(room, queue.source.fence);
    for (const queue of queues.toSorted((a, b) => a.linesLeft - b.linesLeft)) {
      queue.admit(room, Number.POSITIVE_INFINITY);
    }
    for (const queue of queues) queue.close();
    this.#refused = queues.flatMap(({ refusedFor, linesLeft }) =>
      refusedFor === undefined ? [] : [{ limit: refusedFor, lines: linesLeft }],
    );
    this.#sources = footprints.map(({ source }) => source);
    this.#versions = this.#sources.map(({ version }) => version);
  }
}

/** A source's series on their way in, the oldest first: when one finds no room, those behind it find none either. */
class Queue {
  readonly source: SeriesSource;
  refusedFor: Limit | undefined;
  readonly #series: ReturnType<Footprint['bySlot']>;
  #next = 0;

  constructor(footprint: Footprint) {
    this.source = footprint.source;
    this.#series = footprint.bySlot();
  }

  get linesLeft(): number {
    return (this.#series.length - this.#next) * this.source.lines.length;
  }

  /** Lets those in that stand at slots below `fence`. */
  admit(room: Room, fence: number): void {
    const lines = this.source.lines.length;
    for (let one = this.#series[this.#next]; one !== undefined; one = this.#series[this.#next]) {
      if (this.refusedFor !== undefined || one.slot >= fence) return;
      this.refusedFor = room.take(lines, one.bytes);
      if (this.refusedFor === undefined) this.#next++;
    }
  }

  close(): void {
    this.source.fence = this.#series[this.#next]?.slot ?? this.source.slotBound;
  }
}
