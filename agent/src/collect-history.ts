import type { collectHistory } from './api/resources.ts';
import type { Shown } from './api/shown.ts';
import { COLLECT_OUTCOMES, type CollectOutcome } from './contract.ts';

/** A resource's last collects, oldest first; three lists of the same length. */
export type CollectHistory = Shown<typeof collectHistory>;

/** How many collects of a resource are remembered. */
export const REMEMBERED = 60;

/** A double for the time, microseconds in 32 bits for the duration, a byte for the outcome. */
const ENTRY_BYTES = 13;
const MAX_MICROSECONDS = 0xffff_ffff;

/** The last collects of one resource, in one block of memory: a thousand resources have to cost little. */
export class CollectRing {
  readonly #entries = Buffer.alloc(REMEMBERED * ENTRY_BYTES);
  #added = 0;

  add(at: number, seconds: number, outcome: CollectOutcome): void {
    const offset = (this.#added++ % REMEMBERED) * ENTRY_BYTES;
    this.#entries.writeDoubleLE(at, offset);
    this.#entries.writeUInt32LE(Math.min(Math.round(seconds * 1e6), MAX_MICROSECONDS), offset + 8);
    this.#entries.writeUInt8(COLLECT_OUTCOMES.indexOf(outcome), offset + 12);
  }

  read(): CollectHistory {
    const at: number[] = [];
    const seconds: number[] = [];
    const outcome: CollectOutcome[] = [];
    for (let turn = Math.max(0, this.#added - REMEMBERED); turn < this.#added; turn++) {
      const offset = (turn % REMEMBERED) * ENTRY_BYTES;
      at.push(this.#entries.readDoubleLE(offset));
      seconds.push(this.#entries.readUInt32LE(offset + 8) / 1e6);
      outcome.push(COLLECT_OUTCOMES[this.#entries.readUInt8(offset + 12)] ?? 'plugin');
    }
    return { at, seconds, outcome };
  }
}
