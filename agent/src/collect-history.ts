import type { CollectOutcome } from './contract.ts';

/** A resource's last collects, oldest first; three lists of the same length. */
export interface CollectHistory {
  /** When each ended, in milliseconds since the epoch. */
  readonly at: readonly number[];
  readonly seconds: readonly number[];
  readonly outcome: readonly CollectOutcome[];
}

/** How many collects of a resource are remembered. */
export const REMEMBERED = 60;

const OUTCOMES: readonly CollectOutcome[] = [
  'ok',
  'partial',
  'target',
  'timeout',
  'crash',
  'plugin',
  'limit',
];

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
    this.#entries.writeUInt8(OUTCOMES.indexOf(outcome), offset + 12);
  }

  read(): CollectHistory {
    const at: number[] = [];
    const seconds: number[] = [];
    const outcome: CollectOutcome[] = [];
    for (let turn = Math.max(0, this.#added - REMEMBERED); turn < this.#added; turn++) {
      const offset = (turn % REMEMBERED) * ENTRY_BYTES;
      at.push(this.#entries.readDoubleLE(offset));
      seconds.push(this.#entries.readUInt32LE(offset + 8) / 1e6);
      outcome.push(OUTCOMES[this.#entries.readUInt8(offset + 12)] ?? 'plugin');
    }
    return { at, seconds, outcome };
  }
}
