import { pluginError } from '../errors.ts';
import { shownNames } from '../exposition/names.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import { identityOf } from '../metric/identity.ts';
import { guardDescriptor } from './guard.ts';

/** The metrics that are known, checked; those of one name differ in nothing but their constant labels. */
export class DescribedMetrics {
  readonly #byName = new Map<string, Map<string, Descriptor>>();

  /** Each name that some scraper sees, and the name that it stands for. */
  readonly #shown = new Map<string, string>();

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
    const shown = shownNames(name);
    for (const each of shown) {
      const other = this.#shown.get(each);
      if (other === undefined || other === name) continue;
      throw pluginError(
        `Metric "${name}" and metric "${other}" are both "${each}" to a scraper without UTF-8.`,
        {
          code: 'PLUGIN_DUPLICATE_METRIC',
          fix: 'Give one of them a name that differs in letters or digits.',
        },
      );
    }
    if (!agree(first, descriptor)) {
      throw pluginError(`Metric "${name}" is described twice, and differently.`, {
        code: 'PLUGIN_DUPLICATE_METRIC',
        fix: 'Describe each metric once.',
      });
    }
    for (const each of shown) this.#shown.set(each, name);
    this.#byName.set(name, parts.set(identityOf(descriptor), descriptor));
    return descriptor;
  }

  forget(descriptor: Descriptor): void {
    const parts = this.#byName.get(descriptor.name);
    parts?.delete(identityOf(descriptor));
    if (parts?.size !== 0) return;
    this.#byName.delete(descriptor.name);
    for (const each of shownNames(descriptor.name)) this.#shown.delete(each);
  }
}

const agree = (a: Descriptor, b: Descriptor): boolean =>
  JSON.stringify({ ...a, constLabels: undefined }) === JSON.stringify({ ...b, constLabels: undefined });
