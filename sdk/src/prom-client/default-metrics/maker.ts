import type { RegistryContentType } from '../content-type.ts';
import { Counter } from '../counter.ts';
import { Gauge } from '../gauge.ts';
import { Histogram } from '../histogram.ts';
import type { Registry } from '../registry.ts';
import type { Aggregator, LabelValues } from '../types.ts';

/** What `collectDefaultMetrics` takes. */
export interface DefaultMetricsCollectorConfiguration<
  _ContentType extends RegistryContentType = RegistryContentType,
> {
  /** `register` without it. */
  register?: Registry | undefined;
  /** Stands before every name. */
  prefix?: string | undefined;
  /** Upper bounds in seconds. */
  gcDurationBuckets?: readonly number[] | undefined;
  /** Milliseconds between two looks at the event loop; 10 without it. */
  eventLoopMonitoringPrecision?: number | undefined;
  /** Stand beside every series' own labels. */
  labels?: object | undefined;
}

interface About {
  /** Of the metric itself, beside those of the configuration. */
  labelNames?: readonly string[];
  aggregator?: Aggregator;
  collect?(): void;
}

/** Makes metrics as one call of `collectDefaultMetrics` wants them: its prefix, labels and registry. */
export class MetricMaker {
  readonly #configuration: DefaultMetricsCollectorConfiguration;
  /** For every series. */
  readonly labels: LabelValues<string>;

  constructor(configuration: DefaultMetricsCollectorConfiguration) {
    this.#configuration = configuration;
    this.labels = { ...configuration.labels };
  }

  get gcDurationBuckets(): readonly number[] | undefined {
    return this.#configuration.gcDurationBuckets;
  }
  get eventLoopPrecision(): number {
    return this.#configuration.eventLoopMonitoringPrecision ?? 10;
  }

  gauge(name: string, help: string, about: About = {}): Gauge {
    return new Gauge(this.#complete(name, help, about));
  }
  counter(name: string, help: string, about: About = {}): Counter {
    return new Counter(this.#complete(name, help, about));
  }
  histogram(name: string, help: string, buckets: readonly number[], about: About = {}): Histogram {
    return new Histogram({ ...this.#complete(name, help, about), buckets });
  }

  #complete(name: string, help: string, { labelNames = [], ...about }: About) {
    const { prefix = '', register } = this.#configuration;
    return {
      name: prefix + name,
      help,
      labelNames: [...labelNames, ...Object.keys(this.labels)],
      registers: register ? [register] : undefined,
      ...about,
    };
  }
}
