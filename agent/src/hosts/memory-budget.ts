import type { Usage } from '../contract.ts';

const MiB = 1024 * 1024;

/** Memory of a host that is its plugins': what an empty host has is not counted. */
export interface CountedMemory {
  readonly bytes: number;
  /** `used` memory was written to; `requested` is more than that, and what the kernel's limit counts. */
  readonly kind: 'used' | 'requested';
}

/** V8 lets Buffers of 64 MiB become garbage before it collects them, which is no reason to refuse memory. */
const LEAST_MARGIN = 96 * MiB;

/** How much writable memory a host may ask for beyond what it has when it is ready; the kernel refuses more. */
export const wallBytes = (budgetBytes: number): number => budgetBytes + marginOf(budgetBytes);

const marginOf = (budgetBytes: number): number => Math.max(LEAST_MARGIN, budgetBytes / 4);

/** A host's memory, held against its budget. */
export class MemoryBudget {
  readonly bytes: number;
  readonly #empty: Usage;

  /** `empty` is what the host used before any plugin was in it. */
  constructor(bytes: number, empty: Usage) {
    this.bytes = bytes;
    this.#empty = empty;
  }

  /**
   * What is over the budget, if it is. Memory that was requested and not written to is let be for a while beyond
   * it: half-way to the kernel's limit.
   */
  excess(now: Usage): CountedMemory | undefined {
    const { used, requested } = this.#growth(now);
    const isOver = used > this.bytes || requested > this.bytes + marginOf(this.bytes) / 2;
    return isOver ? this.most(now) : undefined;
  }

  /**
   * Is so much of the budget gone that memory was refused for that? A host with less than half of it in use asked for
   * too much at one time, and has all that it had before.
   */
  explainsRefusal(now: Usage): boolean {
    return this.most(now).bytes >= this.bytes / 2;
  }

  /** What was used or requested, whichever is more. */
  most(now: Usage): CountedMemory {
    const { used, requested } = this.#growth(now);
    return used >= requested ? { bytes: used, kind: 'used' } : { bytes: requested, kind: 'requested' };
  }

  /** What counts against the budget as long as the kernel's limit is far. */
  usedBytes(now: Usage): number {
    return this.#growth(now).used;
  }

  #growth(now: Usage): { used: number; requested: number } {
    return {
      used: Math.max(0, now.privateBytes - this.#empty.privateBytes),
      requested: Math.max(0, now.dataBytes - this.#empty.dataBytes),
    };
  }
}

/** How V8 and Node.js say that the kernel refused memory. */
const REFUSED =
  /Array buffer allocation failed|Failed to allocate memory|WebAssembly\.[\w.]+\(\): .*(?:allocate|grow)|Cannot allocate Wasm memory|\bENOMEM\b/;

export const isMemoryRefusal = (message: string): boolean => REFUSED.test(message);

/** How a process says in its last words that it ends for want of memory. */
export const isOutOfMemory = (words: string): boolean =>
  /out of memory|bad_alloc/i.test(words) || isMemoryRefusal(words);
