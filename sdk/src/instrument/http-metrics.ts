import type { HistogramOptions } from '../metric/descriptor.ts';
import type { HistogramFamily } from '../registry/histogram.ts';
import type { Registry } from '../registry/registry.ts';

/** Those of Prometheus' own `prometheus_http_response_size_bytes`. */
const SIZE_BUCKETS = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

export function durationHistogram(
  registry: Registry,
  name: string,
  help: string,
  labels: readonly string[],
  options?: HistogramOptions,
): HistogramFamily<string> {
  return registry.histogram(name, help, labels, { unit: 'seconds', ...options });
}

export function sizeHistogram(
  registry: Registry,
  name: string,
  help: string,
  labels: readonly string[],
  options?: HistogramOptions,
): HistogramFamily<string> {
  const defaults = options?.native ? {} : { buckets: SIZE_BUCKETS };
  return registry.histogram(name, help, labels, { unit: 'bytes', ...defaults, ...options });
}

/** Whether a response to such a request carries a body at all, whatever its headers say (RFC 9110, 6.4.1). */
export function hasBody(method: string | undefined, code: number): boolean {
  return method !== 'HEAD' && code >= 200 && code !== 204 && code !== 304;
}
