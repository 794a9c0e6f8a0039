import type { Descriptor } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import type { MetricCollector } from './registry.ts';

/** What a wrapping registry does to its metrics. */
export interface Wrapping {
  /** Stands before each name. */
  readonly prefix?: string;
  /** Stand beside each series' own labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

export function wrapDescriptor<D extends Descriptor>(
  descriptor: D,
  { prefix = '', labels = {} }: Wrapping,
): D {
  if (prefix === '' && Object.keys(labels).length === 0) return descriptor;
  const constLabels = { ...descriptor.constLabels, ...labels };
  return { ...descriptor, name: prefix + descriptor.name, constLabels };
}

/** A collector whose samples are of wrapped descriptors. */
export function wrappedSamples(collector: MetricCollector, wrapping: Wrapping): MetricCollector {
  if (wrapping.prefix === undefined && wrapping.labels === undefined) return collector;
  const wrapped = new Map<Descriptor, Descriptor>();
  return {
    describe: () => [...collector.describe()].map((descriptor) => wrapDescriptor(descriptor, wrapping)),
    *collect(): Iterable<Sample> {
      for (const sample of collector.collect()) {
        let descriptor = wrapped.get(sample.descriptor);
        if (descriptor === undefined) {
          descriptor = wrapDescriptor(sample.descriptor, wrapping);
          wrapped.set(sample.descriptor, descriptor);
        }
        yield { ...sample, descriptor };
      }
    },
  };
}
