import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { type CounterChild, type GaugeChild, type HistogramChild, Registry } from '@dynamic-informer/sdk';
import { metricsHandler } from '@dynamic-informer/sdk/http';
import { OURS } from './harness.ts';
import { LABELS } from './mix-a.ts';
import { type Change, fillMix, type Makers, type MixName } from './mixes.ts';

/** Text format 0.0.4, or delimited protobuf. */
export type RenderFormat = 'text' | 'protobuf';

/** What a server writes: one buffer, or several one after the other. */
export interface Rendered {
  readonly parts: readonly Uint8Array[];
  /** They have been written. */
  done?(): void;
}

/** A mix in somebody's registry. */
export interface MixRegistry {
  readonly change: Change;
  /** The exposition, as the bytes that a server sends. */
  render(format: RenderFormat): Promise<Rendered>;
  /** The text, in the way for a process that has other things to do; where there is such a way. */
  renderAside?(): Promise<void>;
  /** Answers a scrape; where the library has something that does. */
  readonly handler?: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** The npm packages that render a registry; both have prom-client's interface. */
export const CLIENT_PACKAGES = ['prom-client', '@prometheus-io/client'] as const;

export function openRegistry(name: string, mix: MixName, series: number): MixRegistry {
  if (name === OURS) return ourRegistry(mix, series);
  return clientRegistry(clientPackage(name), mix, series);
}

function ourRegistry(mix: MixName, series: number): MixRegistry {
  const registry = new Registry();
  const change = fillMix(mix, series, ourMakers(registry));
  return {
    change,
    render: rendererOf(registry),
    handler: metricsHandler(registry),
    async renderAside() {
      (await registry.exposeInSlices(ACCEPTED.text)).done();
    },
  };
}

/** Puts a mix into a registry of our SDK. */
export function ourMakers(registry: Registry): Makers {
  return {
    counter({ name, help }) {
      const family = registry.counter(name, help, LABELS);
      return (method, route, zone) => family.with({ method, route, zone });
    },
    gauge({ name, help }) {
      const family = registry.gauge(name, help, LABELS);
      return (method, route, zone) => family.with({ method, route, zone });
    },
    histogram({ name, help }) {
      const family = registry.histogram(name, help, LABELS);
      return (method, route, zone) => family.with({ method, route, zone });
    },
  };
}

/** What a scraper sends as `Accept`. */
const ACCEPTED: Readonly<Record<RenderFormat, string>> = {
  text: 'text/plain; version=0.0.4',
  protobuf: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
};

/** From the instruments of our registry to the bytes that are sent. */
export function rendererOf(registry: Registry): MixRegistry['render'] {
  return async (format) => {
    const exposition = registry.expose(ACCEPTED[format]);
    if (exposition.errors.length > 0) throw new Error(exposition.errors[0]?.message);
    return exposition;
  };
}

type ClientLabels = Readonly<Record<string, string>>;
interface Metric<C> {
  labels(...values: string[]): C;
}
interface MetricOptions {
  name: string;
  help: string;
  labelNames: readonly string[];
  registers: unknown[];
}
export interface ClientRegistry {
  metrics(): Promise<string>;
}
interface ClientPackage {
  Registry: new () => ClientRegistry;
  Counter: new (
    options: MetricOptions,
  ) => Metric<Pick<CounterChild, 'inc'>> & { inc(labels: ClientLabels): void };
  Gauge: new (options: MetricOptions) => Metric<Pick<GaugeChild, 'set'>>;
  Histogram: new (options: MetricOptions) => Metric<Pick<HistogramChild, 'observe'>>;
}

/** A package with prom-client's interface. */
export function clientPackage(name: string): ClientPackage {
  return createRequire(import.meta.url)(name) as ClientPackage;
}

function clientRegistry(client: ClientPackage, mix: MixName, series: number): MixRegistry {
  const registry = new client.Registry();
  const about = { labelNames: LABELS, registers: [registry] };
  const change = fillMix(mix, series, {
    counter({ name, help }) {
      const metric = new client.Counter({ name, help, ...about });
      return (...values) => metric.labels(...values);
    },
    gauge({ name, help }) {
      const metric = new client.Gauge({ name, help, ...about });
      return (...values) => metric.labels(...values);
    },
    histogram({ name, help }) {
      const metric = new client.Histogram({ name, help, ...about });
      return (...values) => metric.labels(...values);
    },
  });
  return {
    change,
    async render(format) {
      if (format !== 'text') throw new Error(`The package does not write ${format}.`);
      return { parts: [Buffer.from(await registry.metrics())] };
    },
  };
}
