/** One page of a list that is sorted by name. */
export interface Page<T> {
  readonly items: readonly T[];
  /** What to give as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

/**
 * The items after a name, at most `limit` of them. A page begins behind a name and not at a number, so items that
 * come and go between two pages neither repeat nor hide others.
 */
export function pageOf<T extends { readonly name: string }>(
  items: readonly T[],
  { after, limit }: { readonly after: string | undefined; readonly limit: number | undefined },
): Page<T> {
  const sorted = items.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const rest = after === undefined ? sorted : sorted.filter(({ name }) => name > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return last && page.length < rest.length ? { items: page, next: last.name } : { items: page };
}
