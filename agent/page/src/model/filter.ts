import { GROUPS, type Group } from './condition.ts';
import { type Row, type Rows, worstFirst } from './rows.ts';

export interface Filter {
  readonly show: Group | 'overridden' | undefined;
  readonly plugin: string | undefined;
  readonly search: string;
}

/** How many resources each choice would show. */
export type Counts = Readonly<Record<Group | 'overridden' | 'all', number>>;

/** A filter as the address has it, so that a view can be sent to somebody. */
export function parseFilter(query: string): Filter {
  const values = new URLSearchParams(query);
  const show = values.get('show');
  return {
    show: show === 'overridden' ? show : GROUPS.find((group) => group === show),
    plugin: values.get('plugin') ?? undefined,
    search: values.get('search') ?? '',
  };
}

export function formatFilter({ show, plugin, search }: Filter): string {
  const values = new URLSearchParams();
  if (show) values.set('show', show);
  if (plugin !== undefined) values.set('plugin', plugin);
  if (search !== '') values.set('search', search);
  return values.toString();
}

/** Every word has to occur: in the name, the plugin, the condition, an error, or why and by whom it is overridden. */
function matches({ status, condition }: Row, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { name, plugin, host, errors, override } = status;
  const texts = [name, plugin, host, condition.word, override?.reason ?? '', override?.by ?? ''];
  for (const { code, message } of errors) texts.push(code, message);
  const text = texts.join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

const isShown = ({ status, condition }: Row, show: Filter['show']): boolean =>
  show === undefined || (show === 'overridden' ? status.override !== undefined : condition.group === show);

/** The rows that a filter leaves, worst first, and what the other choices of `show` would leave. */
export function selectRows(rows: Rows, filter: Filter): { shown: readonly Row[]; counts: Counts } {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const counts = { all: 0, overridden: 0, broken: 0, opening: 0, degraded: 0, up: 0, disabled: 0 };
  const shown: Row[] = [];
  for (const row of rows.values()) {
    if (filter.plugin !== undefined && row.status.plugin !== filter.plugin) continue;
    if (!matches(row, words)) continue;
    counts.all++;
    counts[row.condition.group]++;
    if (row.status.override) counts.overridden++;
    if (isShown(row, filter.show)) shown.push(row);
  }
  return { shown: shown.sort(worstFirst), counts };
}

export const pluginsOf = (rows: Rows): string[] =>
  [...new Set([...rows.values()].map(({ status }) => status.plugin))].sort();
