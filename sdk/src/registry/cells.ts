import type { Exemplar } from '../metric/sample.ts';

const FIRST_SLOTS = 4;

/**
 * The numbers of a family, `stride` of them a series. A series holds its slot and looks its numbers up
 * through this object: growing replaces the arrays. One array costs 8 bytes a number, where numbers in
 * objects would cost 16 and a look somewhere else in memory.
 */
export class Cells {
  readonly stride: number;
  values: Float64Array;
  /** When each series began, in milliseconds since the epoch; only where that means something. */
  created: Float64Array | undefined;
  /** Set by each write; only where series expire. */
  touched: Uint8Array | undefined;
  /** By cell; most families never have one. */
  exemplars: Map<number, Exemplar> | undefined;

  constructor(stride: number, slots = FIRST_SLOTS) {
    this.stride = stride;
    this.values = new Float64Array(stride * slots);
  }

  /** Makes room for a slot. */
  reserve(slot: number): void {
    if ((slot + 1) * this.stride <= this.values.length) return;
    const slots = Math.max(FIRST_SLOTS, Math.ceil(slot * 1.5) + 1);
    this.values = grown(this.values, slots * this.stride);
    if (this.created) this.created = grown(this.created, slots);
    if (this.touched) {
      const touched = new Uint8Array(slots);
      touched.set(this.touched);
      this.touched = touched;
    }
  }

  /** Puts a slot's numbers to a lower slot, when the slots between have been given up. */
  move(from: number, to: number): void {
    const { stride, values, created, touched, exemplars } = this;
    values.copyWithin(to * stride, from * stride, (from + 1) * stride);
    if (created) created[to] = created[from] as number;
    if (touched) touched[to] = touched[from] as number;
    for (let cell = 0; exemplars && cell < stride; cell++) {
      const exemplar = exemplars.get(from * stride + cell);
      exemplars.delete(from * stride + cell);
      if (exemplar) exemplars.set(to * stride + cell, exemplar);
    }
  }

  clearSlot(slot: number): void {
    const { stride, exemplars } = this;
    this.values.fill(0, slot * stride, (slot + 1) * stride);
    for (let cell = 0; exemplars && cell < stride; cell++) exemplars.delete(slot * stride + cell);
  }
}

function grown(values: Float64Array, length: number): Float64Array {
  const larger = new Float64Array(length);
  larger.set(values);
  return larger;
}
