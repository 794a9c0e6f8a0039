import { computed, signal } from '@preact/signals';
import { type Filter, formatFilter, parseFilter } from './model/filter.ts';

/** The page's address: `#/?FILTER` is the list, `#/resources/NAME` one resource. */
export type Route =
  | { readonly kind: 'list'; readonly filter: Filter }
  | { readonly kind: 'resource'; readonly name: string };

const RESOURCE = /^#\/resources\/(.+)$/;

function parse(hash: string): Route {
  const name = RESOURCE.exec(hash)?.[1];
  if (name === undefined) return { kind: 'list', filter: parseFilter(/\?(.*)$/.exec(hash)?.[1] ?? '') };
  try {
    return { kind: 'resource', name: decodeURIComponent(name) };
  } catch {
    return { kind: 'resource', name };
  }
}

const hash = signal(location.hash);
export const route = computed(() => parse(hash.value));

/** Where in the list somebody was who opened a resource. */
let listScroll = 0;
export const savedListScroll = (): number => listScroll;

window.addEventListener('hashchange', () => {
  if (route.peek().kind === 'list') {
    listScroll = scrollY;
    listHash = hash.peek() || '#/';
  }
  hash.value = location.hash;
});
history.scrollRestoration = 'manual';

/** The list as it was filtered last: where the way back leads. */
let listHash = '#/';
export const linkToList = (): string => listHash;

export const linkTo = (name: string): string => `#/resources/${encodeURIComponent(name)}`;

/** Changes the filter in place: each letter of a search is no step in the browser's history. */
export function setFilter(change: Partial<Filter>): void {
  const { value } = route;
  const filter = { ...(value.kind === 'list' ? value.filter : parseFilter('')), ...change };
  const query = formatFilter(filter);
  const next = query === '' ? '#/' : `#/?${query}`;
  if (value.kind === 'list') {
    history.replaceState(null, '', next);
    hash.value = next;
  } else {
    location.hash = next;
  }
}
