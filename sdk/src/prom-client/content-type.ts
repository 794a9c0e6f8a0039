import { misuse } from './misuse.ts';

/** How expositions are encoded. */
export type Charset = 'utf-8';
/** The media type of the text format. */
export type PrometheusMIME = 'text/plain';
/** The version of the text format. */
export type PrometheusMetricsVersion = '0.0.4';
/** The media type of OpenMetrics. */
export type OpenMetricsMIME = 'application/openmetrics-text';
/** The version of OpenMetrics. */
export type OpenMetricsVersion = '1.0.0';

/** A registry's format: OpenMetrics. */
export type OpenMetricsContentType = `${OpenMetricsMIME}; version=${OpenMetricsVersion}; charset=${Charset}`;
/** A registry's format: text. */
export type PrometheusContentType =
  `${PrometheusMIME}; version=${PrometheusMetricsVersion}; charset=${Charset}`;
/** The formats that a registry can have. */
export type RegistryContentType = PrometheusContentType | OpenMetricsContentType;

/** The `Content-Type` of the text format 0.0.4. */
export const prometheusContentType: PrometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';
/** The `Content-Type` of OpenMetrics 1.0.0. */
export const openMetricsContentType: OpenMetricsContentType =
  'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** @throws an error of the class `kind` if the value is neither of the two formats */
export function checkContentType(
  given: unknown,
  kind: new (message: string) => Error,
): asserts given is RegistryContentType {
  if (given === prometheusContentType || given === openMetricsContentType) return;
  throw misuse(kind, `Content type ${String(given)} is unsupported`, {
    code: 'PLUGIN_BAD_CONTENT_TYPE',
    fix: 'Use Registry.PROMETHEUS_CONTENT_TYPE or Registry.OPENMETRICS_CONTENT_TYPE.',
  });
}
