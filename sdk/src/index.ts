export { type Clock, systemClock } from './clock.ts';
export {
  configError,
  type ErrorClass,
  type ErrorInfo,
  type ErrorOptions,
  InformerError,
  pluginError,
  targetError,
  toErrorInfo,
} from './errors.ts';
export { type Logger, type LogLevel, type LogMethod, makeLogger } from './logger.ts';
export {
  type Counter,
  counter,
  DEFAULT_BUCKETS,
  type Descriptor,
  type Gauge,
  gauge,
  type Histogram,
  type HistogramValue,
  histogram,
  type Info,
  info,
  type Labels,
  type MetricType,
  type Sample,
  type Untyped,
  untyped,
} from './metric/descriptor.ts';
export {
  CONTRACT_VERSION,
  type CollectContext,
  type Collector,
  type ConfigProblem,
  definePlugin,
  type OpenContext,
  type Plugin,
  type PluginDefinition,
  type State,
} from './plugin.ts';
export type {
  CounterChild,
  CounterFamily,
  GaugeChild,
  GaugeFamily,
  HistogramChild,
  HistogramFamily,
} from './registry/families.ts';
export { Registry, type RegistryState } from './registry/registry.ts';
export { type Static, type TSchema, Type } from './schema/schema.ts';
export { formatDuration, formatSize, parseDuration, parseSize } from './schema/units.ts';
