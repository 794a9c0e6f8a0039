import { type CounterChild, type GaugeChild, Registry } from '@dynamic-informer/sdk';
import { encodeText, Gatherer } from '@dynamic-informer/sdk/host';
import { OURS } from './harness.ts';
import { type Changed, FAMILIES, gaugeValue, increase, isChanged, LABELS, labelValues } from './mix-a.ts';

/** Mix A in somebody's registry. */
export interface MixRegistry {
  /** Changes values as the round says; round 0 of `all` gives every series its first. */
  change(changed: Changed, round: number): void;
  /** The text exposition, as the bytes that a server sends. */
  render(): Promise<Buffer>;
}

/** The npm packages that render a registry; both have prom-client's interface. */
export const CLIENT_PACKAGES = ['prom-client', '@prometheus-io/client'] as const;

export async function openRegistry(name: string, series: number): Promise<MixRegistry> {
  if (name === OURS) return ourRegistry(series);
  const imported = (await import(name)) as { default: ClientPackage };
  return clientRegistry(imported.default, series);
}

type Counter = Pick<CounterChild, 'inc'>;
type Gauge = Pick<GaugeChild, 'set'>;

/** Puts mix A into a registry of our SDK. */
export function fillMix(registry: Registry, series: number): Pick<MixRegistry, 'change'> {
  return childrenOf(series, {
    counter({ name, help }) {
      const family = registry.counter(name, help, LABELS);
      return (method, route, zone) => family.with({ method, route, zone });
    },
    gauge({ name, help }) {
      const family = registry.gauge(name, help, LABELS);
      return (method, route, zone) => family.with({ method, route, zone });
    },
  });
}

function ourRegistry(series: number): MixRegistry {
  const registry = new Registry();
  const { change } = fillMix(registry, series);
  const gatherer = new Gatherer(registry.describe());
  return {
    change,
    async render() {
      return Buffer.from(encodeText(gatherer.gather(registry.collect()).families));
    },
  };
}

interface Metric<C> {
  labels(...values: string[]): C;
}
interface MetricOptions {
  name: string;
  help: string;
  labelNames: readonly string[];
  registers: unknown[];
}
interface ClientPackage {
  Registry: new () => { metrics(): Promise<string> };
  Counter: new (options: MetricOptions) => Metric<Counter>;
  Gauge: new (options: MetricOptions) => Metric<Gauge>;
}

function clientRegistry(client: ClientPackage, series: number): MixRegistry {
  const registry = new client.Registry();
  const about = { labelNames: LABELS, registers: [registry] };
  const children = childrenOf(series, {
    counter({ name, help }) {
      const metric = new client.Counter({ name, help, ...about });
      return (...values) => metric.labels(...values);
    },
    gauge({ name, help }) {
      const metric = new client.Gauge({ name, help, ...about });
      return (...values) => metric.labels(...values);
    },
  });
  return {
    change: children.change,
    async render() {
      return Buffer.from(await registry.metrics());
    },
  };
}

type MakeChild<C> = (...values: [method: string, route: string, zone: string]) => C;
interface Makers {
  counter(about: { name: string; help: string }): MakeChild<Counter>;
  gauge(about: { name: string; help: string }): MakeChild<Gauge>;
}

/** Every contestant keeps its children, which is how each says that it is fastest. */
function childrenOf(series: number, make: Makers): Pick<MixRegistry, 'change'> {
  const perFamily = Math.ceil(series / FAMILIES.length);
  const counters: { index: number; child: Counter }[] = [];
  const gauges: { index: number; child: Gauge }[] = [];
  FAMILIES.forEach((family, order) => {
    const indexes = Array.from({ length: perFamily }, (_, index) => order * perFamily + index);
    if (family.type === 'counter') {
      const child = make.counter(family);
      for (const index of indexes) counters.push({ index, child: child(...labelValues(index % perFamily)) });
    } else {
      const child = make.gauge(family);
      for (const index of indexes) gauges.push({ index, child: child(...labelValues(index % perFamily)) });
    }
  });
  return {
    change(changed, round) {
      for (const { index, child } of counters) {
        if (isChanged(changed, index, round)) child.inc(increase(index, round));
      }
      for (const { index, child } of gauges) {
        if (isChanged(changed, index, round)) child.set(gaugeValue(index, round));
      }
    },
  };
}
