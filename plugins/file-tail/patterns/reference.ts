import type { Captures } from './extractor.ts';

/** Where a name's text is found: a group of `match`, or a field of the log format. */
export interface Reference {
  readonly origin: 'captures' | 'fields';
  /** Several where alternatives of an expression share a name. */
  readonly indices: readonly number[];
}

/** Reads a text; undefined where the line does not have it. */
export type Read = (captures: Captures, fields: Captures) => string | undefined;

export function reading({ origin, indices }: Reference): Read {
  const [first = 0, ...others] = indices;
  if (origin === 'fields') return (_, fields) => fields[first];
  if (others.length === 0) return (captures) => captures[first];
  return (captures) => {
    for (const index of indices) {
      const text = captures[index];
      if (text !== undefined) return text;
    }
    return undefined;
  };
}
