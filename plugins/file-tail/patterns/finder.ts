import type { Captures } from './extractor.ts';
import { ownText } from './label-text.ts';
import { type Reference, reading } from './reference.ts';
import type { BoundedSeries } from './series.ts';

/** Where a label comes from: a text of the line, made into a label by `textOf` if it is there; or a constant. */
export type LabelPlan =
  | { readonly from: Reference; readonly textOf: ((text: string) => string) | undefined }
  | { readonly constant: string };

export type FindSeries<C> = (captures: Captures, fields: Captures) => C;

/** Combinations of texts that are remembered with their series; what they stand for is found anew after that many others. */
const MAX_REMEMBERED = 4096;
const MAX_REMEMBERED_LENGTH = 256;

type Level<C> = Map<string, Level<C> | C>;

/** Finds the series that a line belongs to: for texts that were seen before, by one look-up for each. */
export function seriesFinder<C>(labels: readonly LabelPlan[], series: BoundedSeries<C>): FindSeries<C> {
  const varying = labels.filter((label) => 'from' in label);
  const readers = varying.map(({ from }) => reading(from));
  const root: Level<C> = new Map();
  let remembered = 0;

  /** Keeps the series of these texts, unless a limit had its say: each line that it affects is counted. */
  const remember = (texts: readonly string[], found: C): void => {
    if (series.replaced || texts.some((text) => text.length > MAX_REMEMBERED_LENGTH)) return;
    if (remembered >= MAX_REMEMBERED) {
      root.clear();
      remembered = 0;
    }
    let level = root;
    const last = texts.length - 1;
    for (let i = 0; i < last; i++) {
      const text = texts[i] as string;
      let next = level.get(text) as Level<C> | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(ownText(text), next);
      }
      level = next;
    }
    level.set(ownText(texts[last] as string), found);
    remembered++;
  };

  const findNew: FindSeries<C> = (captures, fields) => {
    const texts = readers.map((read) => read(captures, fields) ?? '');
    let at = 0;
    const values = labels.map((label) => {
      if ('constant' in label) return label.constant;
      const text = texts[at++] as string;
      return label.textOf ? label.textOf(text) : text;
    });
    const found = series.find(values);
    remember(texts, found);
    return found;
  };

  if (varying.length === 0) {
    let only: C | undefined;
    return () => {
      only ??= series.find(labels.map((label) => ('constant' in label ? label.constant : '')));
      return only;
    };
  }
  const indices = varying.map(({ from }) => from.indices[0] as number);
  if (varying.every(({ from }) => from.origin === 'captures' && from.indices.length === 1)) {
    const find = byIndex(indices, root);
    if (find) return (captures, fields) => find(captures) ?? findNew(captures, fields);
  }
  if (varying.every(({ from }) => from.origin === 'fields')) {
    const find = byIndex(indices, root);
    if (find) return (captures, fields) => find(fields) ?? findNew(captures, fields);
  }
  return (captures, fields) => {
    let level: Level<C> | C | undefined = root;
    for (const read of readers) {
      level = (level as Level<C>).get(read(captures, fields) ?? '');
      if (level === undefined) return findNew(captures, fields);
    }
    return level as C;
  };
}

/** Written out for the usual numbers of labels: a loop takes twice as long. */
function byIndex<C>(
  indices: readonly number[],
  root: Level<C>,
): ((texts: Captures) => C | undefined) | undefined {
  const [a = 0, b = 0, c = 0] = indices;
  switch (indices.length) {
    case 1:
      return (texts) => root.get(texts[a] ?? '') as C | undefined;
    case 2:
      return (texts) => {
        const second = root.get(texts[a] ?? '') as Level<C> | undefined;
        return second?.get(texts[b] ?? '') as C | undefined;
      };
    case 3:
      return (texts) => {
        const second = root.get(texts[a] ?? '') as Level<C> | undefined;
        const third = second?.get(texts[b] ?? '') as Level<C> | undefined;
        return third?.get(texts[c] ?? '') as C | undefined;
      };
    default:
      return undefined;
  }
}
