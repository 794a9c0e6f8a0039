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
export type { NegotiateOptions } from './exposition/negotiate.ts';
export { type Logger, type LogLevel, type LogMethod, makeLogger } from './logger.ts';
export { exponentialBuckets, exponentialBucketsRange, linearBuckets } from './metric/buckets.ts';
export {
  type Counter,
  counter,
  DEFAULT_BUCKETS,
  DEFAULT_QUANTILES,
  type Descriptor,
  type DescriptorOptions,
  type FactOptions,
  type Gauge,
  gauge,
  type Histogram,
  type HistogramOptions,
  histogram,
  type Info,
  info,
  type Labels,
  type MetricType,
  type StateSet,
  type Summary,
  type SummaryOptions,
  stateset,
  summary,
  type Untyped,
  untyped,
  type ValueOptions,
} from './metric/descriptor.ts';
export type { NativeBuckets, NativeOptions, NativeValue } from './metric/native-value.ts';
export type {
  Exemplar,
  HistogramValue,
  Sample,
  SampleOptions,
  SampleValue,
  SummaryValue,
} from './metric/sample.ts';
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
  type ValidateContext,
} from './plugin.ts';
export type { CounterChild, CounterFamily } from './registry/counter.ts';
export type { Exposition } from './registry/expose.ts';
export type { Child, Curried, Family, FamilyOptions } from './registry/family.ts';
export type {
  GaugeChild,
  GaugeFamily,
  InfoFamily,
  StateSetChild,
  StateSetFamily,
} from './registry/gauge.ts';
export type { HistogramChild, HistogramFamily } from './registry/histogram.ts';
export { type MetricCollector, Registry } from './registry/registry.ts';
export type { RegistryState } from './registry/state.ts';
export type { SummaryChild, SummaryFamily, WindowOptions } from './registry/summary.ts';
export { writeTextFile } from './registry/text-file.ts';
export type { Wrapping } from './registry/wrap.ts';
export type { ReplayContext, Replayed, ReplayHook, ReplayInput } from './replay.ts';
export { type Static, type TSchema, Type } from './schema/schema.ts';
export { fixForUnknown } from './schema/suggest.ts';
export { formatDuration, formatSize, parseDuration, parseSize } from './schema/units.ts';
