import type { Step } from '../contestants.ts';
import {
  about,
  type CounterOf,
  call,
  counter,
  each,
  type GaugeOf,
  gauge,
  histogram,
  loose,
  summary,
} from './steps.ts';

/** Registries, and how metrics are made. */
export const REGISTERING: Readonly<Record<string, readonly Step[]>> = {
  'resetting the registry': [
    counter(),
    call('inc'),
    gauge(),
    call('set', 5),
    summary(),
    call('observe', 5),
    ({ registry }) => registry.resetMetrics(),
  ],
  'callbacks set what is shown': [
    gauge(['a'], {
      collect(this: GaugeOf) {
        this.set({ a: 'x' }, 5);
      },
    }),
    (made) => {
      new made.client.Counter(
        about(made, 'later_total', [], {
          async collect(this: CounterOf) {
            await new Promise((resolve) => setImmediate(resolve));
            this.inc(2);
          },
        }),
      );
    },
    async ({ registry }) => (await registry.getMetricsAsJSON()).map(({ values }) => values.length),
  ],
  'a callback can be replaced': [
    gauge(),
    ({ kept }) => {
      (kept.metric as GaugeOf).collect = () => (kept.metric as GaugeOf).set(8);
    },
  ],
  'what callbacks throw and reject with comes out': [
    gauge([], {
      collect() {
        throw new Error('boom');
      },
    }),
    ({ registry }) => registry.metrics(),
    ({ registry }) => registry.getMetricsAsJSON(),
    ({ kept }) => (kept.metric as GaugeOf).get(),
    ({ registry }) => registry.getSingleMetricAsString('depth'),
    ({ registry }) => registry.clear(),
    gauge([], { collect: async () => Promise.reject(new RangeError('later')) }),
    ({ registry }) => registry.metrics(),
    ({ registry }) => registry.clear(),
  ],
  'metrics that are not described as they have to be': [
    ...[
      undefined,
      null,
      'name',
      {},
      { name: 'x' },
      { help: 'x' },
      { name: '', help: 'x' },
      { name: 'x', help: '' },
      { name: 'no-dash', help: 'x' },
      { name: '9x', help: 'x' },
      { name: 'x', help: 'x', labelNames: ['no-dash'] },
      { name: 'x', help: 'x', labelNames: ['ok', '9'] },
      { name: 'x', help: 'x', collect: 5 },
    ].flatMap((given): Step[] => [
      ({ client }) => new client.Counter(loose(given)),
      ({ client }) => new client.Gauge(loose(given)),
      ({ client }) => new client.Histogram(loose(given)),
      ({ client }) => new client.Summary(loose(given)),
    ]),
    (made) => new made.client.Histogram(loose({ name: 'x', help: 'x', labelNames: ['le'], registers: [] })),
    (made) =>
      new made.client.Summary(loose({ name: 'x', help: 'x', labelNames: ['quantile'], registers: [] })),
  ],
  'a name that is taken, and one that is free again': [
    counter(),
    counter(),
    (made) => new made.client.Gauge(about(made, 'hits_total')),
    ({ registry }) => registry.removeSingleMetric('hits_total'),
    ({ registry }) => registry.removeSingleMetric('unknown'),
    (made) => new made.client.Gauge(about(made, 'hits_total')),
    ({ registry, kept }) => registry.registerMetric(kept.metric as CounterOf),
  ],
  'metrics that are registered later, or more than once': [
    counter([], { registers: [] }),
    call('inc', 3),
    ({ registry, kept }) => registry.registerMetric(kept.metric as CounterOf),
    ({ registry, kept }) => registry.registerMetric(kept.metric as CounterOf),
  ],
  'finding metrics': [
    counter(['a']),
    gauge(),
    ({ registry }) =>
      registry.getMetricsAsArray().map(({ name, help, type, aggregator }) => [name, help, type, aggregator]),
    ({ registry, kept }) => [
      registry.getSingleMetric('depth') === kept.metric,
      registry.getSingleMetric('nope'),
    ],
    ({ registry }) => registry.getSingleMetricAsString('depth'),
  ],
  'default labels stand behind own ones': [
    counter(['a', 'app']),
    call('inc', { a: 'x' }),
    call('inc', { a: 'x', app: 'own' }, 2),
    histogram(['app'], { buckets: [1] }),
    call('observe', 1),
    call('observe', { app: 'own' }, 1),
    summary([], { percentiles: [0.5] }),
    call('observe', 1),
    ({ registry }) => registry.setDefaultLabels({ app: 'default', zone: 7 }),
    ({ registry }) => registry.getSingleMetricAsString('hits_total').then((text) => text.split('\n').sort()),
  ],
  'clearing takes metrics and default labels': [
    counter(),
    ({ registry }) => registry.setDefaultLabels({ app: 'default' }),
    ({ registry }) => registry.clear(),
    counter(),
    call('inc', 4),
  ],
  'aggregators are accepted and given back': [
    counter([], { aggregator: 'max' }),
    gauge([], { aggregator: 'omit' }),
  ],
  'content types': [
    ({ client }) => [client.Registry.PROMETHEUS_CONTENT_TYPE, client.Registry.OPENMETRICS_CONTENT_TYPE],
    ({ client }) => [client.prometheusContentType, client.openMetricsContentType],
    ({ client, registry }) => [
      registry.contentType,
      new client.Registry(client.openMetricsContentType).contentType,
    ],
    ({ client }) => new client.Registry(loose('text/html')),
    ({ registry }) => registry.setContentType(loose('text/html')),
    ({ registry }) => registry.setContentType(loose(undefined)),
  ],
  'merging registries': [
    counter(),
    call('inc', 2),
    async ({ client, registry }) => {
      const other = new client.Registry();
      new client.Gauge({ name: 'other', help: 'x', registers: [other] }).set(5);
      other.setDefaultLabels({ lost: 'x' });
      const merged = client.Registry.merge([registry, other]);
      return (await merged.getMetricsAsJSON()).map(({ name, values }) => [name, values]);
    },
    ({ client, registry }) => {
      const other = new client.Registry();
      new client.Gauge({ name: 'hits_total', help: 'x', registers: [other] });
      return client.Registry.merge([registry, other]);
    },
    ({ client, registry }) =>
      client.Registry.merge([registry, new client.Registry(client.openMetricsContentType)]),
  ],
  'buckets that can not be': [
    ({ client }) => client.linearBuckets(0, 10, 3),
    ({ client }) => client.linearBuckets(-3, 1.5, 4),
    ({ client }) => client.exponentialBuckets(1, 2, 10),
    ({ client }) => client.exponentialBuckets(0.1, 1.1, 20),
    ({ client }) => client.linearBuckets(0, 10, 0),
    ({ client }) => client.exponentialBuckets(0, 2, 3),
    ({ client }) => client.exponentialBuckets(1, 2, 0),
    ({ client }) => client.exponentialBuckets(1, 1, 3),
  ],
  'names that can be, and can not': [
    ...each(
      ['a', 'A_b:c9', ':', '', '9', 'a-b', 'a b', 'ä', undefined, 5],
      (name) =>
        ({ client }) =>
          client.validateMetricName(loose(name)),
    ),
  ],
  'exemplars need OpenMetrics': [
    counter([], { enableExemplars: true }),
    gauge([], { enableExemplars: true }),
    histogram([], { enableExemplars: true }),
  ],
};
