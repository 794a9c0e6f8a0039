import { createHash } from 'node:crypto';
import { FAMILIES } from './mix-a.ts';

/**
 * The series and values of mix A in an exposition, as "N series, HASH": the same whatever the order of
 * families, series and labels is, however numbers are written, and whatever else is exposed.
 * @throws if there is another number of series: equal digests of nothing would say nothing
 */
export function digestOf(exposition: Buffer, expectedSeries: number): string {
  const wanted = new Set(FAMILIES.map(({ name }) => name));
  const series: string[] = [];
  for (const line of exposition.toString().split('\n')) {
    const parts = /^(\w+)\{(.*)\} (\S+)$/.exec(line);
    if (!parts || !wanted.has(parts[1] ?? '')) continue;
    const labels = [...(parts[2] ?? '').matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([pair]) => pair);
    // The agent adds the label `resource` to all that it exposes.
    const own = labels.filter((pair) => !pair.startsWith('resource=')).sort();
    series.push(`${parts[1]}{${own}} ${Number(parts[3])}`);
  }
  if (series.length !== expectedSeries) {
    throw new Error(`The exposition holds ${series.length} series of mix A instead of ${expectedSeries}.`);
  }
  const hash = createHash('sha256').update(series.sort().join('\n')).digest('hex');
  return `${series.length} series, ${hash.slice(0, 12)}`;
}
