import type { Sample } from '../metric/sample.ts';

/** A sample's labels as the text format writes them, sorted by name. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0
    ? ''
    : `{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}}`;
}

/** What only goes up, by line as it is exposed: counters, and the count of histograms and summaries. */
export function totalsOf(samples: Iterable<Sample>): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { descriptor, value, labels } of samples) {
    const { name, type } = descriptor;
    const block = labelText(labels);
    if (type === 'counter' && typeof value === 'number') totals.set(name + block, value);
    const count = countOf(value);
    if (count !== undefined) totals.set(`${name}_count${block}`, count);
  }
  return totals;
}

/** How many observations a histogram or a summary has seen; `undefined` for any other value. */
export function countOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { counts, count, native } = value as { counts?: unknown; count?: unknown; native?: unknown };
  if (typeof count === 'number') return count;
  if (Array.isArray(counts) && counts.length > 0) {
    return counts.reduce((total: number, each) => total + Number(each), 0);
  }
  return countOf(native);
}

/** How much each line grew; those that are in one of them only are left out. */
export function growth(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Map<string, number> {
  const grown = new Map<string, number>();
  for (const [line, value] of after) {
    const old = before.get(line);
    if (old !== undefined) grown.set(line, value - old);
  }
  return grown;
}
