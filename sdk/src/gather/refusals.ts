import type { ErrorInfo } from '../errors.ts';
import type { SeriesSource } from '../registry/source.ts';
import type { Limit, Limits } from './limits.ts';
import type { Problems } from './problems.ts';

/** How many refused series of one gather are looked at, and how many label values of those that are kept. */
const MOST_REFUSED = 10_000;
const MOST_KEPT = 100_000;
const MOST_SHOWN = 60;
/** Longer values are counted, and not kept: one of them stands for all. */
const LONG_VALUE = 256;

/** The label that takes most of the room. */
interface Culprit {
  readonly source: SeriesSource;
  readonly label: string;
  readonly values: number;
  /** Characters of all its different values. */
  readonly text: number;
  readonly example: string;
}

/** Values of one label that were refused. */
interface RefusedValues {
  readonly short: Set<string>;
  /** How many long ones came, be they different or not, and their characters. */
  long: number;
  text: number;
  example: string;
}

/** Examples that were given last, by limit: the same words as long as the label is the same. */
export type Examples = Map<Limit, { readonly of: string; readonly text: string }>;

/** What one gather had no room for, and which label is to blame: bounded work and memory, however much was refused. */
export class Refusals {
  readonly #lines: Record<Limit, number> = { series: 0, bytes: 0 };
  readonly #values = new Map<SeriesSource, readonly RefusedValues[]>();
  #left = MOST_REFUSED;

  /** `labels` are those of a series that its source does not have. */
  note(
    limit: Limit,
    lines: number,
    refused?: { readonly source: SeriesSource; readonly labels: Readonly<Record<string, string>> },
  ): void {
    this.#lines[limit] += lines;
    if (refused === undefined || --this.#left < 0) return;
    const { source, labels } = refused;
    let values = this.#values.get(source);
    if (values === undefined) {
      values = source.labelNames.map(() => ({ short: new Set(), long: 0, text: 0, example: '' }));
      this.#values.set(source, values);
    }
    for (const [i, name] of source.labelNames.entries()) note(values[i], labels[name] as string);
  }

  /** Adds an error for each limit that was hit. */
  report(problems: Problems, limits: Limits, sources: readonly SeriesSource[], examples: Examples): void {
    for (const limit of ['series', 'bytes'] as const) {
      const lines = this.#lines[limit];
      if (lines === 0) {
        examples.delete(limit);
        continue;
      }
      problems.add('limit', limit, () => this.#error(limit, limits, sources, examples), lines);
    }
  }

  #error(limit: Limit, limits: Limits, sources: readonly SeriesSource[], examples: Examples): ErrorInfo {
    const culprit = this.#culprit(limit, sources);
    const blame = culprit === undefined ? '' : `: ${describe(limit, culprit, sources.length, examples)}`;
    const what =
      limit === 'series' ? `${grouped(limits.maxSeries ?? 0)} series` : inBytes(limits.maxBytes ?? 0);
    return {
      code: limit === 'series' ? 'LIMIT_SERIES' : 'LIMIT_BYTES',
      class: 'config',
      message: `More than ${what}; what was there first is kept${blame}.`,
      fix: `Drop the label or what is not needed with relabel, or raise max_${limit}.`,
    };
  }

  #culprit(limit: Limit, sources: readonly SeriesSource[]): Culprit | undefined {
    let worst: Culprit | undefined;
    const share = Math.ceil(MOST_KEPT / Math.max(1, sources.length));
    for (const source of new Set([...this.#values.keys(), ...sources])) {
      const kept = source.labelValues(share);
      source.labelNames.forEach((label, i) => {
        const refused = this.#values.get(source)?.[i];
        const short = new Set([...(refused?.short ?? []), ...(kept[i] ?? [])]);
        let text = refused?.text ?? 0;
        let example = refused?.example ?? '';
        for (const value of short) {
          text += value.length;
          // Of the text that takes the room, the longest says most.
          if (example === '' || (limit === 'bytes' && value.length > example.length)) example = value;
        }
        const one: Culprit = { source, label, values: short.size + (refused?.long ?? 0), text, example };
        const isWorse = limit === 'series' ? one.values > (worst?.values ?? 0) : text > (worst?.text ?? 0);
        if (isWorse) worst = one;
      });
    }
    return worst;
  }
}

function note(values: RefusedValues | undefined, value: string): void {
  if (values === undefined) return;
  if (value.length <= LONG_VALUE) {
    values.short.add(value);
    return;
  }
  values.long++;
  values.text += value.length;
  if (values.example === '') values.example = value;
}

function describe(limit: Limit, culprit: Culprit, metrics: number, examples: Examples): string {
  const { source, label, values, text, example } = culprit;
  const { name } = source.descriptor;
  if (limit === 'series' && values < metrics) return `there are ${roughly(metrics)} metrics, such as ${name}`;
  const of = `${name} ${label}`;
  const known = examples.get(limit);
  const shown = known?.of === of ? known.text : shorten(example);
  examples.set(limit, { of, text: shown });
  const count = limit === 'series' ? `${roughly(values)} values` : `${roughly(text)} characters`;
  return `label "${label}" of ${name} has ${count}, such as ${shown}`;
}

/**
 * To one digit, so that the error of a label that goes on growing does not read otherwise at each collect: it
 * would be logged anew each time.
 */
function roughly(count: number): string {
  if (count < 10) return String(count);
  const unit = 10 ** (String(count).length - 1);
  return `${grouped(Math.floor(count / unit) * unit)} or more`;
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

const inBytes = (bytes: number): string => `${grouped(bytes)} bytes of exposition`;

const shorten = (text: string): string =>
  JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);
