import { createHash } from 'node:crypto';
import type { Descriptor } from '@dynamic-informer/sdk';

/**
 * Lists of descriptors, each kept once: a thousand resources of one plugin describe the same. A list that nobody
 * uses any more is forgotten.
 */
export class DescriptorLists {
  readonly #lists = new Map<string, WeakRef<readonly Descriptor[]>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#lists.get(key)?.deref() === undefined) this.#lists.delete(key);
  });

  /** The list that is known and equal to this one, or this one. */
  share(list: readonly Descriptor[]): readonly Descriptor[] {
    const key = createHash('sha256').update(JSON.stringify(list)).digest('base64');
    const known = this.#lists.get(key)?.deref();
    if (known) return known;
    this.#lists.set(key, new WeakRef(list));
    this.#gone.register(list, key);
    return list;
  }
}
