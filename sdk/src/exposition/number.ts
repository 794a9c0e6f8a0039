/** The longest that a value can be: `-2.2250738585072014e-308`. */
export const MAX_VALUE_BYTES = 24;

/**
 * A value as Go's `strconv.FormatFloat(v, 'g', -1, 64)` prints it, which is what client_golang and
 * Prometheus write: the shortest digits that read back the same, with an exponent from 1e+06 upwards
 * and below 1e-04.
 */
export function formatValue(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < 1e6 && magnitude >= 1e-4) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (magnitude === Number.POSITIVE_INFINITY) return value > 0 ? '+Inf' : '-Inf';
  if (Number.isNaN(value)) return 'NaN';
  const text = value.toExponential();
  // Go writes at least two digits of exponent.
  return text.length > 3 && /e[+-]\d$/.test(text) ? `${text.slice(0, -1)}0${text.slice(-1)}` : text;
}

/** A value as OpenMetrics wants it: where nothing else tells that it is no integer, `.0` does. */
export function formatOpenMetricsValue(value: number): string {
  const text = formatValue(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

export function writeValue(bytes: Uint8Array, at: number, value: number): number {
  return writeAscii(bytes, at, formatValue(value));
}

export function writeOpenMetricsValue(bytes: Uint8Array, at: number, value: number): number {
  return writeAscii(bytes, at, formatOpenMetricsValue(value));
}

function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
