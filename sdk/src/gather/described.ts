import { pluginError } from '../errors.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import { identityOf } from '../metric/identity.ts';
import { guardDescriptor } from './guard.ts';

/** The metrics that are known, checked; those of one name differ in nothing but their constant labels. */
export class DescribedMetrics {
  readonly #byName = new Map<string, Map<string, Descriptor>>();

  get all(): Descriptor[] {
    return [...this.#byName.values()].flatMap((parts) => [...parts.values()]);
  }

  /** The metric that has this descriptor's name and constant labels. */
  find(given: Descriptor): Descriptor | undefined {
    return this.#byName.get(given.name)?.get(identityOf(given));
  }

  /**
   * Adds a metric, or finds it again, and gives a copy that nobody can change.
   * @throws a plugin error if the descriptor breaks the contract, or does not agree with the others of its name
   */
  add(given: Descriptor): Descriptor {
    const descriptor = guardDescriptor(given);
    const { name } = descriptor;
    const parts = this.#byName.get(name) ?? new Map<string, Descriptor>();
    const [first = descriptor] = parts.values();
    if (!agree(first, descriptor)) {
      throw pluginError(`Metric "${name}" is described twice, and differently.`, {
        code: 'PLUGIN_DUPLICATE_METRIC',
        fix: 'Describe each metric once.',
      });
    }
    this.#byName.set(name, parts.set(identityOf(descriptor), descriptor));
    return descriptor;
  }

  forget(descriptor: Descriptor): void {
    const parts = this.#byName.get(descriptor.name);
    parts?.delete(identityOf(descriptor));
    if (parts?.size === 0) this.#byName.delete(descriptor.name);
  }
}

const agree = (a: Descriptor, b: Descriptor): boolean =>
  JSON.stringify({ ...a, constLabels: undefined }) === JSON.stringify({ ...b, constLabels: undefined });
