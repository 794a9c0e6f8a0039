import { configError, pluginError } from '../errors.ts';
import { shownNames } from '../exposition/names.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import { identityOf } from '../metric/identity.ts';
import { reservedNames } from '../metric/reserved.ts';
import { guardDescriptor } from './guard.ts';

/** The metrics that are known, checked; those of one name differ in nothing but their constant labels. */
export class DescribedMetrics {
  readonly #maxBytes: number;
  #bytes = 0;
  readonly #byName = new Map<string, Map<string, Descriptor>>();

  /** Each name that some scraper sees, and the name that it stands for. */
  readonly #shown = new Map<string, string>();

  /** Names that lines of a metric have, and the metric. */
  readonly #reserved = new Map<string, Descriptor>();

  /** `maxBytes` is what all of them may have together as JSON, in which they are handed on. */
  constructor(maxBytes = MAX_DESCRIBED_BYTES) {
    this.#maxBytes = maxBytes;
  }

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
    const rival = this.#rival(descriptor);
    if (rival !== undefined) {
      throw pluginError(`Metric "${name}" has a name that lines of the ${rival.type} "${rival.name}" have.`, {
        code: 'PLUGIN_DUPLICATE_METRIC',
        fix: 'Rename one of them.',
      });
    }
    this.#makeRoom(descriptor);
    for (const each of reservedNames(descriptor)) this.#reserved.set(each, descriptor);
    for (const each of shown) this.#shown.set(each, name);
    this.#byName.set(name, parts.set(identityOf(descriptor), descriptor));
    return descriptor;
  }

  /** A metric of another name whose lines would be taken for this one's, or the other way round. */
  #rival(descriptor: Descriptor): Descriptor | undefined {
    const holder = this.#reserved.get(descriptor.name);
    if (holder !== undefined && holder.name !== descriptor.name) return holder;
    for (const each of reservedNames(descriptor)) {
      const [other] = this.#byName.get(each)?.values() ?? [];
      if (other !== undefined && other.name !== descriptor.name) return other;
    }
    return undefined;
  }

  /** @throws an error that says that there are too many */
  #makeRoom(descriptor: Descriptor): void {
    if (this.#maxBytes === Number.POSITIVE_INFINITY || this.find(descriptor) !== undefined) return;
    const bytes = bytesOf(descriptor);
    if (this.#bytes + bytes > this.#maxBytes) {
      throw configError(
        `Metric "${descriptor.name}" is left out: names, helps and buckets of a resource's metrics have more than ${this.#maxBytes} bytes.`,
        { code: 'LIMIT_BYTES', fix: 'Use fewer metrics, and labels to tell their series apart.' },
      );
    }
    this.#bytes += bytes;
  }

  forget(descriptor: Descriptor): void {
    const parts = this.#byName.get(descriptor.name);
    if (parts?.delete(identityOf(descriptor)) && this.#maxBytes < Number.POSITIVE_INFINITY) {
      this.#bytes -= bytesOf(descriptor);
    }
    if (parts?.size !== 0) return;
    this.#byName.delete(descriptor.name);
    for (const each of reservedNames(descriptor)) this.#reserved.delete(each);
    for (const each of shownNames(descriptor.name)) this.#shown.delete(each);
  }
}

/** A frame's head, in which descriptors are handed on, may have a megabyte. */
const MAX_DESCRIBED_BYTES = 512 * 1024;

const bytesOf = (descriptor: Descriptor): number => Buffer.byteLength(JSON.stringify(descriptor));

const agree = (a: Descriptor, b: Descriptor): boolean =>
  JSON.stringify({ ...a, constLabels: undefined }) === JSON.stringify({ ...b, constLabels: undefined });
