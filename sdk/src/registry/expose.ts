import type { ErrorInfo } from '../errors.ts';
import type { ExposedFamily } from '../exposition/exposed.ts';
import { assemble, type FamilyBody, FamilyEncoders, Headers, lengthOf } from '../exposition/formats.ts';
import { type Negotiated, type NegotiateOptions, negotiate } from '../exposition/negotiate.ts';
import { Gatherer, type GatherResult } from '../gather/gather.ts';
import type { Registry } from './registry.ts';

/** The answer to a scrape. */
export interface Exposition {
  /** For the header `Content-Type`. */
  readonly contentType: string;
  /**
   * The bytes, in parts to be written one after the other. They stay as they are until `done`. A part that is
   * the same object as in the exposition before has the same bytes.
   */
  readonly parts: readonly Uint8Array[];
  readonly byteLength: number;
  /** What was left out, and collectors that failed; the rest is exposed all the same. */
  readonly errors: readonly ErrorInfo[];
  /** The parts have been written, or copied: their memory is used again for the next exposition. Need not be called. */
  done(): void;
  /** All parts in one copy. */
  toBuffer(): Buffer;
}

/** After so long others are let run. */
const SLICE_MS = 1;

/** Renders a registry for scrapers, and keeps what it rendered: the next time only what changed is written. */
export class Exposer {
  readonly #registry: Registry;
  readonly #gatherer: Gatherer;
  readonly #encoders = new FamilyEncoders();
  readonly #headers = new Headers();
  /** Expositions whose parts may still be read. Parts of one are often parts of the next, so they go back together. */
  #outstanding = 0;
  /** How often values were gathered. */
  #gathers = 0;
  /** Those in slices take turns: each would otherwise show some values of the next one's. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#gatherer = new Gatherer(registry.describe(), { unchecked: true }, registry);
  }

  /** All at once. */
  expose(accept: string | undefined, options?: NegotiateOptions): Exposition {
    const negotiated = negotiate(accept, options);
    const { result, errors } = this.#gather();
    for (const family of result.families) this.#encoders.encode(family, negotiated);
    return this.#exposition(negotiated, result.families, errors);
  }

  /** In slices of about a millisecond, so that a process with other things to do goes on doing them. */
  exposeInSlices(accept: string | undefined, options?: NegotiateOptions): Promise<Exposition> {
    const exposition = this.#turn.then(() => this.#sliced(negotiate(accept, options)));
    this.#turn = exposition.catch(() => undefined);
    return exposition;
  }

  async #sliced(negotiated: Negotiated): Promise<Exposition> {
    const { result, errors } = this.#gather();
    let start = performance.now();
    for (const family of result.families) {
      const gathers = this.#gathers;
      for (const _ of this.#encoders.encodeInSlices(family, negotiated)) {
        if (performance.now() - start < SLICE_MS) continue;
        await new Promise<void>((resolve) => setImmediate(resolve));
        start = performance.now();
      }
      // Somebody exposed all at once meanwhile: the rest of the family has newer values than its beginning.
      if (gathers !== this.#gathers) this.#encoders.encode(family, negotiated);
    }
    return this.#exposition(negotiated, result.families, errors);
  }

  #gather(): { result: GatherResult; errors: ErrorInfo[] } {
    this.#gathers++;
    const errors: ErrorInfo[] = [];
    const result = this.#gatherer.gather(...this.#registry.collected(errors));
    errors.push(
      ...this.#gatherer.problems.map(({ error }) => error),
      ...result.problems.map(({ error }) => error),
    );
    return { result, errors };
  }

  #exposition(
    negotiated: Negotiated,
    families: readonly ExposedFamily[],
    errors: readonly ErrorInfo[],
  ): Exposition {
    const bodies = families.map((family): FamilyBody => [family, this.#encoders.lend(family, negotiated)]);
    const parts = assemble(bodies, negotiated, this.#headers);
    let isDone = false;
    this.#outstanding++;
    return {
      contentType: negotiated.contentType,
      parts,
      byteLength: lengthOf(parts),
      errors,
      done: () => {
        if (isDone) return;
        isDone = true;
        if (--this.#outstanding === 0) this.#encoders.giveBack();
      },
      toBuffer: () => Buffer.concat(parts),
    };
  }
}
