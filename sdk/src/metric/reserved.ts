import type { MetricType } from './descriptor.ts';

/**
 * Names that a family keeps others from using, because its lines have them or OpenMetrics calls it so:
 * `_bucket`, `_sum`, `_count`, `_created`, and a counter's or info's name without its ending.
 */
export function reservedNames({
  name,
  type,
}: {
  readonly name: string;
  readonly type: MetricType;
}): string[] {
  if (type === 'summary') return [`${name}_sum`, `${name}_count`, `${name}_created`];
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`, `${name}_created`];
  if (type === 'counter' && name.endsWith('_total')) {
    const family = name.slice(0, -'_total'.length);
    return [family, `${family}_created`];
  }
  if (type === 'info' && name.endsWith('_info')) return [name.slice(0, -'_info'.length)];
  return [];
}
