/**
 * The part of prom-client 15's API that applications use, and that its successor @prometheus-io/client
 * shares, on the SDK's registry: metrics that exist already become a plugin by changing an import.
 *
 * ```ts
 * import { Counter, register } from '@dynamic-informer/sdk/prom-client'; // was 'prom-client'
 * ```
 *
 * `asCollector(register)` then is what the plugin's `open` returns. Call shapes, coercions, error classes
 * and the words of messages are prom-client's; what differs:
 *
 * | prom-client | here |
 * |---|---|
 * | `AggregatorRegistry`, `aggregators`, `Pushgateway` | left out; `aggregator` is accepted and given back |
 * | `hashMap` and other internals of metrics | left out; `get()` has the values |
 * | families in the order of their registration, `1000000` | sorted by name, `1e+06`: the same for every parser |
 * | a family without a series has its header | it is left out |
 * | `{a: ''}`, `{a: undefined}` and `{}` are lines of their own, which Prometheus refuses | one series: an empty label is an absent one |
 * | `getMetricsAsJSON()` puts a default label over an own one that is 0 | own labels stay |
 * | keeps the caller's object of labels | a copy: changing it later changes nothing |
 * | `counter.inc(NaN)` makes a counter NaN for ever, `inc('')` text, `inc(false)` perhaps `+Inf` | a `TypeError` |
 * | with exemplars, `inc(5)` adds 1, and `labels(…)` counts a series without labels or throws | they do what they say |
 * | label names that begin with `__`, which Prometheus keeps to itself | an error |
 * | buckets in any order, `Infinity` among them | sorted, each once, `+Inf` last |
 * | a bucket of -1 counts what is above all buckets | what is at most -1 |
 * | `histogram.zero()` with unknown labels shows them | an error, as `observe` |
 * | a summary's percentiles by t-digest, also those of more than 1 | an estimate by rank; 0 to 1 only |
 * | `metrics()` in OpenMetrics renames counters in the registry for ever; `getSingleMetricAsString` appends a second `_total` | names are those of `metrics()`, and the registry's stay |
 * | what a callback makes of series of a metric registered before its own shows in the next exposition | in this one |
 * | the `gc` metric counts the first of several collections | all of them; no exemplars from OpenTelemetry |
 * | `MetricType`, an enum that is not there at run time | a union of strings, as it is in @prometheus-io/client |
 */

export * from './client.ts';
/** All of this as one object, which is what a default import of prom-client gives. */
export * as default from './client.ts';
