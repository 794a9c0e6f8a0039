import client, {
  type Aggregator,
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  exponentialBuckets,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  linearBuckets,
  type Metric,
  type OpenMetricsContentType,
  openMetricsContentType,
  type PrometheusContentType,
  prometheusContentType,
  Registry,
  type RegistryContentType,
  register,
  Summary,
  type SummaryConfiguration,
  validateMetricName,
} from 'prom-client';

// What code in TypeScript says about prom-client's types; it has to mean the same with another import.

const unlabelled = new Counter({ name: 'a', help: 'a' });
unlabelled.inc();
unlabelled.inc(5);

const labelled = new client.Counter({ name: 'b', help: 'b', labelNames: ['method', 'code'] });
labelled.inc({ method: 'GET', code: 200 });
labelled.inc({ code: '200' }, 2);
labelled.labels('GET', '200').inc();
labelled.labels({ method: 'GET' }).inc(2);
labelled.remove('GET', '200');
labelled.remove({ method: 'GET' });
labelled.reset();
/** What must not compile, and is not called. */
export function mistakes(): void {
  // @ts-expect-error the metric has no such label
  labelled.inc({ verb: 'GET' });
  // @ts-expect-error a number is expected
  labelled.inc({ method: 'GET' }, '5');
  // @ts-expect-error a metric says what it measures
  new Counter({ name: 'z' });
}

const names = ['method', 'code'] as const;
const configuration: CounterConfiguration<(typeof names)[number]> = {
  name: 'c',
  help: 'c',
  labelNames: names,
};
const explicit: Counter<'method' | 'code'> = new Counter(configuration);
const anyLabels: Counter = new Counter<string>({ name: 'd', help: 'd', labelNames: ['x'] });
anyLabels.inc({ x: 'y' });
export const anyName = (labels: Record<string, string>): void => anyLabels.inc(labels);
const increment: client.Counter.Internal = explicit.labels('GET', '200');
increment.inc();

const gaugeConfiguration: GaugeConfiguration<'queue'> = {
  name: 'e',
  help: 'e',
  labelNames: ['queue'],
  aggregator: 'max' satisfies Aggregator,
  collect() {
    this.set({ queue: 'mail' }, 5);
  },
};
const gauge = new Gauge(gaugeConfiguration);
gauge.set({ queue: 'mail' }, 3);
gauge.inc({ queue: 'mail' });
gauge.dec({ queue: 'mail' }, 2);
gauge.setToCurrentTime({ queue: 'mail' });
const stopGauge: (labels?: Partial<Record<'queue', string | number>>) => number = gauge.startTimer();
stopGauge({ queue: 'mail' });
const queue: Gauge.Internal<'queue'> = gauge.labels('mail');
queue.set(1);
queue.inc();
queue.dec(1);
queue.setToCurrentTime();
queue.startTimer()({ queue: 'post' });
new Gauge({
  name: 'f',
  help: 'f',
  registers: [],
  async collect() {
    this.set(await Promise.resolve(5));
  },
});

const histogramConfiguration: HistogramConfiguration<'route'> = {
  name: 'g',
  help: 'g',
  labelNames: ['route'],
  buckets: [...linearBuckets(0, 1, 3), ...exponentialBuckets(4, 2, 3)],
};
const histogram = new Histogram(histogramConfiguration);
histogram.observe({ route: '/' }, 0.5);
histogram.zero({ route: '/' });
const stop = histogram.startTimer({ route: '/' });
const seconds: number = stop();
histogram.labels('/').observe(seconds);
const route: Histogram.Internal<'route'> = histogram.labels({ route: '/' });
route.startTimer()({ route: '/' });
const boundaries: Histogram.Config = { buckets: [1, 2] };

const summaryConfiguration: SummaryConfiguration<'size'> = {
  name: 'h',
  help: 'h',
  labelNames: ['size'],
  percentiles: [0.5, 0.99],
  maxAgeSeconds: 600,
  ageBuckets: 5,
  pruneAgedBuckets: true,
  compressCount: 100,
};
const summary = new Summary(summaryConfiguration);
summary.observe({ size: 'big' }, 5);
summary.labels('big').observe(6);
const stopSummary = summary.startTimer();
const took: number = stopSummary({ size: 'small' });
const size: Summary.Internal<'size'> = summary.labels('big');
const ages: Summary.Config = { percentiles: [0.5] };

const own: Registry = new Registry();
const openMetrics = new Registry<OpenMetricsContentType>();
openMetrics.setContentType(openMetricsContentType);
const withExemplars = new Counter({
  name: 'i',
  help: 'i',
  labelNames: ['method'],
  registers: [openMetrics],
  enableExemplars: true,
});
withExemplars.inc({ labels: { method: 'GET' }, value: 2, exemplarLabels: { method: 't1' } });
const timed = new Histogram({
  name: 'j',
  help: 'j',
  labelNames: ['m'],
  registers: [openMetrics],
  enableExemplars: true,
});
timed.observe({ labels: { m: 'x' }, value: 2, exemplarLabels: { m: 't1' } });
timed.startTimer({ m: 'x' }, { m: 't2' })({}, { m: 't3' });

own.registerMetric(explicit);
own.registerMetric(histogram);
own.setDefaultLabels({ app: 'shop', instance: 3 });
const found: Metric<'queue'> | undefined = own.getSingleMetric('e');
const counter = own.getSingleMetric('c') as Counter<'method'>;
counter.inc({ method: 'GET' });
const merged: Registry = Registry.merge([register, own]);
const type: RegistryContentType = merged.contentType;
const texts: (PrometheusContentType | OpenMetricsContentType)[] = [prometheusContentType, type];
collectDefaultMetrics({
  register: own,
  prefix: 'app_',
  labels: { app: 'x' },
  eventLoopMonitoringPrecision: 20,
});
const groups: string[] = collectDefaultMetrics.metricsList;
const every: Metric<string>[] = [unlabelled, anyLabels];
function firstValue(metric: client.Gauge<string>): Promise<number | undefined> {
  return metric.get().then(({ values }) => values[0]?.value);
}

/** What all of that led to. */
export async function results(): Promise<unknown> {
  const json = await merged.getMetricsAsJSON();
  const array = merged.getMetricsAsArray();
  own.removeSingleMetric('g');
  own.resetMetrics();
  return {
    names: json.map(({ name, help }) => [name, help]).sort(),
    array: array.map((metric) => metric.name).sort(),
    exemplars: (await openMetrics.metrics()).match(/# \{m="t\d"\}/g)?.length,
    single: (await register.getSingleMetricAsString('a')).split('\n').sort(),
    found: typeof found,
    value: await firstValue(gauge as unknown as Gauge<string>),
    took: took >= 0 && typeof size.observe === 'function',
    more: [boundaries, ages, texts, groups, every.length, validateMetricName('a-b')],
    contentType: client.contentType === prometheusContentType && register.contentType,
  };
}
