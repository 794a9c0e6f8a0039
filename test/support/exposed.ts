import { type MetricCollector, Registry } from '../../sdk/src/registry/registry.ts';

export interface Exposed {
  /** In the text format. */
  readonly text: string;
  /** Values by the line's beginning: `requests_total{code="200"}`; labels are sorted by name. */
  readonly series: Readonly<Record<string, number>>;
}

/** What a scrape of a registry shows, or of one in which only this collector is. What would be left out is an error. */
export function exposed(source: MetricCollector): Exposed {
  const registry = source instanceof Registry ? source : new Registry();
  if (registry !== source) registry.register(source);
  const exposition = registry.expose();
  const [error] = exposition.errors;
  if (error) throw new Error(error.message);
  const text = exposition.toBuffer().toString();
  exposition.done();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return {
    text,
    series: Object.fromEntries(
      lines.map((line) => {
        const end = line.lastIndexOf(' ');
        return [line.slice(0, end), Number(line.slice(end + 1).replace('Inf', 'Infinity'))];
      }),
    ),
  };
}
