export type { Metric } from './any-metric.ts';
export { exponentialBuckets, linearBuckets } from './buckets.ts';
export { asCollector, type RegistryCollector } from './collector.ts';
export {
  type Charset,
  type OpenMetricsContentType,
  type OpenMetricsMIME,
  type OpenMetricsVersion,
  openMetricsContentType,
  type PrometheusContentType,
  type PrometheusMetricsVersion,
  type PrometheusMIME,
  prometheusContentType,
  type RegistryContentType,
} from './content-type.ts';
export { Counter, type CounterConfiguration } from './counter.ts';
export { collectDefaultMetrics, type DefaultMetricsCollectorConfiguration } from './default-metrics.ts';
export type { IncreaseDataWithExemplar, ObserveDataWithExemplar } from './exemplars.ts';
export { Gauge, type GaugeConfiguration } from './gauge.ts';
export { contentType, register } from './global-registry.ts';
export { Histogram, type HistogramConfiguration } from './histogram.ts';
export { validateMetricName } from './names.ts';
export { Registry } from './registry.ts';
export { Summary, type SummaryConfiguration } from './summary.ts';
export type {
  Aggregator,
  CollectFunction,
  LabelValues,
  MetricConfiguration,
  MetricObject,
  MetricObjectWithValues,
  MetricType,
  MetricValue,
  MetricValueWithName,
} from './types.ts';

/** A callback that takes nothing and gives nothing, as prom-client names it. */
export type Collector = () => void;
